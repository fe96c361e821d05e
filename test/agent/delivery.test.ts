import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { runAgent } from '../../src/agent/agent.ts';
import type { Source } from '../../src/agent/source.ts';
import { stdinSource } from '../../src/agent/sources/stdin.ts';
import { realClock } from '../../src/system/clock.ts';
import { realFiles } from '../../src/system/files.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Fault, type IngestSink, startIngestSink } from '../support/ingest-sink.ts';

const TIMEOUTS_MS = { connect: 1_000, response: 300, socket: 1_000 };

function linesSource(lines: Iterable<string>): Source {
  return stdinSource({ input: Readable.from(lines, { objectMode: false }), clientId: 'web-1', lineBytesMax: 65_536 });
}

function* numbered(count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield `line ${index}\n`;
}

function expectNumbered(messages: readonly string[], count: number): void {
  assert.deepEqual(
    messages,
    Array.from({ length: count }, (_, index) => `line ${index}`),
  );
}

async function sinkFor(t: TestContext): Promise<IngestSink> {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  return sink;
}

test('delivery: every line of stdin arrives once, in order, and the agent ends with its input', async (t) => {
  const sink = await sinkFor(t);
  const stateFolder = temporaryFolder(t);
  const agent = startAgent(t, { server: sink.url, sources: [linesSource(numbered(25_000))], stateFolder });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  expectNumbered(sink.messages(), 25_000);
  assert.equal(sink.entries[0]?.client_id, 'web-1');
  assert.equal(sink.entries[0]?.source, 'stdin');
  assert.deepEqual(
    (await readdir(join(stateFolder, 'spool'))).filter((name) => name.endsWith('.batch')),
    [],
  );
});

const PASSING: readonly { name: string; faults: readonly Fault[]; tries?: number }[] = [
  { name: 'the connection is cut before it is stored', faults: ['cut-before', 'cut-before'] },
  { name: 'the answer is lost', faults: ['cut-after', 'cut-after', 'cut-after'] },
  { name: 'half of the answer is lost', faults: ['half-answer'] },
  { name: 'there is no answer in time', faults: ['stall', 'stall-after'] },
  { name: '503', faults: [{ status: 503 }, { status: 503, headers: { 'retry-after': '0' } }] },
  { name: '500', faults: [{ status: 500, body: 'not JSON' }] },
  { name: '429, 408 and 425', faults: [{ status: 429 }, { status: 408 }, { status: 425 }] },
  { name: 'a missing token, given later', faults: [{ status: 401 }, { status: 403 }] },
  { name: 'another program on the port', faults: [{ status: 404 }, { status: 405 }, { status: 302 }] },
  { name: 'a page', faults: [{ status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }] },
];

for (const { name, faults } of PASSING) {
  test(`delivery: ${name}: the batch is sent again until it is in, once`, async (t) => {
    const sink = await sinkFor(t);
    sink.faults.push(...faults);
    const agent = startAgent(t, {
      server: sink.url,
      sources: [linesSource(numbered(100))],
      stateFolder: temporaryFolder(t),
      timeoutsMs: TIMEOUTS_MS,
    });
    assert.deepEqual(await agent.ended, { kind: 'done' });
    expectNumbered(sink.messages(), 100);
    assert.equal(sink.keys.length, faults.length + 1);
    assert.equal(new Set(sink.keys).size, 1);
  });
}

for (const status of [400, 409, 413, 415, 422]) {
  test(`delivery: a batch refused with ${status} is set aside with the reason, said, and the next one is sent`, async (t) => {
    const sink = await sinkFor(t);
    const stateFolder = temporaryFolder(t);
    sink.faults.push({ status });
    const agent = startAgent(t, { server: sink.url, sources: [linesSource(numbered(100))], stateFolder });
    await agent.ended;
    assert.deepEqual(sink.messages(), []);
    assert.equal(sink.notices().length, 1);
    assert.match(sink.notices()[0] ?? '', /refused batch 1 of 100 lines: told to answer/);
    const [kept, ...others] = (await readdir(join(stateFolder, 'spool'))).filter((name) => name.endsWith('.rejected'));
    assert.deepEqual(others, []);
    const text = await readFile(join(stateFolder, 'spool', kept ?? ''), 'utf8');
    assert.match(text, new RegExp(`"refused":"${status}: told to answer ${status}"`));
    assert.match(text, /line 99/);
  });
}

test('delivery: a server that refuses everything does not set off notices without end', async (t) => {
  const sink = await sinkFor(t);
  sink.choose = () => ({ status: 400 });
  const agent = startAgent(t, {
    server: sink.url,
    sources: [linesSource(numbered(10))],
    stateFolder: temporaryFolder(t),
  });
  await agent.ended;
  assert.equal(sink.keys.length, 2);
});

for (const fault of ['reject-first-line', 'reject-and-cut'] as const) {
  test(`delivery: lines that the server refuses are told in a WARNING entry (${fault})`, async (t) => {
    const sink = await sinkFor(t);
    sink.faults.push(fault);
    const agent = startAgent(t, {
      server: sink.url,
      sources: [linesSource(numbered(3))],
      stateFolder: temporaryFolder(t),
    });
    await agent.ended;
    assert.deepEqual(sink.messages(), ['line 1', 'line 2']);
    assert.match(sink.notices()[0] ?? '', /refused 1 of 3 lines of batch 1: line 1: told to refuse it/);
  });
}

test('delivery: a dead server is told with URL, port, firewall and what waits, once; and once that it is back', async (t) => {
  const dead = await startIngestSink();
  const { port, url } = dead;
  await dead.close();
  const agent = startAgent(t, {
    server: url,
    sources: [linesSource(numbered(12))],
    stateFolder: temporaryFolder(t),
  });
  const report = await agent.reported('server-unreachable');
  assert.equal(
    report.message,
    `cannot reach ${url}: connection refused. Is "logd serve" running there, is port ${port} right, does a firewall block it? 12 lines wait in the spool; trying on.`,
  );
  const sink = await startIngestSink(port);
  t.after(() => sink.close());
  await agent.ended;
  expectNumbered(sink.messages(), 12);
  assert.deepEqual(
    agent.reports.map(({ event }) => event),
    ['server-unreachable', 'server-back'],
  );
});

test('delivery: a token is sent as Bearer', async (t) => {
  const sink = await sinkFor(t);
  const agent = startAgent(t, {
    server: sink.url,
    sources: [linesSource(numbered(1))],
    stateFolder: temporaryFolder(t),
    token: 'secret',
  });
  await agent.ended;
  assert.equal(sink.requests[0]?.headers.authorization, 'Bearer secret');
});

test('delivery: a second agent on the same state folder is refused', async (t) => {
  const sink = await sinkFor(t);
  const stateFolder = temporaryFolder(t);
  sink.choose = () => ({ status: 503 });
  const first = startAgent(t, { server: sink.url, sources: [linesSource(numbered(1))], stateFolder });
  await first.reported('server-busy');
  const second = startAgent(t, { server: sink.url, sources: [linesSource(numbered(1))], stateFolder });
  const end = await second.ended;
  assert.equal(end.kind, 'failed');
  assert.match(end.kind === 'failed' ? end.reason : '', /is in use by process \d+/);
});

test('delivery: a full spool makes the source wait, and nothing is lost', async (t) => {
  const sink = await sinkFor(t);
  let pulled = 0;
  function* counted() {
    for (const line of numbered(100_000)) {
      pulled++;
      yield line;
    }
  }
  sink.choose = () => ({ status: 503, headers: { 'retry-after': '0' } });
  const agent = startAgent(t, {
    server: sink.url,
    sources: [linesSource(counted())],
    stateFolder: temporaryFolder(t),
    spoolBytesMax: 1024 * 1024,
  });
  await agent.reported('spool-full');
  assert.ok(pulled < 90_000);
  sink.choose = undefined;
  await agent.ended;
  expectNumbered(sink.messages(), 100_000);
});

test('delivery: what waits at a stop is sent at the next start, once', async (t) => {
  const sink = await sinkFor(t);
  const stateFolder = temporaryFolder(t);
  sink.choose = () => 'cut-after';
  const first = startAgent(t, { server: sink.url, sources: [linesSource(numbered(500))], stateFolder });
  await sink.until((entries) => entries.length === 500, 'the lines are in');
  await first.stop();
  sink.choose = undefined;
  const second = startAgent(t, { server: sink.url, sources: [linesSource(['line 500\n'])], stateFolder });
  await second.ended;
  expectNumbered(sink.messages(), 501);
});

test('delivery: the numbers go on from run to run, so that nothing new is taken for a repeat', async (t) => {
  const sink = await sinkFor(t);
  const stateFolder = temporaryFolder(t);
  for (const line of ['line 0', 'line 1', 'line 2']) {
    await startAgent(t, { server: sink.url, sources: [linesSource([`${line}\n`])], stateFolder }).ended;
  }
  expectNumbered(sink.messages(), 3);
  assert.equal(sink.duplicates, 0);
});

test('delivery: a damaged batch in the spool is set aside and told, and the others are sent', async (t) => {
  const sink = await sinkFor(t);
  const stateFolder = temporaryFolder(t);
  sink.choose = () => ({ status: 503 });
  for (const line of ['line 0', 'line 1', 'line 2']) {
    const agent = startAgent(t, { server: sink.url, sources: [linesSource([`${line}\n`])], stateFolder });
    await agent.reported('server-busy');
    await agent.stop();
  }
  const spool = join(stateFolder, 'spool');
  const [first = '', second = ''] = (await readdir(spool)).sort();
  await writeFile(join(spool, first), (await readFile(join(spool, first))).subarray(0, -3));
  await writeFile(join(spool, second), 'something else');
  sink.choose = undefined;
  const agent = startAgent(t, { server: sink.url, sources: [linesSource(['line 3\n'])], stateFolder });
  await agent.ended;
  assert.deepEqual(sink.messages(), ['line 2', 'line 3']);
  assert.equal(sink.notices().length, 2);
  assert.match(sink.notices().join(' '), /is damaged .* its 1 lines may be missing/);
  assert.equal((await readdir(spool)).filter((name) => name.endsWith('.torn')).length, 2);
});

test('delivery: of two servers the second is used while the first is gone', async (t) => {
  const gone = await startIngestSink();
  await gone.close();
  const sink = await sinkFor(t);
  const stop = new AbortController();
  const end = await runAgent(
    {
      servers: [gone.url, sink.url],
      sources: [linesSource(numbered(10))],
      stateFolder: temporaryFolder(t),
      spoolBytesMax: 2 ** 20,
      once: false,
    },
    { files: realFiles, clock: realClock, reporter: () => {}, stop: stop.signal },
  );
  assert.deepEqual(end, { kind: 'done' });
  expectNumbered(sink.messages(), 10);
});

test('delivery: a source that fails is started again, and the other goes on', async (t) => {
  const sink = await sinkFor(t);
  let runs = 0;
  const failing: Source = {
    name: 'failing',
    clientId: 'web-2',
    async run() {
      runs++;
      if (runs === 1) throw new Error('the wire broke');
      return { kind: 'ended' };
    },
  };
  const agent = startAgent(t, {
    server: sink.url,
    sources: [failing, linesSource(numbered(5))],
    stateFolder: temporaryFolder(t),
  });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  assert.equal(runs, 2);
  expectNumbered(sink.messages(), 5);
  assert.match((await agent.reported('source-failed')).message, /the wire broke/);
});

test('delivery: a stop takes less than 5 s, also with a server that does not answer and a source that hangs', async (t) => {
  const sink = await sinkFor(t);
  sink.choose = () => 'stall';
  const hanging: Source = { name: 'hanging', clientId: 'web-2', run: () => new Promise(() => {}) };
  const agent = startAgent(t, {
    server: sink.url,
    sources: [hanging, linesSource(numbered(5))],
    stateFolder: temporaryFolder(t),
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const started = performance.now();
  await agent.stop();
  assert.ok(performance.now() - started < 4_500);
});

test('delivery: a server elsewhere gets packed bodies', async (t) => {
  const sink = await sinkFor(t);
  const server = sink.url.replace('127.0.0.1', hostname());
  const { address } = await lookup(hostname(), 4).catch(() => ({ address: undefined }));
  if (address === undefined || !address.startsWith('127.'))
    return t.skip('the name of this machine is not its loopback');
  const agent = startAgent(t, { server, sources: [linesSource(numbered(1_000))], stateFolder: temporaryFolder(t) });
  await agent.ended;
  assert.equal(sink.requests[0]?.headers['content-encoding'], 'zstd');
  expectNumbered(sink.messages(), 1_000);
});
