/**
 * What a list of entries is made of: entries, and marks where entries are missing.
 */
import type { EntryJson } from '../entry/entry.ts';
import type { Level } from '../entry/level.ts';
import type { Match } from '../entry/query/match.ts';
import { lengthOf } from './capacity.ts';

/** Rows are replaced, never changed: the same object means the same content. */
export type Row = EntryRow | GapRow;

export interface EntryRow {
  readonly kind: 'entry';
  /** The entry's id. */
  readonly key: string;
  readonly level: Level;
  /** What it takes of a Capacity. */
  readonly length: number;
  readonly entry: EntryJson;
  /** A filter that is known to let it pass; undefined: none has been asked. */
  readonly passed?: Match | undefined;
}

/** Entries that were stored but are not in the list; they can be loaded from the store. */
export interface GapRow {
  readonly kind: 'gap';
  readonly key: string;
  readonly missed: number;
  /** The id they follow; ID_NONE when nothing was held before them. */
  readonly afterId: string;
}

export function entryRow(entry: EntryJson): EntryRow {
  return { kind: 'entry', key: entry.uuid, level: entry.log_level, length: lengthOf(entry), entry };
}

/** The entry of a row for a short look; in a flood most are never looked at again. */
export function glance(row: EntryRow): EntryJson {
  return row instanceof SentRow ? row.glance() : row.entry;
}

/** Whether a row is known to come right after another in what the server sent, whose order is that of ids. */
export function comesAfter(row: EntryRow, before: Row): boolean {
  return row instanceof SentRow && before instanceof SentRow && row.isSentAfter(before);
}

/** An entry as it was sent: read when somebody looks at it. */
export class SentRow implements EntryRow {
  readonly kind = 'entry';
  readonly level: Level;
  /** This one stands between two places of several. */
  readonly #json: SentJson;
  readonly #from: number;
  readonly #to: number;
  #key: string | undefined;
  #entry: EntryJson | undefined;

  constructor({ json, from, to }: SentPlace, level: Level) {
    this.level = level;
    this.#json = json;
    this.#from = from;
    this.#to = to;
  }

  get key(): string {
    this.#key ??= this.#json.id(this.#from);
    return this.#key;
  }

  get length(): number {
    return SENT_ROW_LENGTH + this.#to - this.#from;
  }

  get passed(): Match | undefined {
    return this.#json.passed;
  }

  get entry(): EntryJson {
    this.#entry ??= this.glance();
    return this.#entry;
  }

  /** As `entry`, but not kept. */
  glance(): EntryJson {
    return this.#entry ?? (JSON.parse(this.#json.text(this.#from, this.#to)) as EntryJson);
  }

  isSentAfter(other: SentRow): boolean {
    return this.#json === other.#json && this.#from > other.#from;
  }
}

/** Several entries as they were sent, in the order of their ids. */
export interface SentJson {
  /** The filter that the server has sent them through. */
  readonly passed: Match | undefined;
  /** The JSON between two places, the second exclusive. */
  text(from: number, to: number): string;
  /** The id of the entry that begins there. */
  id(from: number): string;
}

export interface SentPlace {
  readonly json: SentJson;
  readonly from: number;
  readonly to: number;
}

/** What a row takes beside the entry as it was sent, roughly. */
const SENT_ROW_LENGTH = 150;
