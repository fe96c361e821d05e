import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../support/server.ts';

test('GET /openapi.json: every path it names answers, and a small client of it would not be told 404', async () => {
  await using server = await startTestServer();
  const { id } = (await server.post('/log', { message: 'm' })).json;
  const { json } = await server.get('/openapi.json');
  assert.equal(json.openapi, '3.1.0');
  for (const [path, methods] of Object.entries<Record<string, { responses: object }>>(json.paths)) {
    const there = path.replace('{id}', id);
    for (const [method, { responses }] of Object.entries(methods)) {
      if (path === '/stream-logs') continue;
      const { status, text } = await server.get(there, { method: method.toUpperCase() });
      assert.ok(
        Object.hasOwn(responses, status),
        `${method} ${path} answers ${status}, which the document does not name: ${text}`,
      );
    }
  }
});

test('GET /openapi.json: every reference leads somewhere', async () => {
  await using server = await startTestServer();
  const { text, json } = await server.get('/openapi.json');
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  assert.ok(names.length > 20);
  for (const name of new Set(names)) assert.ok(json.components.schemas[name], name);
});
