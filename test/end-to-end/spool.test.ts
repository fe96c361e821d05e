import assert from 'node:assert/strict';
import { appendFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { allEntries, emptyFolder, run, runToEnd, serve } from '../support/executable.ts';
import { startIngestSink } from '../support/ingest-sink.ts';
import { makeState } from '../support/state-folder.ts';

const DROPPED = /the spool was full: (\d+) lines? .*dropped/;
const SPOOL_BYTES = 256 * 1024;

test('spool: drop-oldest keeps its bound and its count, although the agent is killed and the server is away', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'numbers.log');
  const state = join(cwd, 'agent');
  const server = await serve([], { cwd });
  const { port, url } = server;
  await server.kill();
  const args = ['ship', '--server', url, '--state', state, '--source', 'file', '--path', path, '--from', 'start'];
  const bound = ['--spool-size', '256KB', '--spool-policy', 'drop-oldest'];
  let count = 0;
  await writeFile(path, '');
  for (let round = 0; round < 4; round++) {
    await using agent = run([...args, ...bound], { cwd });
    await agent.printed('following');
    for (let step = 0; step < 5; step++) {
      const lines = Array.from({ length: 2_000 }, () => `line ${count++} of a file that nobody takes`);
      await appendFile(path, `${lines.join('\n')}\n`);
      await pause(40 + 37 * round);
      assert.ok((await bytesIn(join(state, 'spool'))) <= SPOOL_BYTES);
    }
    if (round === 3) await agent.printed(/full: \d+ lines were dropped/);
    const seen = await runToEnd(['spool', '--state', state, '--json'], { cwd });
    assert.equal(seen.code, 0, seen.stderr);
    assert.equal(JSON.parse(seen.stdout).agent.pid, agent.child.pid);
    const verified = await runToEnd(['spool', 'verify', '--state', state], { cwd });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    await agent.kill();
    const after = await runToEnd(['spool', '--state', state, '--json'], { cwd });
    assert.equal(JSON.parse(after.stdout).agent.running, false);
  }
  await using back = await serve([], { cwd, port });
  const { code, stderr } = await runToEnd([...args, ...bound, '--once'], { cwd });
  assert.equal(code, 0, stderr);
  const entries = await allEntries(back.url);
  const told = entries
    .map(({ message }) => Number(DROPPED.exec(message)?.[1] ?? 0))
    .reduce((sum, some) => sum + some, 0);
  const numbers = entries.flatMap(({ message }) => /^line (\d+) /.exec(message)?.[1] ?? []).map(Number);
  assert.ok(told > 0, 'some were dropped');
  assert.equal(numbers.length + told, count);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  const status = JSON.parse((await runToEnd(['spool', '--state', state, '--json'], { cwd })).stdout);
  assert.equal(status.dropped.lines, told);
  assert.equal(status.dropped.untold_lines, 0);
  assert.equal(status.waiting.batches, 0);
});

test('spool: the commands show what waits, find damage, mend it and send refused batches again', async (t) => {
  const cwd = await emptyFolder(t);
  const state = await makeState(join(cwd, 'logd-agent'), 3);
  state.put(1, ['refused \u009b1m'], { refused: '413: too large' });
  state.put(2, ['whole']);
  await writeFile(state.put(3, ['damaged']), 'rubbish');

  const status = await runToEnd(['spool'], { cwd });
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /^producer +\S+$/m);
  assert.match(status.stdout, /^agent +none runs on it$/m);
  assert.match(status.stdout, /^waiting +1 batch, 1 line, .*, the oldest for \d+ s$/m);
  assert.match(status.stdout, /^ +1 batch, 1 line: 413: too large$/m);
  assert.equal((await runToEnd(['ship', '--spool-status'], { cwd })).stdout, status.stdout);

  const list = await runToEnd(['spool', 'list', '--json'], { cwd });
  const listed = list.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    listed.map(({ sequence, state: found }) => `${sequence} ${found}`),
    ['1 refused', '2 waiting', '3 damaged'],
  );
  const shown = await runToEnd(['spool', 'show', '1'], { cwd });
  assert.equal(JSON.parse(shown.stdout).message, 'refused \u009b1m');
  assert.doesNotMatch(shown.stdout, /\u009b/);
  assert.equal((await runToEnd(['spool', 'show', '9'], { cwd })).code, 1);

  const verified = await runToEnd(['spool', 'verify'], { cwd });
  assert.equal(verified.code, 1);
  assert.match(verified.stdout, /^damaged: .*0000000000000003\.batch: /m);

  const repaired = await runToEnd(['spool', 'repair', '--resend'], { cwd });
  assert.equal(repaired.code, 0, repaired.stderr);
  assert.match(repaired.stdout, /refused batch 1 of 1 line waits again as batch 5/);
  assert.equal((await runToEnd(['spool', 'verify'], { cwd })).code, 0);
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const shipped = await runToEnd(['ship', '--source', 'stdin', '--server', sink.url], { cwd });
  assert.equal(shipped.code, 0, shipped.stderr);
  assert.deepEqual(sink.messages().sort(), ['refused \u009b1m', 'whole']);
  assert.match(sink.notices().join(), /batch 3 in the spool is damaged/);
});

test('spool: repair is refused while an agent runs', async (t) => {
  const cwd = await emptyFolder(t);
  const sink = await startIngestSink();
  t.after(() => sink.close());
  await using agent = run(['ship', '--source', 'stdin', '--server', sink.url], { cwd });
  agent.child.stdin?.write('line\n');
  await sink.until((entries) => entries.length > 0, 'the first line');
  const repaired = await runToEnd(['spool', 'repair'], { cwd });
  assert.equal(repaired.code, 1);
  assert.match(repaired.stderr, /an agent uses the state folder .* by process \d+/);
});

const WRONG: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['spool', '--state', 'none'], 1, /there is no state of an agent in none: name its folder with --state/],
  [['spool', 'verfy'], 2, /did you mean logd spool verify/],
  [['spool', 'show'], 2, /say which batch/],
  [['spool', 'show', 'x'], 2, /"x" is no number of a batch/],
  [['spool', 'list', '3'], 2, /takes no "3"/],
  [['spool', '--resend'], 2, /--resend goes with repair/],
  [['spool', '--sate', 'x'], 2, /--state/],
  [['ship', '--source', 'stdin', '--spool-policy', 'oldest'], 2, /block, drop-oldest/],
  [['ship', '--source', 'stdin', '--spool-size', '1KB'], 2, /at least 65536 bytes/],
];

for (const [args, code, message] of WRONG) {
  test(`spool: logd ${args.join(' ')} ends with ${code} and says why`, async (t) => {
    const ended = await runToEnd(args, { cwd: await emptyFolder(t) });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.equal(ended.stderr.trim().split('\n').length, 1);
  });
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    bytes += await stat(join(folder, name)).then(
      ({ size }) => size,
      // Sent or dropped meanwhile.
      () => 0,
    );
  }
  return bytes;
}
