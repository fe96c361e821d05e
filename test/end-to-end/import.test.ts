import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { allEntries, emptyFolder, type Running, run, runToEnd, serve } from '../support/executable.ts';

/** An app.log as the first logd wrote it, with ids of version 4. */
function seedLog(count: number): { text: string; ids: readonly string[] } {
  const ids = Array.from({ length: count }, () => randomUUID());
  const lines = ids.map((id, number) => {
    const time = new Date(Date.UTC(2025, 4, 1, 10) + number * 10).toISOString().replace('T', ' ').replace('.', ',');
    return `${time.slice(0, 23)} - [${number % 5 === 0 ? 'ERROR' : 'INFO'}] - [Client_${1000 + (number % 7)}] - [ID:${id}] - message ${number}`;
  });
  return { text: `${lines.join('\n')}\n`, ids };
}

const idsOf = (entries: readonly { fields?: { id?: string } }[]) => entries.map(({ fields }) => fields?.id);
const allIds = async (url: string) => idsOf((await allEntries(url)) as { fields?: { id?: string } }[]);
const oneLine = (text: string) => text.trimEnd().split('\n').length === 1;

test('logd import: an app.log of the first logd arrives with times, ids and states, found by the old id everywhere', async (t) => {
  const cwd = await emptyFolder(t);
  const { text, ids } = seedLog(50);
  await writeFile(join(cwd, 'app.log'), `${text.trimEnd()}\nTraceback:\n  File "x.py"\n`);
  const [pinned = '', ticketed = '', deleted = ''] = ids;
  await writeFile(
    join(cwd, 'log_state.json'),
    JSON.stringify({
      ...Object.fromEntries(ids.map((id) => [id, { pinned: false, ticketed: false, deleted: false }])),
      [pinned]: { pinned: true, ticketed: false, deleted: false },
      [ticketed]: { pinned: false, ticketed: true, deleted: false },
      [deleted]: { pinned: false, ticketed: false, deleted: true },
    }),
  );
  await using server = await serve([], { cwd });
  const first = await runToEnd(['import', 'app.log', '--server', server.url], { cwd });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^50 entries imported; 3 states set \([\d.]+ s\)\n$/);
  const again = await runToEnd(['import', 'app.log', '--server', server.url], { cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^nothing new: all 50 entries were there already; 3 states there already/);

  const entries = await allEntries(server.url);
  assert.equal(entries.length, 49, 'the deleted one is not shown');
  assert.equal(entries[0]?.timestamp_str, '2025-05-01 10:00:00,000');
  assert.equal(entries.at(-1)?.message, 'message 49\nTraceback:\n  File "x.py"');
  const ask = async (query: string) => {
    const answer = await fetch(`${server.url}/api/logs?query=${encodeURIComponent(query)}`);
    return ((await answer.json()) as { logs: { message: string; is_pinned: boolean; is_ticket: boolean }[] }).logs;
  };
  assert.deepEqual(
    (await ask(`id:${ids[7]}`)).map(({ message }) => message),
    ['message 7'],
  );
  assert.deepEqual(
    (await ask('is:pinned')).map(({ message }) => message),
    ['message 0'],
  );
  assert.deepEqual(
    (await ask(`id:${deleted} is:deleted`)).map(({ message }) => message),
    ['message 2'],
  );
  const { tickets } = (await (await fetch(`${server.url}/api/tickets`)).json()) as { tickets: { message: string }[] };
  assert.deepEqual(
    tickets.map(({ message }) => message),
    ['message 1'],
  );
  const found = await runToEnd(['search', `id:${ids[7]}`, '--server', server.url], { cwd });
  assert.match(found.stdout, /^2025-05-01 10:00:00,070 INFO +Client_1000 message 7\n$/);
});

test('logd import and export: straight in a data folder, there and back, locked while a server runs', async (t) => {
  const cwd = await emptyFolder(t);
  const { text, ids } = seedLog(20);
  await writeFile(join(cwd, 'old.log.gz'), gzipSync(text));
  const first = await runToEnd(['import', 'old.log.gz', '--data', 'data'], { cwd });
  assert.match(first.stdout, /^20 entries imported/, first.stderr);
  const exported = await runToEnd(['export', '--data', 'data', '--format', 'text'], { cwd });
  await writeFile(join(cwd, 'new.log'), exported.stdout);
  await runToEnd(['import', 'new.log', '--data', 'other'], { cwd });
  const back = await runToEnd(['export', '--data', 'other', '--format', 'jsonl'], { cwd });
  const fields = back.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).fields);
  assert.deepEqual(
    fields.map((each) => each['id.before']),
    ids,
  );

  await using server = await serve([], { cwd });
  const locked = await runToEnd(['import', 'old.log.gz', '--data', 'data'], { cwd });
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, new RegExp(`in use by process ${server.child.pid}`));
  assert.ok(oneLine(locked.stderr), locked.stderr);
  const known = await runToEnd(['import', 'old.log.gz', '--server', server.url], { cwd });
  assert.match(
    known.stdout,
    /^nothing new: all 20 entries were there already/,
    'the server knows what the folder took',
  );
});

test('logd export: a file is there whole or not at all, and is not overwritten', async (t) => {
  const cwd = await emptyFolder(t);
  await writeFile(join(cwd, 'old.log'), seedLog(3).text);
  await runToEnd(['import', 'old.log', '--data', 'data'], { cwd });
  const args = ['export', 'level:info', '--data', 'data', '--output', 'out.csv'];
  const first = await runToEnd(args, { cwd });
  assert.equal(first.stdout, '2 entries exported to out.csv\n', first.stderr);
  assert.match(await readFile(join(cwd, 'out.csv'), 'utf8'), /^timestamp,log_level,.*\r\n(2025-05-01T.*\r\n){2}$/);
  const second = await runToEnd(args, { cwd });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /out\.csv is there already.*--force/);
  assert.equal((await runToEnd([...args, '--force'], { cwd })).code, 0);
  const gone = await runToEnd(['export', '--server', 'http://127.0.0.1:1', '--output', 'none.jsonl'], { cwd });
  assert.equal(gone.code, 1);
  assert.ok(oneLine(gone.stderr), gone.stderr);
  assert.deepEqual(
    (await readdir(cwd)).filter((name) => name.startsWith('none')),
    [],
  );
});

const COUNT = 120_000;

/** Once some of the entries are stored, and not yet all. */
async function underWay(url: string, importing: Running): Promise<void> {
  for (let count = 0; count === 0; await sleep(10)) {
    assert.equal(importing.child.exitCode, null, `it ended too soon: ${importing.stdout()}${importing.stderr()}`);
    const stats = (await (await fetch(`${url}/api/log_stats`)).json()) as Record<string, number>;
    count = Object.values(stats).reduce((sum, each) => sum + each, 0);
    if (count >= COUNT) assert.fail('all is stored before anything could be killed');
  }
}

test('logd import: killed in the middle, and run again, every line is stored once', async (t) => {
  const cwd = await emptyFolder(t);
  const { text, ids } = seedLog(COUNT);
  await writeFile(join(cwd, 'old.log'), text);
  await using server = await serve([], { cwd });
  const args = ['import', 'old.log', '--server', server.url];
  const killed = run(args, { cwd });
  await underWay(server.url, killed);
  await killed.kill();
  const stopped = run(args, { cwd });
  await sleep(300);
  await stopped.kill('SIGTERM');
  const last = await runToEnd(args, { cwd });
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(await allIds(server.url), ids);
});

test('logd import: killed while it writes into a data folder, and run again, every line is stored once', async (t) => {
  const cwd = await emptyFolder(t);
  const { text, ids } = seedLog(COUNT);
  await writeFile(join(cwd, 'old.log'), text);
  const args = ['import', 'old.log', '--data', 'data'];
  const log = join(cwd, 'data', 'app.log');
  const sizeNow = () =>
    stat(log).then(
      ({ size }) => size,
      () => 0,
    );
  const killed = run(args, { cwd });
  while ((await sizeNow()) === 0) await sleep(5);
  await killed.kill();
  const last = await runToEnd(args, { cwd });
  assert.equal(last.code, 0, last.stderr);
  await using server = await serve([], { cwd });
  assert.deepEqual(await allIds(server.url), ids);
});

test('logd import: waits for a server that is killed in the middle, and every line is stored once', async (t) => {
  const cwd = await emptyFolder(t);
  const { text, ids } = seedLog(COUNT);
  await writeFile(join(cwd, 'old.log'), text);
  const first = await serve([], { cwd });
  await using importing = run(['import', 'old.log', '--server', first.url], { cwd });
  await underWay(first.url, importing);
  await first.kill();
  await importing.printed(/cannot reach .*; waiting for it/);
  await using second = await serve([], { cwd, port: first.port });
  assert.equal(await importing.ended(60_000), 0, importing.stderr());
  assert.match(importing.stderr(), /takes logs again/);
  assert.deepEqual(await allIds(second.url), ids);
});

test('logd import: Ctrl-C says how to go on', async (t) => {
  const cwd = await emptyFolder(t);
  await using importing = run(['import', '-', '--data', 'data'], { cwd });
  importing.child.stdin?.write('a line\n');
  for (const deadline = Date.now() + 5_000; !existsSync(join(cwd, 'data', 'app.log')); await sleep(20)) {
    assert.ok(Date.now() < deadline, importing.stderr());
  }
  importing.child.kill('SIGINT');
  assert.equal(await importing.ended(5_000), 130);
  assert.match(importing.stderr(), /stopped: run it again/);
});

test('logd import and export: wrong usage exits with 2, what is not there with 1, in one clear line', async (t) => {
  const cwd = await emptyFolder(t);
  await writeFile(join(cwd, 'old.log'), 'one\n');
  const cases: [args: string[], code: number, says: RegExp][] = [
    [['import'], 2, /missing required argument 'file'/],
    [['import', 'old.log', '--format', 'xml'], 2, /--format.*text, jsonl or plain/],
    [['import', 'old.log', '--fromat', 'text'], 2, /unknown option '--fromat'.*--format/],
    [['import', 'old.log', '--client-id', ''], 2, /--client-id.*1 to 256/],
    [['import', 'old.log', '--server', 'ftp://x'], 2, /--server.*http/],
    [['import', 'none.log'], 1, /cannot import none\.log: there is no such file/],
    [['import', '.'], 1, /it is a folder/],
    [['import', 'old.log', '--state', 'none.json'], 1, /cannot read the states of none\.json/],
    [['import', 'old.log', '--server', 'http://127.0.0.1:1'], 1, /cannot reach http:\/\/127\.0\.0\.1:1/],
    [['import', 'old.log', '--format', 'text', '--data', 'data'], 1, /1 line not understood \(line 1: no entry/],
    [['export', '--format', 'xml'], 2, /--format.*jsonl, csv, text/],
    [['export', 'level:blue'], 2, /at position 7/],
    [['export', '--since', 'whenever'], 2, /--since: time must be/],
    [['export', '-word'], 2, /goes behind --/],
    [['export', '--server', 'http://127.0.0.1:1'], 1, /cannot reach http:\/\/127\.0\.0\.1:1/],
    [['export', '--data', 'none'], 1, /there is no app\.log in it/],
    [['export', '--data', 'none', '--output', 'no/such/x.csv'], 1, /there is no such folder/],
  ];
  for (const [args, code, says] of cases) {
    const ended = await runToEnd(args, { cwd });
    assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, says);
    assert.ok(oneLine(ended.stderr), ended.stderr);
    assert.equal(ended.stdout, '');
  }
  for (const command of ['import', 'export']) {
    const help = await runToEnd([command, '--help'], { cwd });
    assert.match(help.stdout, /Examples:\n +logd /);
  }
});
