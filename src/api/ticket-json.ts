/**
 * A ticket as the HTTP interface gives it: its entry, and since when it is what.
 */
import { type Entry, entryToJson } from '../entry/entry.ts';
import { type FullState, type TicketEvent, ticketHistory } from '../entry/state.ts';
import type { TicketEventJson, TicketJson } from './types.ts';

export function ticketToJson(entry: Entry, state: FullState | undefined): TicketJson {
  const closedMs = state?.ticketStatus === 'closed' ? state.ticketClosedMs : undefined;
  return {
    ...entryToJson(entry, state),
    ticket_status: state?.ticketStatus ?? 'open',
    ticket_opened: new Date(state?.ticketOpenedMs ?? entry.timeMs).toISOString(),
    ...(closedMs === undefined ? {} : { ticket_closed: new Date(closedMs).toISOString() }),
    ticket_reopen: state?.ticketReopens ?? false,
    ticket_history: (state ? ticketHistory(state) : []).map(eventToJson),
  };
}

function eventToJson({ kind, atMs, author, entryId }: TicketEvent): TicketEventJson {
  return {
    event: kind,
    time: new Date(atMs).toISOString(),
    ...(author === undefined ? {} : { author }),
    ...(entryId === undefined ? {} : { entry: entryId }),
  };
}
