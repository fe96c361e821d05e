import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { entriesIn, readStream, type StreamEvent } from '../support/events.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };

async function send(server: TestServer, from: number, count: number, level = 'INFO'): Promise<void> {
  const body = Array.from({ length: count }, (_, index) => JSON.stringify({ level, message: `m${from + index}` })).join(
    '\n',
  );
  assert.equal((await server.post('/logs', body, { headers: NDJSON })).json.accepted, count);
}

const messagesIn = (events: readonly StreamEvent[]) => entriesIn(events).map(({ message }) => message);
const numbered = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, index) => `m${from + index}`);

test('GET /stream-logs: every viewer gets every entry, one event each or in batches', async () => {
  await using server = await startTestServer();
  using one = await readStream(`${server.url}/stream-logs`);
  using two = await readStream(`${server.url}/stream-logs`);
  using batched = await readStream(`${server.url}/stream-logs?batch=1`);
  assert.match(one.response.headers['content-type'] ?? '', /^text\/event-stream/);
  assert.equal(one.response.headers['cache-control'], 'no-cache, no-transform');
  assert.equal(one.response.headers['x-accel-buffering'], 'no');
  for (let batch = 0; batch < 20; batch++) await send(server, batch * 50, 50);
  for (const viewer of [one, two, batched]) {
    await viewer.until((events) => entriesIn(events).length >= 1000);
    assert.deepEqual(messagesIn(viewer.events), numbered(0, 1000));
  }
  const single = one.events.filter(({ event }) => event === 'message');
  assert.ok(single.every(({ id, data }) => id === data.uuid));
  const gathered = batched.events.filter(({ event }) => event === 'message');
  assert.ok(gathered.every(({ id, data }) => id === data.at(-1).uuid));
});

test('GET /stream-logs?query=: only matching entries come, and the position moves on by replayed ticks', async () => {
  await using server = await startTestServer();
  using viewer = await readStream(`${server.url}/stream-logs?query=${encodeURIComponent('level:error')}`);
  await send(server, 0, 10);
  await send(server, 10, 3, 'error');
  await viewer.until((events) => entriesIn(events).length === 3);
  assert.deepEqual(messagesIn(viewer.events), numbered(10, 13));
  await send(server, 13, 5);
  const { logs } = (await server.get('/api/logs?limit=1')).json;
  using again = await readStream(`${server.url}/stream-logs?query=level:error`, {
    'last-event-id': entriesIn(viewer.events).at(-1)?.uuid ?? '',
  });
  await again.until(() => again.position() === logs[0].uuid);
  assert.deepEqual(messagesIn(again.events), []);
});

test('Last-Event-ID: what was missed is replayed and joins the live stream without gap or repeat', async () => {
  await using server = await startTestServer();
  await send(server, 0, 2_500);
  const first = (await server.get('/api/logs/new?limit=1')).json.logs[0].uuid;
  // Entries go on arriving while viewers come, so that replay and live meet at every possible moment.
  const sending = (async () => {
    for (let from = 2_500; from < 6_000; from += 50) await send(server, from, 50);
  })();
  const viewers = [];
  for (let count = 0; count < 12; count++) {
    viewers.push(
      await readStream(
        `${server.url}/stream-logs?${count % 2 ? 'batch=1' : `last_event_id=${first}`}`,
        count % 2 ? { 'last-event-id': first } : {},
      ),
    );
    await sleep(5);
  }
  await sending;
  for (const viewer of viewers) {
    await viewer.until((events) => entriesIn(events).length >= 5_999);
    assert.deepEqual(messagesIn(viewer.events), numbered(1, 6_000));
    viewer[Symbol.dispose]();
  }
});

test('event: state: a change reaches every viewer, after the entry it is about, without an id', async () => {
  await using server = await startTestServer();
  using viewer = await readStream(`${server.url}/stream-logs`);
  const { id } = (await server.post('/log', { message: 'broken' })).json;
  await server.post(`/api/logs/${id}/ticket`);
  await server.post(`/api/logs/${id}/note`, { note: 'look at it' });
  await viewer.until((events) => events.filter(({ event }) => event === 'state').length === 2);
  const [entry, ...states] = viewer.events.filter(({ event }) => event !== 'tick');
  assert.equal(entry?.data.uuid, id);
  assert.deepEqual(
    states.map(({ data }) => [data.uuid, data.is_ticket, data.note]),
    [
      [id, true, undefined],
      [id, true, 'look at it'],
    ],
  );
  assert.ok(states.every((state) => state.id === undefined));
});

test('Last-Event-ID: states changed meanwhile are told after the entries', async () => {
  await using server = await startTestServer();
  const before = (await server.post('/log', { message: 'seen' })).json.id;
  using viewer = await readStream(`${server.url}/stream-logs`);
  const { id } = (await server.post('/log', { message: 'seen too' })).json;
  await viewer.until((events) => entriesIn(events).length === 1);
  viewer[Symbol.dispose]();
  await server.post(`/api/logs/${before}/pin`);
  await server.post(`/api/logs/${id}/delete`);
  using again = await readStream(`${server.url}/stream-logs?last_event_id=${id}`);
  await again.until((events) => events.filter(({ event }) => event === 'state').length === 2);
  const states = again.events
    .filter(({ event }) => event === 'state')
    .map(({ data }) => [data.uuid, data.is_pinned, data.is_deleted]);
  assert.deepEqual(
    states.sort(),
    [
      [before, true, false],
      [id, false, true],
    ].sort(),
  );
});

test('a viewer that does not read slows nobody, gets a gap with the exact number it missed, and goes on', async () => {
  await using server = await startTestServer();
  const { port, hostname } = new URL(server.url);
  const stuck = connect(Number(port), hostname);
  stuck.write(`GET /stream-logs HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  await once(stuck, 'readable');
  using prompt = await readStream(`${server.url}/stream-logs`);
  const message = 'x'.repeat(2_000);
  const total = 12_000;
  for (let from = 0; from < total; from += 200) {
    const body = Array.from({ length: 200 }, () => JSON.stringify({ message })).join('\n');
    const started = performance.now();
    await server.post('/logs', body, { headers: NDJSON });
    assert.ok(performance.now() - started < 2_000, 'ingest does not wait for a stuck viewer');
  }
  await prompt.until((events) => entriesIn(events).length === total, 20_000);
  assert.equal(prompt.events.filter(({ event }) => event === 'gap').length, 0);

  let text = '';
  let entryCount = 0;
  let missed = 0;
  let wentOn = false;
  stuck.setEncoding('utf8');
  stuck.on('data', (chunk: string) => {
    text += chunk;
    entryCount += text.split('data: {"uuid"').length - 1;
    for (const [, count] of text.matchAll(/event: gap\ndata: \{"missed":(\d+)\}/g)) missed += Number(count);
    wentOn ||= text.includes('after the gap');
    text = text.slice(-40).replace(/data: \{"uuid"/g, '');
  });
  const deadline = Date.now() + 10_000;
  while (entryCount + missed < total && Date.now() < deadline) await sleep(20);
  assert.ok(missed > 0, 'the stuck viewer is told that it missed entries');
  assert.equal(entryCount + missed, total);
  await server.post('/log', { message: 'after the gap' });
  while (!wentOn && Date.now() < deadline) await sleep(20);
  assert.ok(wentOn, 'what comes after the gap arrives');
  stuck.destroy();
});

test('a viewer that was stuck is told the states that changed meanwhile, after the gap', async () => {
  await using server = await startTestServer();
  using viewer = await readStream(`${server.url}/stream-logs`);
  const { id } = (await server.post('/log', { message: 'pinned meanwhile' })).json;
  await viewer.until((events) => entriesIn(events).length === 1);
  viewer.response.pause();
  const body = Array.from({ length: 2_000 }, () => JSON.stringify({ message: 'x'.repeat(2_000) })).join('\n');
  for (let batch = 0; batch < 6; batch++) await server.post('/logs', body, { headers: NDJSON });
  await server.post(`/api/logs/${id}/pin`);
  viewer.response.resume();
  await viewer.until((events) => events.some(({ event }) => event === 'gap'));
  await viewer.until((events) => events.some(({ event }) => event === 'state'));
  const told = viewer.events.find(({ event }) => event === 'state');
  assert.deepEqual([told?.data.uuid, told?.data.is_pinned], [id, true]);
});

test('a stream says where it stands when it opens: batched ones by a tick, single ones without any data', async () => {
  await using server = await startTestServer();
  const { id } = (await server.post('/log', { message: 'only one' })).json;
  using batched = await readStream(`${server.url}/stream-logs?batch=1`);
  await batched.until((events) => events.length > 0);
  assert.deepEqual(batched.events[0], { event: 'tick', id, data: { id } });
  using single = await readStream(`${server.url}/stream-logs`);
  await single.until(() => single.position() === id);
  assert.deepEqual(single.events, []);
});

test('event: tick: comes within 10 s, also to a viewer whose filter lets nothing through', async () => {
  await using server = await startTestServer();
  using viewer = await readStream(`${server.url}/stream-logs?query=nothing`);
  const { id } = (await server.post('/log', { message: 'passed over' })).json;
  await viewer.until(
    (events) => events.some((event) => event.event === 'tick' && event.id === id && event.data.id === id),
    10_000,
  );
});

test('a server that stops ends its streams at once', async () => {
  const server = await startTestServer();
  using viewer = await readStream(`${server.url}/stream-logs`);
  const ended = once(viewer.response, 'close');
  const started = performance.now();
  await server.close();
  await ended;
  assert.ok(performance.now() - started < 2_500);
});

test('a regular expression that would run for ever ends its own stream and holds up nobody', async () => {
  await using server = await startTestServer();
  const query = encodeURIComponent('/(a+)+$/');
  using stuck = await readStream(`${server.url}/stream-logs?query=${query}`);
  using prompt = await readStream(`${server.url}/stream-logs`);
  using careful = await readStream(`${server.url}/stream-logs?query=${encodeURIComponent('/a+!$/')}`);
  const ended = once(stuck.response, 'close');
  const started = performance.now();
  await server.post('/log', { message: `${'a'.repeat(40)}!` });
  await prompt.until((events) => entriesIn(events).length === 1);
  await careful.until((events) => entriesIn(events).length === 1);
  await ended;
  assert.ok(performance.now() - started < 2_000);
  const refused = await server.get(`/stream-logs?query=${query}`);
  assert.equal(refused.status, 400);
  assert.match(refused.json.error, /took too long/);
});

test('a replay whose regular expression would run for ever ends too', async () => {
  await using server = await startTestServer();
  const { id } = (await server.post('/log', { message: 'first' })).json;
  await server.post('/log', { message: `${'a'.repeat(40)}!` });
  using stuck = await readStream(
    `${server.url}/stream-logs?last_event_id=${id}&query=${encodeURIComponent('/(a+)+$/')}`,
  );
  if (!stuck.response.complete) await once(stuck.response, 'close');
  assert.equal((await server.post('/log', { message: 'goes on' })).status, 201);
});
