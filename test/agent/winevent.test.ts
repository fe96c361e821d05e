import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type WineventOptions, wineventSource } from '../../src/agent/sources/winevent.ts';
import { type AgentRun, startAgent } from '../support/agent-run.ts';
import { createEventLogStore, type EventLogStore, FAKE_WEVTUTIL } from '../support/event-log-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type IngestSink, startIngestSink } from '../support/ingest-sink.ts';
import { eventTime } from '../support/windows-events.ts';

const TIMING = {
  pollMs: 20,
  busyPollMs: 10,
  parkedMs: 50,
  retryFirstMs: 20,
  retryMsMax: 50,
  silentMsMax: 1_500,
  emptyCheckMs: 100,
};

interface Scene {
  readonly logs: EventLogStore;
  readonly sink: IngestSink;
  readonly state: string;
  start(options?: Partial<WineventOptions> & { once?: boolean; spoolBytesMax?: number }): AgentRun;
  /** Exactly these, each once and in order. */
  arrived(numbers: readonly number[], deadlineMs?: number): Promise<void>;
  notice(pattern: RegExp): Promise<void>;
}

async function scene(t: TestContext): Promise<Scene> {
  const logs = createEventLogStore(temporaryFolder(t));
  process.env.FAKE_WEVTUTIL = logs.folder;
  const state = join(temporaryFolder(t), 'state');
  const sink = await startIngestSink();
  t.after(() => sink.close());
  return {
    logs,
    sink,
    state,
    start({ once = false, spoolBytesMax = 64 * 1024 * 1024, ...rest } = {}) {
      const source = wineventSource({
        channels: ['System'],
        wevtutil: FAKE_WEVTUTIL,
        from: 'start',
        clientId: 'host-1',
        lineBytesMax: 65_536,
        timing: TIMING,
        ...rest,
      });
      return startAgent(t, { server: sink.url, sources: [source], stateFolder: state, once, spoolBytesMax });
    },
    async arrived(numbers, deadlineMs = 10_000) {
      await sink.until(() => sink.messages().length >= numbers.length, `${numbers.length} entries`, deadlineMs);
      assert.deepEqual(sink.messages().map(numberIn), numbers);
    },
    async notice(pattern) {
      await sink.until(() => sink.notices().some((notice) => pattern.test(notice)), String(pattern));
    },
  };
}

function numberIn(message: string): number {
  return Number(/Message: event (\d+)/.exec(message)?.[1]);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test('winevent: an event as the line, the time, the level and the fields that are promised', async (t) => {
  const { logs, sink, start } = await scene(t);
  logs.append('System', [7], {
    level: 2,
    message: 'The disk\r\nis failing.\r\n',
    data: `<EventData><Data Name='param1'>C:</Data><Data>x</Data><Data></Data><Data Name='param1'>D:</Data></EventData>`,
  });
  const agent = start({ clientId: undefined });
  await sink.until(() => sink.entries.length === 1, 'an entry');
  const [entry] = sink.entries;
  assert.equal(
    entry?.message,
    'WinEventLog | Log: System | Time: 2026-03-01 10:00:07 | Source: Service Control Manager | EventID: 7036 | Level: ERROR | Computer: host-1 | Message: The disk\nis failing.',
  );
  assert.match(entry?.client_id ?? '', /^EventLogClient_./);
  assert.deepEqual(
    [entry?.level, entry?.timestamp, entry?.source],
    ['ERROR', Date.parse('2026-03-01T10:00:07.123Z'), 'winevent'],
  );
  assert.deepEqual(entry?.fields, {
    eventId: 7036,
    provider: 'Service Control Manager',
    recordId: 7,
    channel: 'System',
    computer: 'host-1',
    timeCreated: eventTime(7),
    providerGuid: '{555908d1-a6d7-4695-8e1e-26931d2012f4}',
    qualifiers: '16384',
    levelNumber: '2',
    keywords: '0x8080000000000000',
    processId: '788',
    threadId: '4396',
    userSid: 'S-1-5-18',
    'data.param1': 'C:',
    'data.2': 'x',
    'data.param1.2': 'D:',
  });
  assert.match((await agent.reported('following')).message, /the event logs System as client EventLogClient_/);
});

test('winevent: what is there and what comes, each once, and on from there after a restart', async (t) => {
  const { logs, start, arrived, sink } = await scene(t);
  logs.append('System', [1, 2]);
  const agent = start();
  await arrived([1, 2]);
  logs.append('System', [3]);
  await arrived([1, 2, 3]);
  await agent.stop();
  logs.append('System', [4, 5]);
  start({ channels: ['SYSTEM'] });
  await arrived([1, 2, 3, 4, 5]);
  assert.deepEqual(sink.notices(), []);
  const calls = logs.calls();
  assert.deepEqual(calls[0], ['qe', 'System', '/c:1', '/rd:true', '/f:XML', '/uni:true']);
  const reads = calls.filter((args) => args.includes('/f:RenderedXml'));
  const read = (channel: string, query: string) => [
    'qe',
    channel,
    `/q:${query}`,
    '/c:500',
    '/rd:false',
    '/f:RenderedXml',
    '/uni:true',
  ];
  assert.deepEqual(reads, [
    read('System', '*'),
    read('System', '*[System[EventRecordID>2]]'),
    read('SYSTEM', '*[System[EventRecordID>3]]'),
  ]);
});

test('winevent: begins at its end when asked, and misses nothing that comes then', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('System', [1, 2]);
  const agent = start({ from: 'end' });
  while (logs.calls().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await agent.stop();
  logs.append('System', [3]);
  start({ from: 'end' });
  await arrived([3]);
});

test('winevent: an empty log is no trouble, and all that comes into it is new', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.create('System');
  const agent = start({ from: 'end' });
  while (logs.calls().length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  logs.append('System', [1]);
  await arrived([1]);
  assert.deepEqual(
    agent.reports.filter(({ severity }) => severity !== 'info'),
    [],
  );
});

test('winevent: cleared while it is read, its numbers go on, and nothing is missing', async (t) => {
  const { logs, start, arrived, sink } = await scene(t);
  logs.append('System', [1, 2]);
  start();
  await arrived([1, 2]);
  logs.drop('System', 2);
  logs.append('System', [3, 4]);
  await arrived([1, 2, 3, 4]);
  assert.deepEqual(sink.notices(), []);
});

test('winevent: cleared while the agent is stopped: what could not be read is counted', async (t) => {
  const { logs, start, arrived, notice } = await scene(t);
  logs.append('System', [1, 2]);
  const agent = start();
  await arrived([1, 2]);
  await agent.stop();
  logs.append('System', [3, 4, 5]);
  logs.drop('System', 5);
  logs.append('System', [6]);
  start();
  await arrived([1, 2, 6]);
  await notice(/^logd ship: 3 events of the event log System \(records 3 to 5\) were overwritten or cleared/);
});

test('winevent: overwritten before it could be read, the exact number is told', async (t) => {
  const { logs, start, arrived, notice, sink } = await scene(t);
  logs.append('System', range(1, 10));
  const agent = start();
  await arrived(range(1, 10));
  await agent.stop();
  logs.append('System', range(11, 60));
  logs.drop('System', 11);
  start();
  await arrived([...range(1, 10), ...range(12, 60)]);
  await notice(/^logd ship: 1 event of the event log System \(record 11\) was overwritten/);
  assert.equal(sink.notices().length, 1);
});

for (const [what, ids] of [
  ['with fewer records', [1, 2]],
  ['with as many records', [1, 2, 3]],
  ['with more records', [1, 2, 3, 4, 5]],
] as const) {
  test(`winevent: made anew while the agent is stopped, ${what}: told, and read from its oldest`, async (t) => {
    const { logs, start, arrived, notice } = await scene(t);
    logs.append('System', [1, 2, 3]);
    const agent = start();
    await arrived([1, 2, 3]);
    await agent.stop();
    logs.create('System');
    for (const id of ids) logs.append('System', [id], { time: eventTime(id + 1_000) });
    start();
    await arrived([1, 2, 3, ...ids]);
    await notice(/^logd ship: the event log System was made anew/);
  });
}

test('winevent: made anew while it is read', async (t) => {
  const { logs, start, arrived, notice } = await scene(t);
  logs.append('System', [8, 9]);
  start();
  await arrived([8, 9]);
  logs.create('System');
  logs.append('System', [1, 2]);
  await arrived([8, 9, 1, 2]);
  await notice(/was made anew/);
});

test('winevent: access denied, then granted; the other log goes on meanwhile', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('Security', [1]);
  logs.append('System', [5]);
  logs.fail({ channel: 'Security', exitCode: 5 });
  const agent = start({ channels: ['Security', 'System'] });
  await arrived([5]);
  const { message } = await agent.reported('channel-denied');
  assert.match(
    message,
    /^cannot read the event log Security: access denied \(.*\)\. Run the agent as administrator .* Event Log Readers\. It is tried again$/,
  );
  logs.append('System', [6]);
  await arrived([5, 6]);
  logs.fail();
  await arrived([5, 6, 1]);
  await agent.reported('channel-back');
  assert.equal(agent.reports.filter(({ event }) => event === 'channel-denied').length, 1);
});

test('winevent: a log that is missing and appears is read from its beginning, whatever --from says', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.create('System');
  const agent = start({ channels: ['App/Operational', 'System'], from: 'end' });
  assert.match((await agent.reported('channel-missing')).message, /there is no log of that name/);
  logs.append('App/Operational', [1, 2]);
  await arrived([1, 2]);
});

test('winevent: the service is down for a while', async (t) => {
  const { logs, start, arrived, sink } = await scene(t);
  logs.append('System', [1]);
  logs.fail({ exitCode: 1722, times: 3 });
  const agent = start();
  await agent.reported('service-down');
  await arrived([1]);
  await agent.reported('channel-back');
  assert.equal(agent.reports.filter(({ event }) => event === 'service-down').length, 1);
  assert.deepEqual(sink.notices(), []);
});

test('winevent: where the texts cannot be fetched, the events are read without them', async (t) => {
  const { logs, start, sink } = await scene(t);
  logs.append('System', [1, 2], { data: `<EventData><Data Name='a'>b</Data></EventData>` });
  logs.fail({ exitCode: 15027 });
  start();
  await sink.until(() => sink.entries.length === 2, 'two entries');
  assert.match(sink.messages()[1] ?? '', /Message: a=b$/);
});

test('winevent: an event whose text is not installed is told once for its provider', async (t) => {
  const { logs, start, sink } = await scene(t);
  logs.append('System', [1, 2, 3], { message: undefined });
  const agent = start();
  await sink.until(() => sink.entries.length === 3, 'three entries');
  assert.match(
    sink.messages()[0] ?? '',
    /Message: Event 7036 from Service Control Manager \(no message text installed\)$/,
  );
  assert.equal(agent.reports.filter(({ event }) => event === 'texts-missing').length, 1);
});

for (const bom of ['1', '0']) {
  test(`winevent: output in small pieces, ${bom === '1' ? 'with' : 'without'} a byte order mark`, async (t) => {
    const { logs, start, sink } = await scene(t);
    process.env.FAKE_WEVTUTIL_BOM = bom;
    t.after(() => {
      delete process.env.FAKE_WEVTUTIL_BOM;
    });
    logs.append('System', [1, 2, 3], { message: 'Grüße 客户 \u{1f600}' });
    logs.fail({ pieceBytes: 7 });
    start();
    await sink.until(() => sink.entries.length === 3, 'three entries');
    for (const message of sink.messages()) assert.match(message, /Message: Grüße 客户 \u{1f600}$/u);
  });
}

test('winevent: a reader that knows the console code page alone: what it can print is read', async (t) => {
  const { logs, start, arrived, sink } = await scene(t);
  logs.append('System', [1, 2, 3]);
  logs.append('System', [4], { message: 'event 4 \u{5ba2}' });
  logs.fail({ narrow: true, pieceBytes: 5 });
  start();
  await arrived([1, 2, 3, 4]);
  assert.match(sink.messages()[3] ?? '', /Message: event 4 \?$/);
  assert.deepEqual(sink.notices(), []);
});

const REAL = new URL('../../../shared/data/winevent/rendered/', import.meta.url);

test('winevent: the events of a real machine arrive with what Windows itself said of them', async (t) => {
  if (!existsSync(REAL)) return t.skip('no ../shared/data beside the checkout');
  const { logs, start, sink } = await scene(t);
  const read = (name: string) => readFileSync(new URL(name, REAL), 'utf8');
  const printed = read('Application.wevtutil-shape.utf8.txt').split(/(?<=<\/Event>)\s*/);
  const records = printed
    .filter((xml) => xml.includes('<Event'))
    .map((xml) => ({ id: Number(/<EventRecordID>(\d+)/.exec(xml)?.[1]), xml }))
    .sort((a, b) => a.id - b.id);
  const goldens = read('Application.golden.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { recordId: string; provider: string; eventId: string; level: string })
    .sort((a, b) => Number(a.recordId) - Number(b.recordId));
  assert.equal(records.length, goldens.length);
  logs.appendXml('Application', records);
  start({ channels: ['Application'], once: true });
  await sink.until(() => sink.messages().length === goldens.length, 'all events');
  for (const [index, { recordId, provider, eventId, level }] of goldens.entries()) {
    const { fields, message, level: found } = sink.entries[index] ?? {};
    assert.deepEqual(
      [fields?.recordId, fields?.provider, fields?.eventId, fields?.levelNumber],
      [Number(recordId), provider, Number(eventId), level],
    );
    assert.match(message ?? '', /^WinEventLog \| Log: Application \| Time: 20/);
    const levels: Record<string, string> = { 1: 'CRITICAL', 2: 'ERROR', 3: 'WARNING', 5: 'DEBUG' };
    assert.equal(found, levels[level] ?? 'INFO');
  }
  assert.deepEqual(sink.notices(), []);
});

test('winevent: output that ends within an event: nothing half is taken, the rest is read again', async (t) => {
  const { logs, start, arrived, sink } = await scene(t);
  logs.append('System', range(1, 40));
  const size =
    Buffer.from(JSON.parse(readFileSync(join(logs.folder, 'System.ndjson'), 'utf8').split('\n')[0] ?? '').xml).length *
    2;
  logs.fail(
    { times: 1 },
    { endAfterBytes: Math.floor(size * 7.5), times: 3 },
    { endAfterBytes: Math.floor(size * 2.5), times: 1, signal: 'SIGTERM' },
  );
  start();
  await arrived(range(1, 40));
  assert.deepEqual(sink.notices(), []);
});

test('winevent: output that is always cut within the first event is a broken reader', async (t) => {
  const { logs, start } = await scene(t);
  logs.append('System', [1]);
  logs.fail({ endAfterBytes: 300 });
  const agent = start();
  assert.match((await agent.reported('channel-failed')).message, /is broken: it printed no event with a number/);
});

test('winevent: a reader that prints nothing and ends well is not taken for a quiet log', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('System', [1]);
  logs.fail({ silent: true });
  const agent = start();
  assert.match(
    (await agent.reported('channel-failed')).message,
    /is broken: it ends well and prints nothing, whatever it is asked/,
  );
  logs.fail();
  await arrived([1]);
});

test('winevent: a reader that prints only the newest record is told', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('System', [1, 2]);
  // Every second call is the reading one.
  logs.fail({ times: 1 }, { silent: true, times: 1 }, { times: 1 }, { silent: true, times: 1 });
  const agent = start();
  assert.match((await agent.reported('channel-failed')).message, /the newest record is 2, and it prints none behind 0/);
  await arrived([1, 2]);
});

test('winevent: two logs, one of which hangs: it is killed and read again, the other goes on', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('Application', [1]);
  logs.append('System', [5]);
  logs.fail({ channel: 'Application', hang: true });
  const agent = start({ channels: ['Application', 'System'] });
  await arrived([5]);
  assert.match(
    (await agent.reported('reader-silent')).message,
    /gave nothing for 2 s and was stopped\. It is tried again/,
  );
  logs.append('System', [6]);
  await arrived([5, 6]);
  logs.fail();
  await arrived([5, 6, 1]);
});

test('winevent: the agent stops at once while the reader hangs', async (t) => {
  const { logs, start } = await scene(t);
  logs.append('System', [1]);
  logs.fail({ hang: true });
  const agent = start({ timing: { ...TIMING, silentMsMax: 60_000 } });
  while (logs.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const startedMs = Date.now();
  assert.equal((await agent.stop()).kind, 'done');
  assert.ok(Date.now() - startedMs < 1_400);
});

test('winevent: a server that is away for long: the position never passes what is on disk here, and nothing is lost', async (t) => {
  const { logs, start, arrived, sink, state } = await scene(t);
  logs.append('System', [1]);
  const agent = start();
  await arrived([1]);
  sink.choose = () => ({ status: 503, headers: { 'retry-after': '0' } });
  logs.append('System', range(2, 400));
  while (sink.keys.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  await agent.stop();
  const { positions } = JSON.parse(readFileSync(join(state, 'checkpoint.json'), 'utf8')) as {
    positions: Record<string, { recordId: string }>;
  };
  // Entries are in the spool before the position that is behind them.
  const spooled = readdirSync(join(state, 'spool')).map((name) => readFileSync(join(state, 'spool', name), 'latin1'));
  const inSpool =
    spooled
      .join('\n')
      .match(/Message: event \d+/g)
      ?.map(numberIn) ?? [];
  assert.ok(Number(positions['winevent:System']?.recordId) <= Math.max(1, ...inSpool));
  assert.deepEqual(
    inSpool.toSorted((a, b) => a - b),
    range(2, 400),
  );
  sink.choose = undefined;
  start();
  await arrived(range(1, 400));
});

test('winevent: damaged state: told, and on from the end', async (t) => {
  const { logs, start, arrived, notice, state, sink } = await scene(t);
  logs.append('System', [1, 2]);
  const agent = start();
  await arrived([1, 2]);
  await agent.stop();
  writeFileSync(join(state, 'checkpoint.json'), 'nonsense');
  logs.append('System', [3]);
  const callsBefore = logs.calls().length;
  start();
  await notice(/state is damaged/);
  while (logs.calls().length < callsBefore + 2) await new Promise((resolve) => setTimeout(resolve, 10));
  logs.append('System', [4]);
  await arrived([1, 2, 4]);
  assert.equal(sink.notices().length, 1);
});

test('winevent: the position of one log is damaged: told, and on from its end', async (t) => {
  const { logs, start, arrived, notice, state } = await scene(t);
  logs.append('System', [1]);
  const agent = start();
  await arrived([1]);
  await agent.stop();
  const path = join(state, 'checkpoint.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"recordId":"1"', '"recordId":"-1"'));
  logs.append('System', [2]);
  const callsBefore = logs.calls().length;
  start();
  await notice(/^logd ship: the position in the event log System is damaged/);
  while (logs.calls().length < callsBefore + 2) await new Promise((resolve) => setTimeout(resolve, 10));
  logs.append('System', [3]);
  await arrived([1, 3]);
});

test('winevent: only the levels asked for, and the position moves over the others', async (t) => {
  const { logs, start, arrived, state } = await scene(t);
  logs.append('System', [1], { level: 2 });
  logs.append('System', [2, 3]);
  const agent = start({ levels: new Set(['ERROR']), once: true });
  assert.equal((await agent.ended).kind, 'done');
  await arrived([1]);
  assert.match(readFileSync(join(state, 'checkpoint.json'), 'utf8'), /"recordId":"3"/);
});

test('winevent: --once reads what is there and ends; a log that may not be read is told, all of them are a failure', async (t) => {
  const { logs, start, arrived } = await scene(t);
  logs.append('Security', [1]);
  logs.append('System', range(1, 600));
  logs.fail({ channel: 'Security', exitCode: 5 });
  const both = start({ channels: ['Security', 'System'], once: true });
  assert.equal((await both.ended).kind, 'done');
  await both.reported('channel-unreadable');
  await arrived(range(1, 600));
  const alone = start({ channels: ['Security'], once: true });
  assert.equal((await alone.ended).kind, 'failed');
  assert.match((await alone.reported('source-unusable')).message, /access denied/);
});

test('winevent: without the reader the way out is told, once', async (t) => {
  const { start } = await scene(t);
  const agent = start({ channels: ['System', 'Application'], wevtutil: '/nowhere/wevtutil.exe' });
  assert.equal((await agent.ended).kind, 'failed');
  const told = agent.reports.filter(({ severity }) => severity !== 'info').map(({ message }) => message);
  assert.deepEqual(told, [
    'cannot run /nowhere/wevtutil.exe: there is no such program. Name the reader with --wevtutil FILE',
  ]);
});

test('winevent: an event with more than an entry may hold is cut, marked and told, and is taken by the server', async (t) => {
  const { logs, start, sink, notice } = await scene(t);
  const data = range(1, 400)
    .map((n) => `<Data Name='n${n}'>${'\u0001x'.repeat(2_000)}</Data>`)
    .join('');
  logs.append('System', [1], { message: 'm'.repeat(100_000), data: `<EventData>${data}</EventData>` });
  logs.append('System', [2]);
  start();
  await sink.until(() => sink.messages().length === 2, 'two entries');
  const entry = sink.entries.find(({ source }) => source === 'winevent');
  assert.ok(Buffer.byteLength(entry?.message ?? '') <= 65_536 && entry?.message.endsWith('...[cut]'));
  assert.ok(Object.keys(entry?.fields ?? {}).length <= 256);
  assert.ok(JSON.stringify(entry?.fields).length <= 256 * 1024);
  await notice(/^logd ship: 1 event of the event log System was cut/);
});
