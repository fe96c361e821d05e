/**
 * The state of an entry as log_state.json and its journal hold it: {"<uuid>":{"pinned":…,"ticketed":…,"deleted":…,…}}.
 * The three are what other programs write and read; the rest may be missing.
 */
import { encodeEntry } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { LEVELS, type Level } from '../../entry/level.ts';
import type { FullState, TicketEvent } from '../../entry/state.ts';

/** A state, and what must be known of its entry without reading it. */
export interface StateRecord {
  readonly state: FullState;
  /** Undefined while it has not been looked up. */
  readonly about?: EntryFacts | undefined;
  /** The entry's text, while it is pinned or a ticket: these survive retention. */
  readonly text?: string | undefined;
  /** Retention has taken the segment of the entry, or is about to: `text` is all there is of it. */
  readonly isKept?: boolean | undefined;
}

/** So that counts can leave out a deleted entry. */
export interface EntryFacts {
  readonly level: Level;
  readonly timeMs: number;
  readonly clientId: string;
}

export function recordOf(entry: Entry, state: FullState): StateRecord {
  const { level, timeMs, clientId } = entry;
  const isKept = state.isPinned || state.isTicket;
  return { state, about: { level, timeMs, clientId }, text: isKept ? encodeEntry(entry) : undefined };
}

/** Times in ms since the epoch. */
interface RecordJson {
  readonly pinned?: unknown;
  readonly ticketed?: unknown;
  readonly deleted?: unknown;
  readonly note?: unknown;
  readonly noted?: unknown;
  readonly noter?: unknown;
  readonly status?: unknown;
  readonly opened?: unknown;
  readonly closed?: unknown;
  readonly reopens?: unknown;
  readonly events?: unknown;
  readonly changed?: unknown;
  readonly level?: unknown;
  readonly time?: unknown;
  readonly client?: unknown;
  readonly entry?: unknown;
  readonly kept?: unknown;
}

export function recordToJson({ state, about, text, isKept }: StateRecord): RecordJson {
  return {
    pinned: state.isPinned,
    ticketed: state.isTicket,
    deleted: state.isDeleted,
    note: state.note,
    noted: state.noteMs,
    noter: state.noteAuthor,
    status: state.ticketStatus,
    opened: state.ticketOpenedMs,
    closed: state.ticketClosedMs,
    reopens: state.ticketReopens,
    events: state.ticketEvents?.map(({ kind, atMs, author, entryId }) => ({
      event: kind,
      at: atMs,
      by: author,
      entry: entryId,
    })),
    changed: state.changedMs,
    level: about?.level,
    time: about?.timeMs,
    client: about?.clientId,
    entry: text,
    kept: isKept || undefined,
  };
}

const TICKET_EVENTS = ['opened', 'closed', 'reopened', 'recurred'] as const;

/** Undefined: not a state. */
export function recordFromJson(value: unknown): StateRecord | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const json = value as RecordJson;
  const state: FullState = {
    isPinned: json.pinned === true,
    isTicket: json.ticketed === true,
    isDeleted: json.deleted === true,
    ...(typeof json.note === 'string' ? { note: json.note } : {}),
    ...(typeof json.noted === 'number' ? { noteMs: json.noted } : {}),
    ...(typeof json.noter === 'string' ? { noteAuthor: json.noter } : {}),
    ...(json.ticketed === true ? { ticketStatus: json.status === 'closed' ? ('closed' as const) : 'open' } : {}),
    ...(typeof json.opened === 'number' ? { ticketOpenedMs: json.opened } : {}),
    ...(typeof json.closed === 'number' ? { ticketClosedMs: json.closed } : {}),
    ...(json.reopens === true ? { ticketReopens: true } : {}),
    ...(Array.isArray(json.events) ? { ticketEvents: json.events.flatMap(eventFromJson) } : {}),
    changedMs: typeof json.changed === 'number' ? json.changed : 0,
  };
  const text = typeof json.entry === 'string' ? json.entry : undefined;
  return { state, about: factsFromJson(json), text, ...(json.kept === true ? { isKept: true } : {}) };
}

function eventFromJson(value: unknown): TicketEvent[] {
  if (typeof value !== 'object' || value === null) return [];
  const { event, at, by, entry } = value as Readonly<Record<string, unknown>>;
  const kind = TICKET_EVENTS.find((known) => known === event);
  if (kind === undefined || typeof at !== 'number') return [];
  return [
    {
      kind,
      atMs: at,
      ...(typeof by === 'string' ? { author: by } : {}),
      ...(typeof entry === 'string' ? { entryId: entry } : {}),
    },
  ];
}

function factsFromJson({ level, time, client }: RecordJson): EntryFacts | undefined {
  const known = LEVELS.find((name) => name === level);
  if (known === undefined || typeof time !== 'number' || typeof client !== 'string') return undefined;
  return { level: known, timeMs: time, clientId: client };
}
