import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

test('dashboard: lines for a pipe do not wait for the terminal library', async () => {
  const command = fileURLToPath(new URL('../../src/cli/commands/tail.ts', import.meta.url));
  const script = `
    await import(${JSON.stringify(command)});
    const loaded = Object.keys((await import('node:module')).default._cache).filter((file) => /[\\\\/]blessed/.test(file));
    process.stdout.write(JSON.stringify(loaded));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(stdout, '[]');
});
