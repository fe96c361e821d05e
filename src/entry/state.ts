/**
 * What people do with entries: the changes of state, and the state that follows from them.
 */
import { type EntryState, PLAIN_STATE } from './entry.ts';

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
  /** An empty note takes it away. */
  readonly note?: string;
}

export type TicketStatus = 'open' | 'closed';

/** The whole state of an entry that somebody has touched. Times in ms since the epoch. */
export interface FullState extends EntryState {
  readonly ticketStatus?: TicketStatus;
  readonly ticketOpenedMs?: number;
  readonly ticketClosedMs?: number;
  readonly noteMs?: number;
  /** When it last changed. */
  readonly changedMs: number;
}

export function applyChange(before: FullState | undefined, change: StateChange, nowMs: number): FullState {
  const old: FullState = before ?? { ...PLAIN_STATE, changedMs: nowMs };
  const isTicket = change.ticket ?? (change.ticketStatus === undefined ? old.isTicket : true);
  const note = change.note === undefined ? old.note : change.note || undefined;
  const noteMs = change.note === undefined ? old.noteMs : nowMs;
  return {
    isPinned: change.pin ?? old.isPinned,
    isTicket,
    isDeleted: change.delete ?? old.isDeleted,
    ...(note === undefined ? {} : { note, ...(noteMs === undefined ? {} : { noteMs }) }),
    ...(isTicket ? ticketPart(old, change, nowMs) : {}),
    changedMs: nowMs,
  };
}

function ticketPart(old: FullState, change: StateChange, nowMs: number) {
  const ticketStatus = change.ticketStatus ?? (old.isTicket ? (old.ticketStatus ?? 'open') : 'open');
  const ticketOpenedMs = change.ticketOpenedMs ?? (old.isTicket ? (old.ticketOpenedMs ?? nowMs) : nowMs);
  if (ticketStatus === 'open') return { ticketStatus, ticketOpenedMs };
  const ticketClosedMs =
    change.ticketClosedMs ?? (old.ticketStatus === 'closed' ? (old.ticketClosedMs ?? nowMs) : nowMs);
  return { ticketStatus, ticketOpenedMs, ticketClosedMs };
}
