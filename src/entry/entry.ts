/**
 * An entry: one event of a client, stored under its id. And its JSON form, which API, stream, page and terminal share.
 */
import type { Level } from './level.ts';
import { formatLogTime } from './time.ts';

export type FieldValue = string | number | boolean | null;
export type Fields = Readonly<Record<string, FieldValue>>;

/** What a client sends, checked; not yet stored, so without an id. */
export interface Draft {
  readonly level: Level;
  readonly clientId: string;
  /** Never empty, well-formed Unicode. */
  readonly message: string;
  /** The event's own time, ms since the epoch; undefined: the time of receipt. */
  readonly timeMs?: number | undefined;
  readonly source?: string | undefined;
  /** Flat. */
  readonly fields?: Fields | undefined;
}

export interface Entry extends Draft {
  /** UUIDv7; older stores may hold other versions. */
  readonly id: string;
  readonly timeMs: number;
}

/** What people have done with an entry. */
export interface EntryState {
  readonly isPinned: boolean;
  readonly isTicket: boolean;
  readonly isDeleted: boolean;
  readonly note?: string | undefined;
  /** As the person calls themselves. */
  readonly noteAuthor?: string | undefined;
  /** ms since the epoch. */
  readonly noteMs?: number | undefined;
}

export const PLAIN_STATE: EntryState = { isPinned: false, isTicket: false, isDeleted: false };

/** An entry as the HTTP interface gives it. */
export interface EntryJson {
  readonly uuid: string;
  /** "YYYY-MM-DD HH:MM:SS,mmm", UTC. */
  readonly timestamp_str: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly log_level: Level;
  readonly client_id: string;
  readonly message: string;
  readonly source?: string;
  readonly fields?: Fields;
  readonly is_pinned: boolean;
  readonly is_ticket: boolean;
  readonly is_deleted: boolean;
  readonly note?: string;
  readonly note_author?: string;
  /** ISO 8601, UTC. */
  readonly note_time?: string;
}

export function entryToJson(entry: Entry, state: EntryState = PLAIN_STATE): EntryJson {
  const time = formatLogTime(entry.timeMs);
  return {
    uuid: entry.id,
    timestamp_str: time,
    timestamp: `${time.slice(0, 10)}T${time.slice(11, 19)}.${time.slice(20)}Z`,
    log_level: entry.level,
    client_id: entry.clientId,
    message: entry.message,
    ...(entry.source === undefined ? {} : { source: entry.source }),
    ...(entry.fields === undefined ? {} : { fields: entry.fields }),
    is_pinned: state.isPinned,
    is_ticket: state.isTicket,
    is_deleted: state.isDeleted,
    ...(state.note === undefined ? undefined : noteToJson(state)),
  };
}

/** A note, by whom and when; empty where there is none. */
export function noteToJson({
  note,
  noteAuthor,
  noteMs,
}: EntryState): Pick<EntryJson, 'note' | 'note_author' | 'note_time'> {
  if (note === undefined) return {};
  return {
    note,
    ...(noteAuthor === undefined ? {} : { note_author: noteAuthor }),
    ...(noteMs === undefined ? {} : { note_time: new Date(noteMs).toISOString() }),
  };
}

export function entryFromJson(json: EntryJson): Entry {
  return {
    id: json.uuid,
    timeMs: Date.parse(json.timestamp),
    level: json.log_level,
    clientId: json.client_id,
    message: json.message,
    source: json.source,
    fields: json.fields,
  };
}

/** The order of event time; the id decides between equal times. Negative: a stands before b. */
export function compareByTime(a: Pick<Entry, 'timeMs' | 'id'>, b: Pick<Entry, 'timeMs' | 'id'>): number {
  return a.timeMs - b.timeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
