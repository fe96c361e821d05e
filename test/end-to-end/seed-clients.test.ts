import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { entriesIn, readStream } from '../support/events.ts';
import { allEntries, EXECUTABLE, emptyFolder, serve } from '../support/executable.ts';

const execute = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const hasRequests = await execute(PYTHON, ['-c', 'import requests']).then(
  () => true,
  () => false,
);
const skip = hasRequests ? false : 'python3-requests is not installed';
/** The expression with which the clients' other half has always read the file. */
const LINE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - \[(\w+)\] - \[([^\]]+)\] - \[ID:([0-9a-fA-F-]{36})\] - (.*)$/;

test('the clients of the first logd run unchanged: two viewers see all, the file reads as ever, kill -9 takes nothing', {
  skip,
}, async (t) => {
  const cwd = await emptyFolder(t);
  await using first = await serve([], { cwd });
  using one = await readStream(`${first.url}/stream-logs`);
  using two = await readStream(`${first.url}/stream-logs`);
  const script = fileURLToPath(new URL('seed-clients.py', import.meta.url));
  const { stdout } = await execute(PYTHON, [script, first.url]);
  const ids: string[] = JSON.parse(stdout);
  for (const viewer of [one, two]) {
    await viewer.until((events) => entriesIn(events).length === ids.length);
    assert.deepEqual(
      entriesIn(viewer.events).map(({ uuid }) => uuid),
      ids,
    );
  }
  const before = await allEntries(first.url);
  assert.deepEqual(
    before.map(({ uuid }) => uuid),
    ids,
  );
  assert.match(before.at(-1)?.message ?? '', /C:\\xampp\\x41\ttab \{"a":1\}\t\{"b":2\}$/);
  const stats = (await (await fetch(`${first.url}/api/log_stats`)).json()) as Record<string, number>;
  assert.deepEqual([stats.INFO, stats.WARNING, stats.ERROR], [5, 1, 1]);
  for (const act of ['pin', 'ticket']) await fetch(`${first.url}/api/logs/${ids[2]}/${act}`, { method: 'POST' });
  await fetch(`${first.url}/api/logs/${ids[3]}/delete`, { method: 'POST' });

  const heads = (await readFile(join(cwd, 'data', 'app.log'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('\t'));
  assert.deepEqual(
    heads.map((line) => LINE.exec(line)?.[4]),
    ids,
  );

  await first.kill();
  await using second = await serve([], { cwd });
  const after = await allEntries(second.url);
  assert.deepEqual(
    after.map(({ uuid }) => uuid),
    ids.filter((id) => id !== ids[3]),
  );
  const { tickets } = (await (await fetch(`${second.url}/api/tickets`)).json()) as {
    tickets: { uuid: string; is_pinned: boolean }[];
  };
  assert.deepEqual(
    tickets.map(({ uuid, is_pinned }) => [uuid, is_pinned]),
    [[ids[2], true]],
  );
});

const SHARED_CHECK = fileURLToPath(new URL('../../../shared/checks/seed-clients', import.meta.url));
test('the check of the contract that lies beside the checkout holds', {
  skip: skip || (existsSync(SHARED_CHECK) ? false : 'no ../shared/checks beside the checkout'),
}, async () => {
  const { stdout } = await execute('bash', [SHARED_CHECK, EXECUTABLE]);
  assert.match(stdout, /the seed's contract holds/);
});
