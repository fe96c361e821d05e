import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { Source } from '../../src/agent/source.ts';
import { stdinSource } from '../../src/agent/sources/stdin.ts';
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

test('delivery: lines that the server refuses are told in a WARNING entry', async (t) => {
  const sink = await sinkFor(t);
  sink.faults.push('reject-first-line');
  const agent = startAgent(t, {
    server: sink.url,
    sources: [linesSource(numbered(3))],
    stateFolder: temporaryFolder(t),
  });
  await agent.ended;
  assert.deepEqual(sink.messages(), ['line 1', 'line 2']);
  assert.match(sink.notices()[0] ?? '', /refused 1 of 3 lines of batch 1: line 1: told to refuse it/);
});

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
