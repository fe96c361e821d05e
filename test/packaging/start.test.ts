/**
 * `npm start`, from the point where all is installed and built.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyFolder } from '../support/executable.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const READY = /^logd listening on (\S+)/;

/** Runs it in a folder of its own, so that data and state lie there. */
function start(cwd: string, args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const { npm_lifecycle_event: _, ...env } = process.env;
  const child = spawn(process.execPath, [START, ...args], {
    cwd,
    env: { ...env, LOGD_SOURCE: 'simulate', LOGD_CLIENT_ID: 'started', LOGD_STATE: `${cwd}/agent` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return child;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`start: server and agent run, the agent's entries arrive, and ${signal} ends both with exit code 0`, async (t) => {
    const cwd = await emptyFolder(t);
    const child = start(cwd, ['--port', '0', '--data', 'data']);
    const ended = once(child, 'exit');
    t.after(() => child.kill('SIGKILL'));
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url ||= READY.exec(line)?.[1] ?? '';
      if (line.includes('Ctrl-C stops both')) break;
    }
    const stream = await fetch(`${url}/stream-logs`, { signal: AbortSignal.timeout(20_000) });
    for await (const text of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (text.includes('"client_id":"started"')) break;
    }
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    await assert.rejects(fetch(url), 'the server is gone');
  });
}

test('start: on a busy port the server says so in its own words, and its exit code is passed on', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === 'object' && address);
  const child = start(await emptyFolder(t), ['--port', String(address.port), '--data', 'data']);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  assert.deepEqual(await once(child, 'close'), [1, null]);
  assert.match(said, new RegExp(`${address.port}`));
});
