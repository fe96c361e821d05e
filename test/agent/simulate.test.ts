import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { simulateSource } from '../../src/agent/sources/simulate.ts';
import type { Profile } from '../../src/agent/sources/simulated-entries.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type IngestSink, startIngestSink } from '../support/ingest-sink.ts';

async function ship(t: TestContext, options: Parameters<typeof simulateSource>[0]): Promise<IngestSink> {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const agent = startAgent(t, {
    server: sink.url,
    sources: [simulateSource(options)],
    stateFolder: temporaryFolder(t),
  });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  return sink;
}

test('simulate: so many entries as Client_<4 digits>, the last words at the end', async (t) => {
  const sink = await ship(t, { count: 2_500, rate: 0 });
  assert.equal(sink.entries.length, 2_500);
  assert.match(sink.entries[0]?.client_id ?? '', /^Client_\d{4}$/);
  assert.equal(sink.entries.at(-1)?.message, 'Client application shutting down.');
  assert.equal(sink.entries.at(-1)?.level, 'INFO');
  assert.equal(new Set(sink.entries.map(({ level }) => level)).size, 5);
});

test('simulate: the same seed gives the same entries, another seed others', async (t) => {
  const shown = (sink: IngestSink) => sink.entries.map(({ client_id, level, message }) => [client_id, level, message]);
  const first = shown(await ship(t, { count: 50, rate: 0, seed: 7 }));
  assert.deepEqual(shown(await ship(t, { count: 50, rate: 0, seed: 7 })), first);
  assert.notDeepEqual(shown(await ship(t, { count: 50, rate: 0, seed: 8 })), first);
});

test('simulate: a rate is kept', async (t) => {
  const started = performance.now();
  const sink = await ship(t, { count: 101, rate: 200 });
  const tookMs = performance.now() - started;
  assert.equal(sink.entries.length, 101);
  assert.ok(tookMs >= 450, `100 entries at 200 a second took ${tookMs} ms`);
});

test('simulate: only the levels asked for are forwarded', async (t) => {
  const sink = await ship(t, { count: 200, rate: 0, levels: new Set(['ERROR']) });
  assert.ok(sink.entries.length > 0);
  assert.ok(sink.entries.every(({ level }) => level === 'ERROR'));
});

test('simulate: a stop sends the last words before it ends', async (t) => {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const source = simulateSource({ rate: 50 });
  const agent = startAgent(t, { server: sink.url, sources: [source], stateFolder: temporaryFolder(t) });
  await sink.until((entries) => entries.length >= 3, 'some entries');
  assert.deepEqual(await agent.stop(), { kind: 'done' });
  assert.equal(sink.entries.at(-1)?.message, 'Client application shutting down.');
});

test('simulate: each profile says what it is for', async (t) => {
  const said = async (profile: Profile) => (await ship(t, { count: 3_000, rate: 0, seed: 3, profile })).entries;
  const web = await said('web');
  assert.ok(web.slice(0, -1).every(({ fields }) => typeof fields?.['http.status'] === 'number'));
  assert.ok(web.filter(({ level }) => level === 'ERROR').every(({ fields }) => Number(fields?.['http.status']) >= 500));
  const auth = await said('auth');
  assert.ok(auth.some(({ fields }) => fields?.event === 'banned'));
  assert.ok(auth.some(({ message }) => /Accepted publickey for \w+ from/.test(message)));
  const traces = await said('traces');
  assert.ok(traces.some(({ message }) => /^java.*\n {4}at .*\nCaused by: /s.test(message)));
  assert.ok(traces.some(({ message }) => message.startsWith('Traceback (most recent call last):\n')));
  const flood = await said('flood');
  const refused = flood.filter(({ message }) => message.startsWith('connection to db-'));
  assert.ok(refused.length > 500 && refused.length < 2_900, `${refused.length} of one fault`);
});
