import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { startTestServer } from '../support/server.ts';

test('POST /log: an entry is answered with its id and stored with folded level and defaults', async () => {
  await using server = await startTestServer();
  const cases: [sent: object, stored: object][] = [
    [
      { level: 'warn', message: 'a', client_id: 'web-1' },
      { log_level: 'WARNING', message: 'a', client_id: 'web-1' },
    ],
    [
      { level: 'Fatal', message: 'b' },
      { log_level: 'CRITICAL', client_id: 'UNKNOWN_CLIENT' },
    ],
    [{ level: 'blue', message: 'c' }, { log_level: 'UNKNOWN' }],
    [
      { message: 'd', timestamp: '2025-05-01T10:00:00.5+02:00' },
      { timestamp: '2025-05-01T08:00:00.500Z', timestamp_str: '2025-05-01 08:00:00,500' },
    ],
    [{ message: 'e', timestamp: 1746086400000 }, { timestamp: '2025-05-01T08:00:00.000Z' }],
    [
      { message: 'f', source: 'syslog', fields: { http: { status: 404 }, ok: true } },
      { source: 'syslog', fields: { 'http.status': 404, ok: true } },
    ],
    [
      { message: ' \u0000 tab\t{ line\nbreak \\x41 \u{1f600}' },
      { message: ' \u0000 tab\t{ line\nbreak \\x41 \u{1f600}' },
    ],
  ];
  for (const [sent, stored] of cases) {
    const answer = await server.post('/log', sent);
    assert.equal(answer.status, 201);
    assert.deepEqual(Object.keys(answer.json), ['status', 'id']);
    const { log } = (await server.get(`/api/logs/${answer.json.id}`)).json;
    assert.deepEqual({ ...log, ...stored }, log);
  }
});

test('POST /log: what is wrong is told with the right status and nothing is stored', async () => {
  await using server = await startTestServer();
  const cases: [body: unknown, headers: Record<string, string>, status: number, says: RegExp][] = [
    ['{nope', {}, 400, /not JSON.*position 1/],
    ['', {}, 400, /not JSON/],
    ['[]', {}, 400, /JSON object/],
    [{ level: 'INFO' }, {}, 400, /"message" is missing/],
    [{ message: '' }, {}, 400, /"message" is missing/],
    [{ message: 5 }, {}, 400, /"message" is missing/],
    [{ message: 'x', timestamp: 'tomorrow' }, {}, 400, /"timestamp".*ISO 8601/],
    [{ message: 'x', fields: [1] }, {}, 400, /"fields" must be/],
    [{ message: 'x', client_id: 'c'.repeat(300) }, {}, 400, /"client_id" has 300/],
    [{ message: 'x' }, { 'content-type': 'text/plain' }, 415, /application\/json/],
    [{ message: 'x' }, { 'content-encoding': 'lzma' }, 415, /gzip, zstd/],
    [{ message: 'x' }, { 'content-encoding': 'gzip' }, 400, /not whole gzip/],
    [gzipSync('{"message":"whole"}').subarray(0, 20), { 'content-encoding': 'gzip' }, 400, /not whole gzip/],
    [zstdCompressSync(Buffer.alloc(70 * 1024 * 1024)), { 'content-encoding': 'zstd' }, 413, /64 MiB/],
    [Buffer.alloc(64 * 1024 * 1024 + 1, 32), {}, 413, /64 MiB/],
  ];
  for (const [body, headers, status, says] of cases) {
    const answer = await server.post('/log', body, { headers });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.error, says);
  }
  assert.equal((await server.get('/api/logs')).json.logs.length, 0);
});

test('a path, method or parameter that does not exist gets a JSON error', async () => {
  await using server = await startTestServer();
  const cases: [path: string, status: number][] = [
    ['/nope', 404],
    ['/log', 405],
    ['/api/logs?limit=0', 400],
    ['/api/logs?limit=1001', 400],
    ['/api/logs?order=up', 400],
    ['/api/logs?cursor=x', 400],
    ['/api/logs?since=whenever', 400],
    ['/api/logs/new?since=x', 400],
    ['/api/logs/00000000-0000-4000-8000-000000000000', 404],
    ['/api/logs/x', 404],
    ['/api/histogram?buckets=0', 400],
    ['/api/tickets?status=lost', 400],
    ['/stream-logs?last_event_id=x', 400],
    ['/%zz', 400],
    [`/assets/${'x'.repeat(300)}`, 414],
  ];
  for (const [path, status] of cases) {
    const answer = await server.get(path);
    assert.equal(answer.status, status, `${path}: ${answer.text}`);
    assert.equal(typeof answer.json.error, 'string');
  }
});

test('a wrong query is answered with its position and what was expected', async () => {
  await using server = await startTestServer();
  for (const path of ['/api/logs', '/api/log_stats', '/api/histogram', '/stream-logs']) {
    const answer = await server.get(`${path}?query=${encodeURIComponent('error level:blue')}`);
    assert.equal(answer.status, 400);
    assert.equal(answer.json.position, 12);
    assert.match(answer.json.error, /expected debug, info, warning, error, critical or unknown/);
  }
});

test('a method that a path does not take gets 405 and those it takes', async () => {
  await using server = await startTestServer();
  const cases: [method: string, path: string, allow: string][] = [
    ['GET', '/log', 'POST'],
    ['PUT', '/logs', 'POST'],
    ['POST', '/stream-logs', 'GET'],
    ['DELETE', '/api/logs', 'GET, HEAD'],
    ['GET', '/api/logs/01a206d9-a4d3-7000-8000-993cc5007b81/pin', 'POST'],
  ];
  for (const [method, path, allow] of cases) {
    const answer = await server.get(path, { method });
    assert.equal(answer.status, 405, path);
    assert.deepEqual(answer.headers.get('allow')?.split(', ').sort(), allow.split(', ').sort());
    assert.equal(typeof answer.json.error, 'string');
  }
});

test('what is no HTTP, or has a head too long, gets a JSON error of its own', async () => {
  await using server = await startTestServer();
  const { port, hostname } = new URL(server.url);
  const cases: [sent: string, status: RegExp][] = [
    ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ];
  for (const [sent, status] of cases) {
    const socket = connect(Number(port), hostname);
    socket.end(sent);
    const answer = await text(socket);
    assert.match(answer, status);
    assert.equal(typeof JSON.parse(answer.split('\r\n\r\n')[1] ?? '').error, 'string');
  }
});
