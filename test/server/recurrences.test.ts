/** Closed tickets that open by themselves when the same is said again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TicketJson } from '../../src/api/types.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { StoreError } from '../../src/store/store.ts';
import { realClock } from '../../src/system/clock.ts';
import { batchOf } from '../support/drafts.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

async function closedTicket(server: TestServer, message: string, reopen = true): Promise<string> {
  const { id } = (await server.post('/log', { level: 'ERROR', message, client_id: 'api-1' })).json;
  const { json } = await server.post(`/api/logs/${id}/ticket`, { status: 'closed', reopen, author: 'ann' });
  assert.equal(json.ticket_reopen, reopen || undefined);
  return id;
}

async function ticketOf(server: TestServer, id: string): Promise<TicketJson> {
  const { tickets } = (await server.get('/api/tickets')).json;
  return tickets.find(({ uuid }: TicketJson) => uuid === id);
}

async function untilOpen(server: TestServer, id: string): Promise<TicketJson> {
  for (const endMs = performance.now() + 15_000; ; await sleep(10)) {
    const ticket = await ticketOf(server, id);
    if (ticket.ticket_status === 'open') return ticket;
    assert.ok(performance.now() < endMs, 'the ticket is not open again');
  }
}

test('recurrence: the same with other numbers opens a closed ticket, and its history says by what', async () => {
  await using server = await startTestServer();
  const id = await closedTicket(server, 'connection reset, retry 1 of 5');
  const other = await closedTicket(server, 'connection refused, retry 1 of 5', false);
  await server.post('/log', { message: 'connection refused, retry 2 of 5' });
  const again = (await server.post('/log', { message: 'connection reset, retry 12 of 50' })).json.id;
  const ticket = await untilOpen(server, id);
  assert.deepEqual(
    ticket.ticket_history.map(({ event, author, entry }) => [event, author, entry]),
    [
      ['opened', 'ann', undefined],
      ['closed', 'ann', undefined],
      ['recurred', undefined, again],
    ],
  );
  assert.equal(ticket.ticket_reopen, true, 'the switch stays');
  assert.equal((await ticketOf(server, other)).ticket_status, 'closed', 'without the switch it stays closed');
});

test('recurrence: another message, and one that happened before, open nothing; the next one does, time and again', async () => {
  await using server = await startTestServer();
  const id = await closedTicket(server, 'disk 7 is full');
  await server.post('/log', { message: 'disk 7 is fine' });
  await server.post('/log', { message: 'disk 8 is full', timestamp: Date.now() - 60_000 });
  // In order: what came before has been looked at when this has opened its own ticket.
  const mark = await closedTicket(server, 'the mark');
  await server.post('/log', { message: 'the mark' });
  await untilOpen(server, mark);
  assert.equal((await ticketOf(server, id)).ticket_status, 'closed');
  for (const round of [1, 2]) {
    await server.post('/log', { message: `disk ${round} is full` });
    await untilOpen(server, id);
    await server.post(`/api/logs/${id}/ticket`, { status: 'closed' });
  }
  assert.deepEqual(
    (await ticketOf(server, id)).ticket_history.map(({ event }) => event),
    ['opened', 'closed', 'recurred', 'closed', 'recurred', 'closed'],
  );
});

test('recurrence: in a flood it is found too, a little later', async () => {
  await using server = await startTestServer();
  const id = await closedTicket(server, 'lock timeout after 30 s');
  const flood = Array.from({ length: 25_000 }, (_, index) => ({ message: `row ${index}` }));
  await server.post('/logs', [...flood, { message: 'lock timeout after 31 s' }]);
  await untilOpen(server, id);
});

test('recurrence: what was said between the closing and the start of the server counts', async () => {
  await using server = await startTestServer({
    openStore: async (listener) => {
      const store = createMemoryStore({ listener, clock: realClock });
      const stored = await store.append(batchOf(['pool 1 exhausted'], Date.now()));
      assert.ok(stored.kind === 'stored' && stored.firstId);
      await store.changeState([stored.firstId], () => ({ ticketStatus: 'closed', ticketReopens: true }));
      await store.append(batchOf(['pool 2 exhausted'], Date.now()));
      return store;
    },
  });
  const [ticket] = (await server.get('/api/tickets')).json.tickets;
  await untilOpen(server, ticket.uuid);
});

test('recurrence: a store that refuses the change for now is reported, and the next one counts', async () => {
  let isFull = true;
  await using server = await startTestServer({
    openStore: async (listener) => {
      const store = createMemoryStore({ listener, clock: realClock });
      const { changeState } = store;
      store.changeState = async (ids, change) => {
        const isByItself = change({
          isPinned: false,
          isTicket: true,
          isDeleted: false,
          ticketStatus: 'closed',
          ticketReopens: true,
          changedMs: 0,
        }).recurredId;
        if (isFull && isByItself !== undefined) throw new StoreError('disk-full', 'no room');
        return changeState.call(store, ids, change);
      };
      return store;
    },
  });
  const id = await closedTicket(server, 'fan 3 stands still');
  await server.post('/log', { message: 'fan 4 stands still' });
  for (const endMs = performance.now() + 5_000; server.reports.length === 0; await sleep(5))
    assert.ok(performance.now() < endMs);
  assert.match(server.reports[0]?.message ?? '', /stays closed for now: no room/);
  isFull = false;
  await server.post('/log', { message: 'fan 5 stands still' });
  await untilOpen(server, id);
});

test('tickets: a name that is too long is refused, an empty one is none; a note has its author and time', async () => {
  await using server = await startTestServer();
  const { id } = (await server.post('/log', { message: 'm' })).json;
  assert.equal((await server.post(`/api/logs/${id}/note`, { note: 'n', author: 'x'.repeat(101) })).status, 400);
  assert.equal((await server.post(`/api/logs/${id}/ticket`, { reopen: 'yes' })).status, 400);
  const { json } = await server.post(`/api/logs/${id}/note`, { note: 'db failover?', author: ' ann ' });
  assert.equal(json.note_author, 'ann');
  assert.ok(Math.abs(Date.parse(json.note_time) - Date.now()) < 60_000);
  const { log } = (await server.get(`/api/logs/${id}`)).json;
  assert.deepEqual([log.note, log.note_author, log.note_time], ['db failover?', 'ann', json.note_time]);
  assert.equal(
    (await server.post(`/api/logs/${id}/note`, { note: 'by nobody', author: ' ' })).json.note_author,
    undefined,
  );
  assert.equal((await server.post(`/api/logs/${id}/note`, { note: '' })).json.note_time, undefined);
});
