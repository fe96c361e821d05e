import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStream } from '../support/events.ts';
import { startTestServer } from '../support/server.ts';

test('GET /metrics: counts what came in, by level and protocol, what was refused and sent twice, and who watches', async () => {
  await using server = await startTestServer();
  using _viewer = await readStream(`${server.url}/stream-logs`);
  await server.post('/log', { message: 'a', level: 'ERROR' });
  await server.post('/log', { level: 'ERROR' });
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'agent/1' };
  for (let round = 0; round < 2; round++)
    await server.post('/logs', '{"message":"b"}\n{"message":"c","level":"INFO"}\n{nope', { headers });
  const { headers: answered, text } = await server.get('/metrics');
  assert.match(answered.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  for (const line of [
    'logd_entries_total{level="ERROR"} 1',
    'logd_entries_total{level="INFO"} 1',
    'logd_entries_total{level="UNKNOWN"} 1',
    'logd_entries_total{level="DEBUG"} 0',
    'logd_ingested_entries_total{protocol="log"} 1',
    'logd_ingested_entries_total{protocol="logs"} 2',
    'logd_rejected_entries_total{protocol="log"} 1',
    'logd_rejected_entries_total{protocol="logs"} 1',
    'logd_duplicate_batches_total 1',
    'logd_viewers 1',
    'logd_viewer_missed_entries_total 0',
    'logd_store_entries 3',
    'logd_flush_duration_seconds_count 2',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`);
  }
});
