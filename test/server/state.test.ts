import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer, type TestServer } from '../support/server.ts';

async function entry(server: TestServer, message = 'm', level = 'INFO'): Promise<string> {
  return (await server.post('/log', { message, level, client_id: 'web-1' })).json.id;
}

test('pin and ticket toggle without a body and set with one; delete sets, and restores with false', async () => {
  await using server = await startTestServer();
  const id = await entry(server);
  const cases: [act: string, body: unknown, state: [pinned: boolean, ticket: boolean, deleted: boolean]][] = [
    ['pin', undefined, [true, false, false]],
    ['pin', undefined, [false, false, false]],
    ['pin', { value: true }, [true, false, false]],
    ['pin', { value: true }, [true, false, false]],
    ['ticket', undefined, [true, true, false]],
    ['ticket', { value: false }, [true, false, false]],
    ['delete', undefined, [true, false, true]],
    ['delete', undefined, [true, false, true]],
    ['delete', { value: false }, [true, false, false]],
    ['pin', {}, [false, false, false]],
  ];
  for (const [act, body, [is_pinned, is_ticket, is_deleted]] of cases) {
    const { status, json } = await server.post(`/api/logs/${id}/${act}`, body);
    assert.equal(status, 200);
    const { ticket_status, ...rest } = json;
    assert.deepEqual(rest, { status: 'success', uuid: id, is_pinned, is_ticket, is_deleted });
    const { log } = (await server.get(`/api/logs/${id}`)).json;
    assert.deepEqual([log.is_pinned, log.is_ticket, log.is_deleted], [is_pinned, is_ticket, is_deleted]);
  }
});

test('an act on an id that is not there answers 404; a malformed one 400', async () => {
  await using server = await startTestServer();
  const id = await entry(server);
  const cases: [path: string, body: unknown, status: number][] = [
    ['/api/logs/00000000-0000-4000-8000-000000000000/pin', undefined, 404],
    ['/api/logs/nonsense/delete', undefined, 404],
    [`/api/logs/${id}/burn`, undefined, 404],
    [`/api/logs/${id}/pin`, { value: 'yes' }, 400],
    [`/api/logs/${id}/pin`, '[]', 400],
    [`/api/logs/${id}/pin`, '{', 400],
    [`/api/logs/${id}/ticket`, { status: 'lost' }, 400],
    [`/api/logs/${id}/note`, undefined, 400],
    [`/api/logs/${id}/note`, { note: 5 }, 400],
    [`/api/logs/${id}/note`, { note: 'n'.repeat(10_001) }, 400],
    ['/api/logs/state', { uuids: [], pin: true }, 400],
    ['/api/logs/state', { uuids: [id] }, 400],
    ['/api/logs/state', { uuids: 'all', pin: true }, 400],
  ];
  for (const [path, body, status] of cases) {
    const answer = await server.post(path, body);
    assert.equal(answer.status, status, `${path}: ${answer.text}`);
    assert.equal(typeof answer.json.error, 'string');
  }
});

test('an id is found in upper case too', async () => {
  await using server = await startTestServer();
  const id = await entry(server);
  assert.equal((await server.post(`/api/logs/${id.toUpperCase()}/pin`)).json.is_pinned, true);
});

test('a note is kept, shown with the entry, and taken away by an empty one', async () => {
  await using server = await startTestServer();
  const id = await entry(server);
  assert.equal((await server.post(`/api/logs/${id}/note`, { note: 'db failover?' })).json.note, 'db failover?');
  assert.equal((await server.get(`/api/logs/${id}`)).json.log.note, 'db failover?');
  assert.equal((await server.post(`/api/logs/${id}/note`, { note: '' })).json.note, undefined);
  assert.equal('note' in (await server.get(`/api/logs/${id}`)).json.log, false);
});

test('tickets are open, closed and open again, and listed by status', async () => {
  await using server = await startTestServer();
  const [one, two] = [await entry(server, 'one'), await entry(server, 'two')];
  await entry(server, 'no ticket');
  for (const id of [one, two]) await server.post(`/api/logs/${id}/ticket`);
  const list = async (status: string) =>
    (await server.get(`/api/tickets${status}`)).json.tickets.map(({ message }: { message: string }) => message).sort();
  assert.deepEqual(await list(''), ['one', 'two']);
  assert.equal((await server.post(`/api/logs/${one}/ticket`, { status: 'closed' })).json.is_ticket, true);
  assert.deepEqual(await list('?status=open'), ['two']);
  assert.deepEqual(await list('?status=closed'), ['one']);
  const { tickets } = (await server.get('/api/tickets?status=closed')).json;
  assert.equal(tickets[0].ticket_status, 'closed');
  assert.ok(Date.parse(tickets[0].ticket_closed) >= Date.parse(tickets[0].ticket_opened));
  await server.post(`/api/logs/${one}/ticket`, { status: 'open' });
  assert.deepEqual(await list('?status=open'), ['one', 'two']);
  await server.post(`/api/logs/${two}/delete`);
  assert.deepEqual(await list('?status=all'), ['one']);
});

test('POST /api/logs/state: many at once; unknown ids are named', async () => {
  await using server = await startTestServer();
  const ids = [await entry(server), await entry(server), await entry(server)];
  const stranger = '00000000-0000-4000-8000-000000000000';
  const { json } = await server.post('/api/logs/state', { uuids: [...ids, stranger], delete: true, pin: true });
  assert.deepEqual(json.changed.map(({ uuid }: { uuid: string }) => uuid).sort(), [...ids].sort());
  assert.deepEqual(json.unknown, [stranger]);
  assert.equal((await server.get('/api/logs')).json.logs.length, 0);
  await server.post('/api/logs/state', { uuids: ids, delete: false });
  assert.equal((await server.get('/api/logs?query=is:pinned')).json.logs.length, 3);
});

test('a deleted entry is not counted, not listed, found by id, and found by is:deleted', async () => {
  await using server = await startTestServer();
  const id = await entry(server, 'gone', 'ERROR');
  await entry(server, 'here', 'ERROR');
  await server.post(`/api/logs/${id}/delete`);
  assert.equal((await server.get('/api/log_stats')).json.ERROR, 1);
  const messages = async (path: string) =>
    (await server.get(path)).json.logs.map(({ message }: { message: string }) => message);
  assert.deepEqual(await messages('/api/logs'), ['here']);
  assert.deepEqual(await messages('/api/logs/new'), ['here']);
  assert.deepEqual(await messages('/api/logs?query=is:deleted'), ['gone']);
  assert.equal((await server.get(`/api/logs/${id}`)).json.log.is_deleted, true);
});

test('a ticket that comes from elsewhere keeps the times it was opened and closed', async () => {
  await using server = await startTestServer();
  const id = await entry(server);
  const body = {
    uuids: [id],
    ticket: true,
    status: 'closed',
    ticket_opened: '2025-05-01T10:00:00Z',
    ticket_closed: 1_746_180_000_000,
  };
  assert.equal((await server.post('/api/logs/state', body)).status, 200);
  const [ticket] = (await server.get('/api/tickets?status=closed')).json.tickets;
  assert.equal(ticket.ticket_opened, '2025-05-01T10:00:00.000Z');
  assert.equal(ticket.ticket_closed, '2025-05-02T10:00:00.000Z');
  const wrong = await server.post('/api/logs/state', { ...body, ticket_opened: 'soon' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.error, /"ticket_opened": time must be/);
});
