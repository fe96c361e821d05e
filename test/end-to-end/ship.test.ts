import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { entriesIn, readStream } from '../support/events.ts';
import { allEntries, emptyFolder, run, runToEnd, serve } from '../support/executable.ts';

const LOGHUB = fileURLToPath(new URL('../../../shared/data/loghub/', import.meta.url));
const skipLoghub = existsSync(LOGHUB) ? false : 'no ../shared/data beside the checkout';

/** Arguments: the whole file, until all of it is acknowledged. */
function shipOnce(url: string, path: string, cwd: string): string[] {
  const where = ['--server', url, '--state', join(cwd, 'agent')];
  return ['ship', ...where, '--source', 'file', '--path', path, '--from', 'start', '--once'];
}

/** What a reader of the file sees as its lines. */
async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '');
}

for (const name of ['Linux_2k.log', 'OpenSSH_2k.log']) {
  test(`${name}: arrives line for line, once`, { skip: skipLoghub }, async (t) => {
    const cwd = await emptyFolder(t);
    await using server = await serve([], { cwd });
    const path = join(LOGHUB, name);
    const args = shipOnce(server.url, path, cwd);
    for (let round = 0; round < 2; round++) {
      const { code, stderr } = await runToEnd(args, { cwd });
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        (await allEntries(server.url)).map(({ message }) => message),
        await linesOf(path),
      );
    }
  });
}

test('each line arrives once and in order although the server is killed again and again meanwhile', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'numbers.log');
  const lines = Array.from(
    { length: 60_000 },
    (_, index) => `line ${index} of a file that is shipped while the server dies`,
  );
  await writeFile(path, `${lines.join('\n')}\n`);
  let server = await serve([], { cwd });
  const { port, url } = server;
  await using agent = run(shipOnce(url, path, cwd), { cwd });
  const ended = agent.ended(100_000);
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  for (let round = 0; round < 5 && !isOver; round++) {
    // Somewhere in the middle of its work, which begins with the first entry that arrives.
    using viewer = await readStream(`${url}/stream-logs?batch=1`);
    await Promise.race([viewer.until((events) => entriesIn(events).length > round * 997, 60_000), ended]);
    await server.kill();
    server = await serve([], { cwd, port });
  }
  assert.equal(await ended, 0, agent.stderr());
  assert.deepEqual(
    (await allEntries(url)).map(({ message }) => message),
    lines,
  );
  await server.kill();
});

test('each line arrives once and in order although the agent is killed again and again meanwhile', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'numbers.log');
  const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index} of a file whose agent dies`);
  await writeFile(path, `${lines.join('\n')}\n`);
  await using server = await serve([], { cwd });
  const args = shipOnce(server.url, path, cwd);
  for (let round = 0; round < 6; round++) {
    await using agent = run(args, { cwd });
    using viewer = await readStream(`${server.url}/stream-logs?batch=1`);
    await Promise.race([viewer.until((events) => entriesIn(events).length > 500 * round, 30_000), agent.ended(60_000)]);
    await agent.kill();
  }
  const { code, stderr } = await runToEnd(args, { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    (await allEntries(server.url)).map(({ message }) => message),
    lines,
  );
});

test('a line written to a followed file is in the live stream within a second', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'app.log');
  await writeFile(path, 'before the agent came\n');
  await using server = await serve([], { cwd });
  using viewer = await readStream(`${server.url}/stream-logs`);
  await using agent = run(
    ['ship', '--server', server.url, '--source', 'file', '--path', path, '--state', join(cwd, 'agent')],
    { cwd },
  );
  await agent.printed(path);
  for (let round = 1; round <= 3; round++) {
    const started = performance.now();
    await appendFile(path, `line ${round}\n`);
    await viewer.until((events) => entriesIn(events).some(({ message }) => message === `line ${round}`));
    assert.ok(performance.now() - started < 1_000, `it took ${Math.round(performance.now() - started)} ms`);
  }
  assert.ok(
    !entriesIn(viewer.events).some(({ message }) => message === 'before the agent came'),
    '--from end is the default',
  );
  const stopped = performance.now();
  agent.child.kill('SIGTERM');
  assert.equal(await agent.ended(), 0);
  assert.ok(performance.now() - stopped < 5_000);
});

test('syslog: lines come as `Syslog | <line>` of LinuxClient_<hostname>, with their own time and level', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'syslog');
  await writeFile(
    path,
    '2026-03-01T10:00:00.123456+00:00 web-1 sshd[42]: error: connection reset\n<12>Mar  1 10:00:01 web-1 app: careful\n',
  );
  await using server = await serve([], { cwd });
  const args = [
    'ship',
    '--server',
    server.url,
    '--source',
    'syslog',
    '--path',
    path,
    '--from',
    'start',
    '--once',
    '--state',
    join(cwd, 'agent'),
  ];
  assert.equal((await runToEnd(args, { cwd })).code, 0);
  const [first, second] = await allEntries(server.url);
  assert.equal(first?.message, 'Syslog | 2026-03-01T10:00:00.123456+00:00 web-1 sshd[42]: error: connection reset');
  assert.equal(first?.timestamp_str, '2026-03-01 10:00:00,123');
  assert.equal(first?.log_level, 'ERROR');
  assert.match(first?.client_id ?? '', /^LinuxClient_./);
  assert.equal(second?.log_level, 'WARNING');
});

test('simulate: the same seed sends the same entries, ending with the line that says goodbye', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  const simulate = (state: string) =>
    runToEnd(
      [
        'ship',
        '--server',
        server.url,
        '--source',
        'simulate',
        '--count',
        '20',
        '--rate',
        '0',
        '--seed',
        '7',
        '--once',
        '--state',
        join(cwd, state),
      ],
      { cwd },
    );
  assert.equal((await simulate('one')).code, 0);
  assert.equal((await simulate('two')).code, 0);
  const sent = (await allEntries(server.url)).map(({ message, client_id, log_level }) => [
    client_id,
    log_level,
    message,
  ]);
  const half = sent.length / 2;
  assert.ok(half >= 20);
  assert.deepEqual(sent.slice(0, half), sent.slice(half));
  assert.match(sent[0]?.[0] ?? '', /^Client_\d{4}$/);
  assert.deepEqual(sent[half - 1]?.slice(1), ['INFO', 'Client application shutting down.']);
});

test('a log file that cannot be read: one clear line, the other sources go on', async (t) => {
  const cwd = await emptyFolder(t);
  await writeFile(join(cwd, 'good.log'), 'good line\n');
  await using server = await serve([], { cwd });
  // A folder where a file is expected cannot be read by anybody, root neither.
  const { stderr } = await runToEnd(
    [
      'ship',
      '--server',
      server.url,
      '--source',
      'file',
      '--path',
      '/proc/self/mem',
      '--path',
      join(cwd, 'good.log'),
      '--from',
      'start',
      '--once',
      '--state',
      join(cwd, 'agent'),
    ],
    { cwd },
  );
  assert.match(stderr, /cannot read .*\/proc\/self\/mem/);
  assert.ok((await allEntries(server.url)).some(({ message }) => message === 'good line'));
});

test('a second agent on the same state folder is refused with a clear line', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  await writeFile(join(cwd, 'a.log'), '');
  const args = [
    'ship',
    '--server',
    server.url,
    '--source',
    'file',
    '--path',
    join(cwd, 'a.log'),
    '--state',
    join(cwd, 'agent'),
  ];
  await using first = run(args, { cwd });
  await first.printed('a.log');
  const second = await runToEnd(args, { cwd });
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`\\b${first.child.pid}\\b`));
});
