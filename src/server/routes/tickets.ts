/** GET /api/tickets: the entries people have made tickets. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import { ticketToJson } from '../../api/ticket-json.ts';
import type { TicketsBody } from '../../api/types.ts';
import type { Store } from '../../store/store.ts';
import { oneOf, parametersOf } from '../parameters.ts';

export function ticketsRoute(app: FastifyInstance, { store }: { store: Store }): void {
  app.get(paths.tickets, async (request) => {
    const found = await store.tickets(oneOf(parametersOf(request), 'status', ['all', 'open', 'closed']));
    return { tickets: found.map(({ entry, state }) => ticketToJson(entry, state)) } satisfies TicketsBody;
  });
}
