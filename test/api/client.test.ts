import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApiClient } from '../../src/api/client.ts';
import { ApiError } from '../../src/api/failure.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('client', () => {
  let server: TestServer;
  let client: ApiClient;
  let id: string;
  before(async () => {
    server = await startTestServer();
    client = new ApiClient({ serverUrl: server.url });
    const logged = await server.post('/log', { level: 'error', message: 'disk full', client_id: 'db' });
    id = logged.json.id;
    await server.post('/log', { level: 'info', message: 'all well', client_id: 'web' });
  });
  after(() => server.close());

  test('searches, counts and lists', async () => {
    const { logs, cursor } = await client.search({ query: 'disk', limit: 5, order: 'asc' });
    assert.deepEqual(
      logs.map(({ message }) => message),
      ['disk full'],
    );
    assert.equal(cursor, null);
    assert.equal((await client.stats({ query: 'client:web' })).counts.INFO, 1);
    assert.deepEqual((await client.clients()).clients.map((row) => row.client_id).sort(), ['db', 'web']);
    const { buckets } = await client.histogram({ since: '10m', buckets: 2 });
    assert.equal(
      buckets.reduce((total, { counts }) => total + counts.ERROR + counts.INFO, 0),
      2,
    );
    assert.deepEqual(
      (await client.newLogs(id, 10)).logs.map(({ message }) => message),
      ['all well'],
    );
    assert.deepEqual(
      (await client.entry(id, 3)).after?.map(({ message }) => message),
      ['all well'],
    );
  });

  test('acts and takes back', async () => {
    assert.equal((await client.act({ kind: 'ticket', id, value: true })).is_ticket, true);
    assert.equal((await client.act({ kind: 'note', id, note: 'look' })).note, 'look');
    assert.deepEqual(
      (await client.tickets('open')).tickets.map(({ uuid, note }) => [uuid, note]),
      [[id, 'look']],
    );
    assert.equal((await client.act({ kind: 'note', id, note: '' })).note, undefined);
    assert.equal((await client.act({ kind: 'ticket', id, value: false })).is_ticket, false);
    assert.equal((await client.act({ kind: 'delete', id, value: true })).is_deleted, true);
    assert.equal((await client.act({ kind: 'delete', id, value: false })).is_deleted, false);
  });

  const failing: [what: string, ask: () => Promise<unknown>, type: string, message: RegExp][] = [
    ['a wrong query', () => client.search({ query: 'level:loud' }), 'rejected', /position 7/],
    ['an unknown id', () => client.entry('01a20664-9333-7000-8000-000000000000', 0), 'not-found', /no entry/],
    [
      'a server that is not there',
      () => new ApiClient({ serverUrl: 'http://127.0.0.1:1' }).clients(),
      'unreachable',
      /firewall/,
    ],
    [
      'a name that is not known',
      () => new ApiClient({ serverUrl: 'http://no-such-host.invalid' }).clients(),
      'unreachable',
      /name/,
    ],
    ['a signal', () => client.clients(AbortSignal.abort()), 'aborted', /given up/],
  ];
  for (const [what, ask, type, message] of failing) {
    test(`${what} is told as ${type}`, async () => {
      await assert.rejects(ask, (error) => {
        assert.ok(error instanceof ApiError);
        assert.equal(error.type, type);
        assert.match(error.message, message);
        assert.equal(error.mayPass, type === 'unreachable');
        return true;
      });
    });
  }

  test('the position of a wrong query comes along', async () => {
    await assert.rejects(
      client.search({ query: 'a (b' }),
      (error) => error instanceof ApiError && error.position === 2,
    );
  });

  test('shows its token, and says what to do without the right one', async () => {
    await using guarded = await startTestServer({ tokens: { ingest: 'in-token', view: 'view-token' } });
    await new ApiClient({ serverUrl: guarded.url, token: 'view-token' }).clients();
    await assert.rejects(
      new ApiClient({ serverUrl: guarded.url }).clients(),
      (error) => error instanceof ApiError && error.type === 'unauthorized' && /--token-file/.test(error.message),
    );
  });
});
