import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { BatchBody } from '../../src/api/types.ts';
import { startTestServer } from '../support/server.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const LINES = Array.from(
  { length: 5_000 },
  (_, line) => `${JSON.stringify({ message: `${line} ${'x'.repeat(60)}` })}\n`,
);
const BODY = Buffer.from(LINES.join(''));

for (const [form, headers] of [
  ['of a given length', { 'content-length': BODY.length }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
] as const) {
  test(`POST /logs: a body ${form} is read whole, in whatever pieces it comes`, async () => {
    await using server = await startTestServer();
    const sent = request(new URL('/logs', server.url), { method: 'POST', headers: { ...NDJSON, ...headers } });
    for (let at = 0, size = 1; at < BODY.length; at += size, size = (size * 7 + 1) % 90_001) {
      sent.write(BODY.subarray(at, at + size));
      if (at % 3 === 0) await wait(1);
    }
    sent.end();
    const [response] = await once(sent, 'response');
    const { accepted, rejected } = (await json(response)) as BatchBody;
    assert.deepEqual({ accepted, rejected }, { accepted: LINES.length, rejected: [] });
    const { logs } = (await server.get('/api/logs?limit=2')).json;
    assert.deepEqual(
      logs.map(({ message }: { message: string }) => message.split(' ')[0]),
      ['4999', '4998'],
    );
  });

  test(`POST /logs: of a body ${form} that is cut off nothing is stored`, async () => {
    await using server = await startTestServer();
    const sent = request(new URL('/logs', server.url), { method: 'POST', headers: { ...NDJSON, ...headers } });
    sent.on('error', () => {});
    sent.write(BODY.subarray(0, 100_000));
    await wait(20);
    sent.destroy();
    await wait(20);
    const whole = await server.post('/logs', '{"message":"after it"}\n', { headers: NDJSON });
    assert.equal(whole.json.accepted, 1);
    assert.equal((await server.get('/api/logs')).json.logs.length, 1);
  });
}

test('POST /logs: a body in chunks beyond the bound is refused with 413 while it comes', async () => {
  await using server = await startTestServer();
  const headers = { ...NDJSON, 'transfer-encoding': 'chunked' };
  const sent = request(new URL('/logs', server.url), { method: 'POST', headers });
  sent.on('error', () => {});
  const answered = once(sent, 'response');
  const piece = Buffer.alloc(1024 * 1024, 0x20);
  for (let count = 0; count < 65; count++) if (!sent.write(piece)) await Promise.race([once(sent, 'drain'), answered]);
  const [response] = await answered;
  assert.equal(response.statusCode, 413);
  assert.match(((await json(response)) as { error: string }).error, /64 MiB/);
  sent.destroy();
});
