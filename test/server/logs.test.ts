import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { startTestServer, type TestServer } from '../support/server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ level: 'INFO', message: `line ${from + index}`, client_id: 'web-1' }),
  ).join('\n');

async function messages(server: TestServer): Promise<string[]> {
  const { logs } = (await server.get('/api/logs/new?limit=1000')).json;
  return logs.map(({ message }: { message: string }) => message);
}

test('POST /logs: a batch as NDJSON or array, plain or packed, is stored in its order', async () => {
  await using server = await startTestServer();
  const cases: [body: unknown, headers: Record<string, string>][] = [
    [lines(0, 3), NDJSON],
    [`${lines(3, 3)}\n`, NDJSON],
    [gzipSync(lines(6, 3)), { ...NDJSON, 'content-encoding': 'gzip' }],
    [zstdCompressSync(lines(9, 3)), { ...NDJSON, 'content-encoding': 'zstd' }],
    [`[${lines(12, 3).replaceAll('\n', ',')}]`, {}],
  ];
  for (const [body, headers] of cases) {
    const { status, json } = await server.post('/logs', body, { headers });
    assert.equal(status, 200);
    assert.equal(json.accepted, 3);
    assert.deepEqual(json.rejected, []);
    assert.ok(json.first_id < json.last_id);
  }
  assert.deepEqual(
    await messages(server),
    Array.from({ length: 15 }, (_, index) => `line ${index}`),
  );
});

test('POST /logs: bad lines are told by number and the good ones kept; blank lines count and are skipped', async () => {
  await using server = await startTestServer();
  const body = `${lines(0, 1)}\n\n{nope\n   \n{"level":"INFO"}\r\n${lines(1, 1)}\r\n`;
  const { json } = await server.post('/logs', body, { headers: NDJSON });
  assert.equal(json.accepted, 2);
  assert.deepEqual(
    json.rejected.map(({ line }: { line: number }) => line),
    [3, 5],
  );
  assert.match(json.rejected[0].error, /not JSON/);
  assert.match(json.rejected[1].error, /"message" is missing/);
  assert.deepEqual(await messages(server), ['line 0', 'line 1']);
  const array = await server.post('/logs', `[${lines(2, 1)},5]`);
  assert.deepEqual([array.json.accepted, array.json.rejected[0].line], [1, 2]);
});

test('POST /logs: a batch with nothing in it is accepted with nothing', async () => {
  await using server = await startTestServer();
  for (const [body, headers] of [
    ['', NDJSON],
    ['\n\n', NDJSON],
    ['[]', {}],
  ] as const) {
    assert.deepEqual((await server.post('/logs', body, { headers })).json, { accepted: 0, rejected: [] });
  }
});

test('POST /logs: a body that is no batch is refused', async () => {
  await using server = await startTestServer();
  const cases: [body: string, headers: Record<string, string>, status: number][] = [
    ['{"message":"one"}', {}, 400],
    ['[{', {}, 400],
    [lines(0, 1), { 'content-type': 'text/csv' }, 415],
    [lines(0, 1), { ...NDJSON, 'idempotency-key': 'no-number' }, 400],
    [lines(0, 1), { ...NDJSON, 'idempotency-key': 'agent/-1' }, 400],
    [lines(0, 1), { ...NDJSON, 'idempotency-key': `${'a'.repeat(300)}/1` }, 400],
  ];
  for (const [body, headers, status] of cases) {
    const answer = await server.post('/logs', body, { headers });
    assert.equal(answer.status, status, answer.text);
    assert.equal(typeof answer.json.error, 'string');
  }
  assert.deepEqual(await messages(server), []);
});

test('Idempotency-Key: a repeat stores nothing, the last one tells its ids, another body is refused with 409', async () => {
  await using server = await startTestServer();
  const send = (key: string, body: string, more: Record<string, string> = {}) =>
    server.post('/logs', more['content-encoding'] ? gzipSync(body) : body, {
      headers: { ...NDJSON, 'idempotency-key': key, ...more },
    });
  const first = (await send('agent/1', lines(0, 2))).json;
  assert.equal(first.duplicate, undefined);
  const again = await send('agent/1', lines(0, 2));
  assert.equal(again.status, 200);
  assert.deepEqual(again.json, {
    accepted: 0,
    rejected: [],
    first_id: first.first_id,
    last_id: first.last_id,
    duplicate: true,
  });
  const packed = await send('agent/1', lines(0, 2), { 'content-encoding': 'gzip' });
  assert.equal(packed.json.duplicate, true, 'the same body packed is the same body');
  assert.equal((await send('agent/1', lines(5, 2))).status, 409);
  assert.equal((await send('agent/7', lines(2, 1))).json.accepted, 1, 'numbers may be left out');
  const old = (await send('agent/1', lines(0, 2))).json;
  assert.deepEqual(old, { accepted: 0, rejected: [], duplicate: true }, 'of older ones no ids are known');
  assert.equal((await send('agent/3', lines(9, 1))).json.duplicate, true);
  assert.equal((await send('other/1', lines(3, 1))).json.accepted, 1, 'each producer counts for itself');
  assert.equal((await send('a/b/8', lines(4, 1))).json.accepted, 1, 'a producer may have a slash in its name');
  assert.deepEqual(await messages(server), ['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
});

test('Idempotency-Key: whoever lost the answer learns from the repeat which lines were refused', async () => {
  await using server = await startTestServer();
  const body = '{"level":"INFO","message":"good"}\n{"level":"INFO"}\n';
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'agent/1' };
  const first = (await server.post('/logs', body, { headers })).json;
  assert.equal(first.accepted, 1);
  assert.equal(first.rejected[0].line, 2);
  const repeat = (await server.post('/logs', body, { headers })).json;
  assert.equal(repeat.duplicate, true);
  assert.equal(repeat.accepted, 0);
  assert.deepEqual(repeat.rejected, first.rejected);
});

test('Idempotency-Key: copies of one batch at the same moment are stored once', async () => {
  await using server = await startTestServer();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      server.post('/logs', lines(0, 10), { headers: { ...NDJSON, 'idempotency-key': 'agent/1' } }),
    ),
  );
  assert.equal(answers.filter(({ json }) => json.accepted === 10).length, 1);
  assert.equal(answers.filter(({ json }) => json.duplicate === true).length, 7);
  assert.equal(new Set(answers.map(({ json }) => json.first_id)).size, 1);
});

test('--client-rate: a client over its rate gets 429 with Retry-After, others go on', async () => {
  let nowMs = 0;
  const clock = { nowMs: () => Date.now(), monotonicMs: () => nowMs, sleep: async () => {} };
  await using server = await startTestServer({ clientRate: 10, clock });
  assert.equal((await server.post('/logs', lines(0, 30), { headers: NDJSON })).json.accepted, 30);
  const refused = await server.post('/logs', lines(30, 1), { headers: NDJSON });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '3');
  assert.equal((await server.post('/log', { message: 'm', client_id: 'other' })).status, 201);
  nowMs = 2_001;
  assert.equal((await server.post('/logs', lines(30, 1), { headers: NDJSON })).status, 200);
});
