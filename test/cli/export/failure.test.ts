/**
 * An export that fails says so, whatever is quicker in taking away what it has written.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportCommand } from '../../../src/cli/commands/export.ts';
import { CommandError } from '../../../src/cli/exit.ts';
import { realFiles } from '../../../src/system/files.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('export: a server that is away is a failure, also when the file is closed before it is removed', async (t) => {
  const folder = temporaryFolder(t);
  const remove = realFiles.remove.bind(realFiles);
  t.mock.method(realFiles, 'remove', async (path: string) => {
    await sleep(50);
    await remove(path);
  });
  const command = exportCommand(() => {}).exitOverride();
  const args = ['--server', 'http://127.0.0.1:1', '--output', join(folder, 'all.jsonl')];
  await assert.rejects(
    command.parseAsync(args, { from: 'user' }),
    (error) => error instanceof CommandError && error.exitCode === 1 && /not whole/.test(error.message),
  );
  assert.deepEqual(readdirSync(folder), []);
});
