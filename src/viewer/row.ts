/**
 * What a list of entries is made of: entries, and marks where entries are missing.
 */
import type { EntryJson } from '../entry/entry.ts';

/** Rows are replaced, never changed: the same object means the same content. */
export type Row = EntryRow | GapRow;

export interface EntryRow {
  readonly kind: 'entry';
  /** The entry's id. */
  readonly key: string;
  readonly entry: EntryJson;
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
  return { kind: 'entry', key: entry.uuid, entry };
}
