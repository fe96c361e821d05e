import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTokens, TokenFileError } from '../../src/server/tokens.ts';
import { startTestServer } from '../support/server.ts';

const tokens = { ingest: 'ingest-secret', view: 'view-secret' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('tokens: the ingest token can only send, the view token reads and triages and cannot send', async () => {
  await using server = await startTestServer({ tokens });
  const send = (headers: Record<string, string>) => server.post('/log', { message: 'm' }, { headers });
  assert.equal((await send({})).status, 401);
  assert.equal((await send(bearer('wrong'))).status, 401);
  assert.equal((await send(bearer(tokens.view))).status, 403);
  const { status, json } = await send(bearer(tokens.ingest));
  assert.equal(status, 201);
  for (const path of ['/api/logs', '/api/log_stats', '/api/clients', '/api/tickets', `/api/logs/${json.id}`]) {
    assert.equal((await server.get(path)).status, 401);
    assert.equal((await server.get(path, { headers: bearer(tokens.ingest) })).status, 403);
    assert.equal((await server.get(path, { headers: bearer(tokens.view) })).status, 200);
  }
  assert.equal((await server.get('/stream-logs')).status, 401);
  assert.equal(
    (await server.post(`/api/logs/${json.id}/pin`, undefined, { headers: bearer(tokens.ingest) })).status,
    403,
  );
  assert.equal(
    (await server.post(`/api/logs/${json.id}/pin`, undefined, { headers: bearer(tokens.view) })).status,
    200,
  );
  assert.equal((await server.get('/healthz')).status, 200);
});

test('tokens: a browser is led to sign in, and the cookie it gets reads and triages', async () => {
  await using server = await startTestServer({ tokens });
  const led = await server.get('/view?q=1');
  assert.equal(led.status, 303);
  assert.equal(led.headers.get('location'), `/sign-in?next=${encodeURIComponent('/view?q=1')}`);
  assert.equal((await server.get('/sign-in')).status, 200);
  assert.equal((await server.post('/sign-in', { token: tokens.ingest })).status, 401);
  assert.equal((await server.post('/sign-in', { token: 'wrong' })).status, 401);
  const signedIn = await server.post('/sign-in', { token: tokens.view });
  assert.equal(signedIn.status, 204);
  const given = signedIn.headers.get('set-cookie') ?? '';
  assert.match(given, /; HttpOnly; SameSite=Strict/);
  assert.ok(!given.includes(tokens.view), 'the cookie does not give the token away');
  const cookie = given.split(';')[0] ?? '';
  assert.equal((await server.get('/view', { headers: { cookie } })).status, 200);
  assert.equal((await server.get('/api/logs', { headers: { cookie } })).status, 200);
  assert.equal((await server.post('/log', { message: 'm' }, { headers: { cookie } })).status, 403);
  assert.equal((await server.get('/api/logs', { headers: { cookie: `${cookie}x` } })).status, 401);
});

test('token file: made once, readable by its owner alone, and used again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logd-tokens-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'data', 'tokens');
  const made = await loadTokens(path);
  assert.equal(made.isNew, true);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(await readFile(path, 'utf8'), `ingest: ${made.tokens.ingest}\nview: ${made.tokens.view}\n`);
  assert.deepEqual(await loadTokens(path), { tokens: made.tokens, isNew: false });
  for (const text of [
    '',
    'ingest: abcdefgh',
    'ingest: same-token\nview: same-token',
    'ingest: short\nview: abcdefgh',
  ]) {
    await writeFile(path, text);
    await assert.rejects(loadTokens(path), TokenFileError);
  }
});
