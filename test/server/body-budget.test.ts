import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import fastify from 'fastify';
import { handleErrors } from '../../src/server/errors.ts';
import { limitBodies } from '../../src/server/middleware/body-budget.ts';

test('bodies under way together: beyond their bound the next one gets 503 with Retry-After, and room comes back', async () => {
  const app = fastify();
  handleErrors(app, () => {});
  limitBodies(app, 100_000);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/', async () => 'taken');
  const url = await app.listen({ port: 0 });
  const post = () => fetch(url, { method: 'POST', body: 'x'.repeat(70_000), headers: { 'content-type': 'text/x' } });
  try {
    const slow = request(url, {
      method: 'POST',
      headers: { 'content-type': 'text/x', 'transfer-encoding': 'chunked' },
    });
    slow.write('y'.repeat(5_000));
    await once(app.server, 'request');
    const refused = await post();
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    slow.end();
    const [answer] = await once(slow, 'response');
    assert.equal(answer.statusCode, 200);
    answer.resume();
    await once(answer, 'close');
    assert.equal((await post()).status, 200);
  } finally {
    await app.close();
  }
});
