/**
 * What live streams promise, of the built executable, while its server is killed and its segments are put aside: every
 * viewer gets every entry once and in order, one that was away catches up, one that is stuck harms nobody.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ID_NONE } from '../../src/entry/id.ts';
import { entriesIn, readStream, type StreamReading } from '../support/events.ts';
import { emptyFolder, serve } from '../support/executable.ts';
import { createRandom } from '../support/faulty-files.ts';
import { messageOf, sendNumbered } from '../support/numbered-sender.ts';
import { type ResumingViewer, startResumingViewer } from '../support/resuming-viewer.ts';
import { until } from '../support/until.ts';

const SEEDS = process.env.LOGD_TEST_SEEDS?.split(',').map(Number) ?? [1, 2];
const ENTRIES = 20_000;
const VIEWERS = 20;
const KILLS = 2;
/** The smallest: replays meet many sealed segments, and one being sealed. */
const SMALL_SEGMENTS = ['--segment-size', '64KB'];

/** One in ten is for the viewers who filter. */
const isError = (number: number) => number % 10 === 7;
const numbers = Array.from({ length: ENTRIES }, (_, number) => number);
const STREAMS = [
  { search: '', wanted: numbers },
  { search: '?batch=1', wanted: numbers },
  { search: '?query=level:error', wanted: numbers.filter(isError) },
  { search: '?query=level:error&batch=1', wanted: numbers.filter(isError) },
] as const;

for (const seed of SEEDS) {
  test(
    `streams: ${VIEWERS} viewers come and go while entries come in and the server is killed (seed ${seed})`,
    {
      timeout: 60_000,
    },
    (t) => comeAndGo(t, seed),
  );
}

async function comeAndGo(t: TestContext, seed: number): Promise<void> {
  const random = createRandom(seed);
  const cwd = await emptyFolder(t);
  let server = await serve(SMALL_SEGMENTS, { cwd });
  t.after(() => server.kill());
  const { url, port } = server;

  const viewers: { viewer: ResumingViewer; search: string; wanted: readonly number[] }[] = [];
  t.after(() => Promise.all(viewers.map(({ viewer }) => viewer.stop())));
  const enter = async (position: string | undefined) => {
    const stream = STREAMS[viewers.length % STREAMS.length] ?? STREAMS[0];
    const viewer = await startResumingViewer({ url: `${url}/stream-logs${stream.search}`, position, random });
    viewers.push({ viewer, ...stream });
  };
  for (let count = 0; count < VIEWERS / 2; count++) await enter(undefined);

  let answeredCount = 0;
  const sending = sendNumbered({
    serverUrl: url,
    count: ENTRIES,
    batchMax: 100,
    random,
    levelOf: (number) => (isError(number) ? 'ERROR' : 'INFO'),
    onAnswered: (count) => {
      answeredCount = count;
    },
  });
  for (let kill = 1; kill <= KILLS; kill++) {
    const part = (kill - 1 + random()) / KILLS;
    await until(() => answeredCount >= part * ENTRIES);
    await pause(Math.floor(random() * 10));
    await server.kill('SIGKILL');
    server = await serve(SMALL_SEGMENTS, { cwd, port });
    // Those who come late want all from the beginning.
    while (viewers.length < (VIEWERS / 2) * (1 + kill / KILLS)) await enter(ID_NONE);
  }
  await sending;

  const isComplete = () => viewers.every(({ viewer, wanted }) => viewer.messages.length >= wanted.length);
  await until(isComplete, 20_000).catch(() => {
    // What is missing is told below.
  });
  for (const [index, { viewer, search, wanted }] of viewers.entries()) {
    await viewer.stop();
    assertSame(viewer.messages, wanted.map(messageOf), `viewer ${index} of ${search || 'all'}`);
    assert.equal(viewer.missed, 0, 'all were prompt');
  }
  const sealed = readdirSync(join(cwd, 'data')).filter((name) => name.endsWith('.log.zst')).length;
  assert.ok(sealed >= 5, `replays are to cross sealed segments, and there are ${sealed}`);
  const connections = viewers.reduce((sum, { viewer }) => sum + viewer.connectionCount, 0);
  t.diagnostic(`${connections} connections of ${viewers.length} viewers, ${sealed} sealed segments`);
}

/** As deepEqual, without printing twenty thousand lines. */
function assertSame(found: readonly string[], wanted: readonly string[], whose: string): void {
  const at = wanted.findIndex((message, index) => found[index] !== message);
  const place = at === -1 ? wanted.length : at;
  assert.deepEqual(found.slice(place, place + 5), wanted.slice(place, place + 5), `${whose} differs at ${place}`);
  assert.equal(found.length, wanted.length, `${whose} got too many`);
}

test('streams: one who does not read slows nobody, is told what it missed, and gets that by its id', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve(['--segment-size', '4MB'], { cwd });
  using stuck = await readStream(`${server.url}/stream-logs`);
  using prompt = await readStream(`${server.url}/stream-logs?batch=1`);
  stuck.response.pause();
  const padding = 'x'.repeat(2_000);
  const total = 12_000;
  const perBatch = 200;
  for (let from = 0; from < total; from += perBatch) {
    const started = performance.now();
    await send(server.url, from, perBatch, padding);
    assert.ok(performance.now() - started < 2_000, 'ingest does not wait for a stuck viewer');
  }
  await prompt.until((events) => entriesIn(events).length === total, 20_000);
  assert.ok(!prompt.events.some(({ event }) => event === 'gap'), 'the others miss nothing');

  stuck.response.resume();
  // It may get some in between, where the system made room for more, and miss others again.
  await stuck.until((events) => entriesIn(events).length + missedIn(stuck) === total, 20_000);
  const gapAt = stuck.events.findIndex(({ event }) => event === 'gap');
  const before = entriesIn(stuck.events.slice(0, gapAt));
  assert.ok(gapAt !== -1 && before.length > 0, 'it got some and missed some');
  const got = entriesIn(stuck.events).length;
  await send(server.url, total, 1, padding);
  await stuck.until((events) => entriesIn(events).length === got + 1);

  using again = await readStream(`${server.url}/stream-logs`, { 'last-event-id': before.at(-1)?.uuid ?? '' });
  await again.until((events) => entriesIn(events).length === total + 1 - before.length, 20_000);
  const seen = [...before, ...entriesIn(again.events)].map(({ message }) => message.slice(padding.length));
  assertSame(
    seen,
    Array.from({ length: total + 1 }, (_, number) => messageOf(number)),
    'who resumes',
  );
});

test('streams: a filter that lets nothing through moves on, across a kill too', async (t) => {
  const cwd = await emptyFolder(t);
  let server = await serve(SMALL_SEGMENTS, { cwd });
  t.after(() => server.kill());
  const { url, port } = server;
  const path = `${url}/stream-logs?query=client:nobody`;
  using viewer = await readStream(path);
  for (let from = 0; from < 5_000; from += 500) await send(url, from, 500);
  const newest = await newestId(url);
  await viewer.until(() => viewer.position() === newest, 11_000);
  assert.deepEqual(
    viewer.events.filter(({ event }) => event !== 'tick'),
    [],
  );
  await server.kill('SIGKILL');
  server = await serve(SMALL_SEGMENTS, { cwd, port });
  using again = await readStream(path, { 'last-event-id': newest });
  // Nothing is between: it is live at once, without a look at what it has passed.
  await send(url, 5_000, 1, '', 'nobody');
  await again.until((events) => entriesIn(events).length === 1);
  assert.deepEqual(
    entriesIn(again.events).map(({ message }) => message),
    [messageOf(5_000)],
  );
  // From the start instead, it passes all the sealed segments and says so as it goes.
  using late = await readStream(path, { 'last-event-id': ID_NONE });
  await late.until((events) => entriesIn(events).length === 1);
  assert.equal(late.position(), await newestId(url));
});

function missedIn(stream: StreamReading): number {
  return stream.events.reduce((sum, { event, data }) => sum + (event === 'gap' ? data.missed : 0), 0);
}

async function send(url: string, from: number, count: number, padding = '', client_id = 'web-1'): Promise<void> {
  const line = (_: unknown, index: number) =>
    JSON.stringify({ level: 'INFO', client_id, message: `${padding}${messageOf(from + index)}` });
  const response = await fetch(`${url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Array.from({ length: count }, line).join('\n'),
  });
  assert.equal(response.status, 200, await response.text());
}

async function newestId(url: string): Promise<string> {
  const response = await fetch(`${url}/api/logs?limit=1`);
  return ((await response.json()) as { logs: { uuid: string }[] }).logs[0]?.uuid ?? '';
}
