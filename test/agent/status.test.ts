import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileSource } from '../../src/agent/sources/file.ts';
import { AGENT_REPORT_BYTES_MAX, type AgentReport } from '../../src/api/agent-report.ts';
import { version } from '../../src/system/version.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Scene, scene, settled } from '../support/following-scene.ts';
import { startIngestSink } from '../support/ingest-sink.ts';

function reported(at: Scene, what: string, test: (report: AgentReport) => boolean, deadlineMs?: number): Promise<void> {
  return at.sink.until(() => at.sink.reports.some(test), what, deadlineMs);
}

test('status: each batch carries a report, which does not count the batch itself', async (t) => {
  const at = await scene(t);
  at.start();
  at.append('one\n');
  await at.arrived(['one']);
  const [report] = at.sink.reports;
  assert.ok(report);
  const { producer, ...rest } = report;
  assert.match(producer, /^[\w-]{10,64}$/);
  assert.equal(at.sink.keys[0], `${producer}/1`);
  assert.deepEqual(rest, {
    version,
    host: hostname().slice(0, 64),
    clients: ['web-1'],
    sources: rest.sources,
    spool: { batches: 0, lines: 0, bytes: 0, max_bytes: 64 * 1024 * 1024, oldest_ms: 0 },
    gaps: { events: 0, lines: 0, unknown: 0 },
  });
  assert.deepEqual(
    rest.sources.map(({ name }) => name),
    ['file'],
  );
  await reported(at, 'the first look at the lag', ({ sources }) => sources[0]?.lag_bytes === 0, 3_000);
  const header = at.sink.requests[0]?.headers['logd-agent'];
  assert.ok(String(header).length <= AGENT_REPORT_BYTES_MAX);
});

test('status: an agent with nothing to send reports all the same, without a number, and says when it ends', async (t) => {
  const at = await scene(t);
  writeFileSync(at.path, '');
  const agent = at.start();
  await reported(at, 'a quiet report', ({ sources }) => sources[0]?.lag_bytes === 0, 3_000);
  assert.deepEqual(at.sink.keys, []);
  await agent.stop();
  assert.deepEqual(
    at.sink.reports.map(({ stopped }) => stopped),
    [undefined, true],
  );
});

test('status: a batch waits for no report that is not answered', async (t) => {
  const at = await scene(t);
  writeFileSync(at.path, '');
  let isAsked = false;
  at.sink.onReport = () => {
    isAsked = true;
    return 'stall';
  };
  at.start();
  await reported(at, 'a quiet report', () => true, 3_000);
  await settled();
  assert.ok(isAsked);
  at.append('one\n');
  await at.arrived(['one'], 2_000);
});

test('status: while the server is away spool and lag are told as they grow; then both fall to nothing', async (t) => {
  const at = await scene(t);
  at.sink.choose = () => ({ status: 503 });
  at.start({ spoolBytesMax: 4_096 });
  at.append('one\n');
  await reported(at, 'the spool fills', ({ spool }) => spool.lines === 1 && spool.bytes === 4_096);
  // More than is held on its way to the spool.
  at.append(`${'x'.repeat(10_000)}, for which the spool has no room\n`.repeat(1_200));
  await settled();
  const isBehind = ({ sources }: AgentReport) => (sources[0]?.lag_bytes ?? 0) > 100_000;
  await reported(at, 'what is not read is told', isBehind, 4_000);
  const behind = at.sink.reports.find(isBehind);
  assert.ok((behind?.sources[0]?.lag_ms ?? 0) >= 0);
  await reported(at, 'the age of the oldest batch', ({ spool }) => spool.oldest_ms > 1_000, 4_000);
  at.sink.choose = undefined;
  const before = at.sink.reports.length;
  const isAllWell = ({ spool, sources }: AgentReport) =>
    spool.batches + spool.lines + spool.bytes + spool.oldest_ms === 0 && sources[0]?.lag_bytes === 0;
  await at.sink.until(() => at.sink.reports.slice(before).some(isAllWell), 'all is well', 15_000);
});

test('status: losses are counted, known and unknown, over restarts, each once', async (t) => {
  const at = await scene(t);
  at.append('one\n');
  await at.start({ once: true }).ended;
  rmSync(at.path);
  writeFileSync(at.path, 'another file\n');
  await at.start({ once: true }).ended;
  assert.equal(at.sink.notices().length, 1);
  at.append(`${'long '.repeat(200)}\n`);
  await at.start({ once: true, lineBytesMax: 512 }).ended;
  assert.deepEqual(at.sink.reports.at(-1)?.gaps, { events: 2, lines: 0, unknown: 1 });
  at.append('more\n');
  await at.start({ once: true }).ended;
  assert.deepEqual(at.sink.reports.at(-1)?.gaps, { events: 2, lines: 0, unknown: 1 });
  assert.equal(at.sink.notices().length, 2);
});

test('status: lines that the server refused are lost lines of known number', async (t) => {
  const at = await scene(t);
  at.sink.faults.push('reject-first-line');
  at.append('one\ntwo\n');
  await at.start({ once: true }).ended;
  at.sink.faults.push({ status: 400 });
  at.append('three\nfour\nfive\n');
  await at.start({ once: true }).ended;
  assert.deepEqual(at.sink.reports.at(-1)?.gaps, { events: 2, lines: 4, unknown: 0 });
});

test('status: reports go on to the next server when one is gone', async (t) => {
  const [gone, there] = [await startIngestSink(), await startIngestSink()];
  t.after(() => there.close());
  await gone.close();
  const folder = temporaryFolder(t);
  appendFileSync(join(folder, 'a.log'), '');
  startTwoServers(t, [gone.url, there.url], folder);
  await there.until(() => there.reports.length > 0, 'a report', 8_000);
});

function startTwoServers(t: TestContext, servers: readonly [string, string], folder: string): void {
  const source = fileSource({ patterns: [join(folder, 'a.log')], from: 'start', lineBytesMax: 65_536 });
  startAgent(t, { server: servers[0], others: [servers[1]], sources: [source], stateFolder: join(folder, 'state') });
}
