/** GET /api/tickets: the entries people have made tickets. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { TicketJson, TicketsBody } from '../../api/types.ts';
import { entryToJson } from '../../entry/entry.ts';
import type { Store, StoredEntry } from '../../store/store.ts';
import { oneOf, parametersOf } from '../parameters.ts';

export function ticketsRoute(app: FastifyInstance, { store }: { store: Store }): void {
  app.get(paths.tickets, async (request) => {
    const found = await store.tickets(oneOf(parametersOf(request), 'status', ['all', 'open', 'closed']));
    return { tickets: found.map(ticketJson) } satisfies TicketsBody;
  });
}

function ticketJson({ entry, state }: StoredEntry): TicketJson {
  const closedMs = state?.ticketStatus === 'closed' ? state.ticketClosedMs : undefined;
  return {
    ...entryToJson(entry, state),
    ticket_status: state?.ticketStatus ?? 'open',
    ticket_opened: new Date(state?.ticketOpenedMs ?? entry.timeMs).toISOString(),
    ...(closedMs === undefined ? {} : { ticket_closed: new Date(closedMs).toISOString() }),
  };
}
