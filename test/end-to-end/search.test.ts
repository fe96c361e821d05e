import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder, runToEnd, serve } from '../support/executable.ts';

const ENTRIES = [
  {
    level: 'ERROR',
    message: 'connection reset by peer',
    client_id: 'web-1',
    timestamp: '2026-11-20T10:00:00Z',
    fields: { status: 502 },
  },
  { level: 'INFO', message: 'connection opened', client_id: 'web-2', timestamp: '2026-11-20T11:00:00Z' },
  { level: 'ERROR', message: 'disk is full \u001b[31m\nreally', client_id: 'db-1', timestamp: '2026-11-20T09:00:00Z' },
];

test('logd search finds the same over a server and straight in its folder, running or stopped', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  await fetch(`${server.url}/logs`, {
    method: 'POST',
    body: JSON.stringify(ENTRIES),
    headers: { 'content-type': 'application/json' },
  });
  const folder = ['--data', join(cwd, 'data')];
  const cases: [args: string[], stdout: string | RegExp][] = [
    [['level:error', '--count'], '2\n'],
    [['connection', '--count', '--since', '2026-11-20T10:30:00Z'], '1\n'],
    [['nothing like it'], ''],
    [['status:502'], '2026-11-20 10:00:00,000 ERROR    web-1 connection reset by peer\n'],
    [['client:db-*'], '2026-11-20 09:00:00,000 ERROR    db-1 disk is full \\x1b[31m\\nreally\n'],
    [['connection'], /reset by peer\n.*opened\n$/],
    [['connection', '--limit', '1'], /^[^\n]*opened\n$/],
    [['level:error', '--json'], /^\{"uuid".*disk is full.*\}\n\{"uuid".*"status":502.*\}\n$/],
  ];
  const check = async (where: string[]) => {
    for (const [args, wanted] of cases) {
      const { code, stdout, stderr } = await runToEnd(['search', ...args, ...where], { cwd });
      assert.equal(code, 0, stderr);
      if (typeof wanted === 'string') assert.equal(stdout, wanted);
      else assert.match(stdout, wanted);
    }
  };
  await check(['--server', server.url]);
  await check(folder);
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  await check(folder);
});

test('logd search: wrong usage exits with 2, a server or folder that is not there with 1', async (t) => {
  const cwd = await emptyFolder(t);
  const cases: [args: string[], code: number, says: RegExp][] = [
    [['level:blue'], 2, /at position 7/],
    [['x', '--since', 'whenever'], 2, /--since: time must be/],
    [['x', '--count', '--json'], 2, /cannot be used with/],
    [['x', '--server', 'http://127.0.0.1:1'], 1, /cannot reach http:\/\/127\.0\.0\.1:1/],
    [['x', '--data', join(cwd, 'nothing')], 1, /nothing/],
    [[], 2, /missing required argument 'query'/],
  ];
  for (const [args, code, says] of cases) {
    const ended = await runToEnd(['search', ...args], { cwd });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
    assert.equal(ended.stdout, '');
  }
});
