/**
 * What people do with entries: the changes of state, and the state that follows from them.
 */
import { type EntryState, PLAIN_STATE } from './entry.ts';
import { TICKET_EVENTS_MAX } from './limits.ts';

/** Sets what it names and leaves the rest. */
export interface StateChange {
  readonly pin?: boolean;
  readonly ticket?: boolean;
  readonly delete?: boolean;
  /** Closing a ticket keeps it a ticket. */
  readonly ticketStatus?: TicketStatus;
  /** When it was opened and closed, for a ticket that comes from elsewhere; otherwise now. */
  readonly ticketOpenedMs?: number;
  readonly ticketClosedMs?: number;
  /** Whether a closed ticket opens by itself when the same is said again. True makes a ticket of what is none. */
  readonly ticketReopens?: boolean;
  /** The entry that said it again, when that opens the ticket. */
  readonly recurredId?: string;
  /** An empty note takes it away. */
  readonly note?: string;
  /** By whom and when it was written, for one that comes from elsewhere; otherwise by the author, now. */
  readonly noteAuthor?: string;
  readonly noteMs?: number;
  /** Who changes it, as the person calls themselves; for note and ticket. */
  readonly author?: string | undefined;
}

export type TicketStatus = 'open' | 'closed';

/** What happened to a ticket. */
export interface TicketEvent {
  readonly kind: 'opened' | 'closed' | 'reopened' | 'recurred';
  readonly atMs: number;
  readonly author?: string;
  /** Of `recurred`: the entry that said it again. */
  readonly entryId?: string;
}

/** The whole state of an entry that somebody has touched. Times in ms since the epoch. */
export interface FullState extends EntryState {
  readonly ticketStatus?: TicketStatus;
  readonly ticketOpenedMs?: number;
  readonly ticketClosedMs?: number;
  readonly ticketReopens?: true;
  /** Oldest first; missing in states written before there was one: see ticketHistory. */
  readonly ticketEvents?: readonly TicketEvent[];
  /** When it last changed. */
  readonly changedMs: number;
}

export function applyChange(before: FullState | undefined, change: StateChange, nowMs: number): FullState {
  const old: FullState = before ?? { ...PLAIN_STATE, changedMs: nowMs };
  const asksForTicket = change.ticketStatus !== undefined || change.ticketReopens === true;
  const isTicket = change.ticket ?? (asksForTicket || old.isTicket);
  return {
    isPinned: change.pin ?? old.isPinned,
    isTicket,
    isDeleted: change.delete ?? old.isDeleted,
    ...notePart(old, change, nowMs),
    ...(isTicket ? ticketPart(old, change, nowMs) : {}),
    changedMs: nowMs,
  };
}

/** What is known of a ticket's past, oldest first, whoever wrote its state. */
export function ticketHistory({
  ticketEvents,
  ticketOpenedMs,
  ticketClosedMs,
  ticketStatus,
}: FullState): TicketEvent[] {
  if (ticketEvents) return [...ticketEvents];
  return [
    ...(ticketOpenedMs === undefined ? [] : [{ kind: 'opened', atMs: ticketOpenedMs } as const]),
    ...(ticketStatus !== 'closed' || ticketClosedMs === undefined
      ? []
      : [{ kind: 'closed', atMs: ticketClosedMs } as const]),
  ];
}

function notePart(old: FullState, change: StateChange, nowMs: number): Partial<FullState> {
  if (change.note === '') return {};
  if (change.note !== undefined) {
    const by = change.noteAuthor ?? change.author;
    return { note: change.note, noteMs: change.noteMs ?? nowMs, ...(by === undefined ? {} : { noteAuthor: by }) };
  }
  const { note, noteMs, noteAuthor } = old;
  if (note === undefined) return {};
  return { note, ...(noteMs === undefined ? {} : { noteMs }), ...(noteAuthor === undefined ? {} : { noteAuthor }) };
}

function ticketPart(old: FullState, change: StateChange, nowMs: number): Partial<FullState> {
  const before = old.isTicket ? old : undefined;
  const ticketStatus = change.ticketStatus ?? before?.ticketStatus ?? 'open';
  const ticketOpenedMs = change.ticketOpenedMs ?? before?.ticketOpenedMs ?? nowMs;
  const closedBefore = before?.ticketStatus === 'closed' ? before.ticketClosedMs : undefined;
  const ticketClosedMs = ticketStatus === 'closed' ? (change.ticketClosedMs ?? closedBefore ?? nowMs) : undefined;
  const events = [
    ...(before ? ticketHistory(before) : [eventOf('opened', ticketOpenedMs, change)]),
    ...statusEvents(before?.ticketStatus ?? 'open', ticketStatus, ticketClosedMs ?? nowMs, change),
  ];
  return {
    ticketStatus,
    ticketOpenedMs,
    ...(ticketClosedMs === undefined ? {} : { ticketClosedMs }),
    ...((change.ticketReopens ?? before?.ticketReopens) ? { ticketReopens: true as const } : {}),
    // How it began is kept, whatever happened since.
    ticketEvents:
      events.length <= TICKET_EVENTS_MAX ? events : [...events.slice(0, 1), ...events.slice(1 - TICKET_EVENTS_MAX)],
  };
}

function statusEvents(before: TicketStatus, after: TicketStatus, atMs: number, change: StateChange): TicketEvent[] {
  if (before === after) return [];
  if (after === 'closed') return [eventOf('closed', atMs, change)];
  const { recurredId } = change;
  return [
    recurredId === undefined ? eventOf('reopened', atMs, change) : { kind: 'recurred', atMs, entryId: recurredId },
  ];
}

function eventOf(kind: TicketEvent['kind'], atMs: number, { author }: StateChange): TicketEvent {
  return { kind, atMs, ...(author === undefined ? {} : { author }) };
}
