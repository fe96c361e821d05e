import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { startTestServer } from '../support/server.ts';

/** fetch does not let a caller choose Host. */
function statusOf(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('Host: addresses, localhost and allowed names are served, others refused', async () => {
  await using server = await startTestServer({ allowHosts: ['Logs.example.org'] });
  const cases: [host: string, status: number][] = [
    ['127.0.0.1:5000', 200],
    ['localhost', 200],
    ['[::1]:80', 200],
    ['logs.example.org', 200],
    ['LOGS.example.org:8443', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example', 403],
    [':80', 403],
  ];
  for (const [host, status] of cases) assert.equal(await statusOf(`${server.url}/healthz`, { host }), status, host);
});

test('Host: where tokens are asked for, an agent that shows one may use any name; without them nobody may', async () => {
  const tokens = { ingest: 'ingest-secret', view: 'view-secret' };
  await using open = await startTestServer();
  await using closed = await startTestServer({ tokens });
  const authorization = `Bearer ${tokens.view}`;
  const host = 'logs.example.org';
  assert.equal(await statusOf(`${open.url}/api/logs`, { host, authorization }), 403);
  assert.equal(await statusOf(`${closed.url}/api/logs`, { host, authorization }), 200);
  assert.equal(await statusOf(`${closed.url}/api/logs`, { host, authorization: 'Bearer wrong' }), 401);
  assert.equal(await statusOf(`${closed.url}/api/logs`, { host }), 403);
});

test('Origin: requests from pages of other sites are refused, the own pages pass', async () => {
  await using server = await startTestServer();
  const { host } = new URL(server.url);
  const cases: [origin: string, status: number][] = [
    [`http://${host}`, 200],
    [`https://${host}`, 200],
    ['http://evil.example', 403],
    ['http://127.0.0.1:1', 403],
    ['null', 403],
  ];
  for (const [origin, status] of cases)
    assert.equal(await statusOf(`${server.url}/healthz`, { host, origin }), status, origin);
});

test('pages carry a strict Content-Security-Policy and are asked for again by tag', async () => {
  await using server = await startTestServer();
  for (const path of ['/view', '/tickets', '/sign-in']) {
    const page = await server.get(path);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'/);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    const again = await server.get(path, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    assert.equal(again.status, 304);
  }
  const plain = await server.get('/view', { headers: { 'accept-encoding': 'gzip;q=0, identity' } });
  const packed = await server.get('/view', { headers: { 'accept-encoding': 'br, gzip' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(packed.text, plain.text);
  assert.notEqual(packed.headers.get('etag'), plain.headers.get('etag'));
  const root = await server.get('/');
  assert.equal(root.headers.get('location'), '/view');
  assert.equal((await server.get('/assets/..%2f..%2fpackage.json')).status, 404);
});
