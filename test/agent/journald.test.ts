import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { journaldSource } from '../../src/agent/sources/journald.ts';
import { syslogSource } from '../../src/agent/sources/syslog.ts';
import { parseJournalLine } from '../../src/decode/journal.ts';
import { type AgentRun, startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type IngestSink, startIngestSink } from '../support/ingest-sink.ts';

const JOURNALCTL = fileURLToPath(new URL('../support/fake-journalctl.mjs', import.meta.url));

interface Scene {
  readonly journal: string;
  readonly sink: IngestSink;
  write(...numbers: number[]): void;
  start(options?: { from?: 'start' | 'end'; once?: boolean; journalctl?: string }): AgentRun;
  arrived(numbers: readonly number[]): Promise<void>;
  calls(): string[];
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = temporaryFolder(t);
  const journal = join(folder, 'journal');
  writeFileSync(journal, '');
  process.env.FAKE_JOURNAL = journal;
  const sink = await startIngestSink();
  t.after(() => sink.close());
  return {
    journal,
    sink,
    write(...numbers) {
      for (const number of numbers) {
        const entry = {
          __CURSOR: `s=1;i=${number}`,
          __REALTIME_TIMESTAMP: `${1_795_000_000_000_000 + number}`,
          PRIORITY: '4',
        };
        appendFileSync(journal, `${JSON.stringify({ ...entry, MESSAGE: `entry ${number}`, _PID: '7' })}\n`);
      }
    },
    start({ from = 'start', once = false, journalctl = JOURNALCTL } = {}) {
      const source = journaldSource({ from, clientId: 'web-1', lineBytesMax: 65_536, journalctl });
      return startAgent(t, { server: sink.url, sources: [source], stateFolder: join(folder, 'state'), once });
    },
    async arrived(numbers) {
      await sink.until(() => sink.messages().length >= numbers.length, `${numbers.length} entries`);
      assert.deepEqual(
        sink.messages(),
        numbers.map((number) => `entry ${number}`),
      );
    },
    calls: () => readFileSync(`${journal}.calls`, 'utf8').trim().split('\n'),
  };
}

test('journald: what is there and what comes, each once, and on from its cursor after a restart', async (t) => {
  const { write, start, arrived, sink, calls } = await scene(t);
  write(1, 2);
  const agent = start();
  await arrived([1, 2]);
  write(3);
  await arrived([1, 2, 3]);
  await agent.stop();
  write(4);
  start();
  await arrived([1, 2, 3, 4]);
  while (calls().length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
  const always = '--output=json --all --no-pager';
  assert.deepEqual(calls().slice(-3), [
    `${always} --lines=1`,
    `${always} --quiet --no-tail --after-cursor=s=1;i=3`,
    `${always} --quiet --no-tail --after-cursor=s=1;i=4 --follow`,
  ]);
  const [entry] = sink.entries;
  assert.equal(entry?.level, 'WARNING');
  assert.equal(entry?.timestamp, 1_795_000_000_000);
  assert.deepEqual(entry?.fields, { pid: '7' });
});

test('journald: begins at its end when asked, and misses nothing that comes then', async (t) => {
  const { write, start, arrived } = await scene(t);
  write(1, 2);
  const agent = start({ from: 'end' });
  await agent.reported('never', 300).catch(() => {});
  write(3);
  await arrived([3]);
});

test('journald: journalctl that ends is started again behind the last entry', async (t) => {
  const { write, start, arrived, journal } = await scene(t);
  write(1);
  const agent = start();
  await arrived([1]);
  writeFileSync(`${journal}.end`, '');
  await agent.reported('journalctl-ended');
  rmSync(`${journal}.end`);
  write(2);
  await arrived([1, 2]);
});

test('journald: a cursor that is not known any more is told, and it goes on from the end', async (t) => {
  const { write, start, arrived, journal, sink, calls } = await scene(t);
  write(1);
  const agent = start();
  await arrived([1]);
  await agent.stop();
  writeFileSync(journal, '');
  write(5);
  const second = start();
  await second.reported('cursor-lost');
  await sink.until(() => sink.notices().length === 1, 'a notice');
  // The end is where the journal ends when it is asked for: only what is written behind that is to come.
  const deadlineMs = Date.now() + 10_000;
  while (!calls().at(-1)?.includes('--after-cursor=s=1;i=5') && Date.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 10));
  write(6);
  await arrived([1, 6]);
});

test('journald: what was written before a reboot while the agent was away is read, however much', async (t) => {
  const { write, start, arrived, journal } = await scene(t);
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  write(1);
  const agent = start();
  await arrived([1]);
  await agent.stop();
  write(...numbers(2, 30));
  const booted = { _BOOT_ID: 'another', __CURSOR: 's=1;i=31', MESSAGE: 'entry 31' };
  appendFileSync(journal, `${JSON.stringify(booted)}\n`);
  start();
  await arrived(numbers(1, 31));
  appendFileSync(journal, `${JSON.stringify({ ...booted, __CURSOR: 's=1;i=32', MESSAGE: 'entry 32' })}\n`);
  await arrived(numbers(1, 32));
});

test('journald: what journalctl says of missing rights is told with the way out, and an empty journal too', async (t) => {
  const { write, start, arrived, journal } = await scene(t);
  const empty = start();
  assert.match((await empty.reported('following')).message, /^following the journal as client web-1$/);
  assert.match(
    (await empty.reported('journal-empty')).message,
    /is systemd-journald running, .* group systemd-journal/,
  );
  await empty.stop();
  write(1);
  writeFileSync(`${journal}.hint`, 'Hint: You are currently not seeing messages from other users and the system.\n');
  const agent = start();
  await arrived([1]);
  const { message } = await agent.reported('journal-rights');
  assert.match(message, /^journalctl says: Hint: You are .* the system\. Members of the group systemd-journal/);
  assert.equal(agent.reports.filter(({ severity }) => severity === 'warning').length, 1);
});

test('journald: --once reads what is there and ends', async (t) => {
  const { write, start, arrived } = await scene(t);
  write(1, 2, 3);
  assert.deepEqual(await start({ once: true }).ended, { kind: 'done' });
  await arrived([1, 2, 3]);
});

test('journald: without journalctl the way out is told', async (t) => {
  const { start } = await scene(t);
  const agent = start({ journalctl: '/nowhere/journalctl' });
  assert.equal((await agent.ended).kind, 'failed');
  assert.match((await agent.reported('source-unusable')).message, /--journalctl FILE/);
});

const REAL = new URL('../../../shared/data/syslog/journald/journalctl-o-json--all.ndjson', import.meta.url);

test('journald: every entry of a real journal is read: bytes, repeated fields, long and missing messages', (t) => {
  if (!existsSync(REAL)) return t.skip('no ../shared/data beside the checkout');
  const lines = readFileSync(REAL, 'utf8').trim().split('\n');
  const entries = lines.map((line) => parseJournalLine(line));
  for (const [index, entry] of entries.entries()) {
    assert.ok(entry, `line ${index + 1}`);
    assert.notEqual(entry.message, '');
    assert.ok(entry.timeMs !== undefined && entry.timeMs > 1_700_000_000_000);
    const { MESSAGE } = JSON.parse(lines[index] ?? '');
    if (typeof MESSAGE === 'string' && MESSAGE !== '') assert.equal(entry.message, MESSAGE);
  }
  assert.ok(entries.some((entry) => (entry?.message.length ?? 0) > 4_000));
});

test('journald: a line that is cut off or no entry is none', () => {
  for (const line of ['', '{', '[]', '{"MESSAGE":"no cursor"}', '-- No entries --']) {
    assert.equal(parseJournalLine(line), undefined);
  }
});

test('journald: read by the source syslog where there is no file of it', async (t) => {
  const { write, sink } = await scene(t);
  write(1, 2);
  const folder = temporaryFolder(t);
  const source = syslogSource({
    patterns: [],
    from: 'start',
    lineBytesMax: 65_536,
    usualPaths: [join(folder, 'syslog')],
    journalctl: JOURNALCTL,
  });
  const agent = startAgent(t, { server: sink.url, sources: [source], stateFolder: join(folder, 'state'), once: true });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  assert.deepEqual(sink.messages(), ['entry 1', 'entry 2']);
  assert.match(sink.entries[0]?.client_id ?? '', /^LinuxClient_./);
});
