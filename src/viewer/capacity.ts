/**
 * How much is held in memory: so many entries, and not more than so much text, for a single message may have a MiB.
 */
import type { EntryJson } from '../entry/entry.ts';

export interface Capacity {
  readonly rows: number;
  /** Of all entries, in UTF-16 units. */
  readonly length: number;
}

/** Held while following, and as much again of what waits while paused. Beyond: the oldest leave. */
export const CAPACITY: Capacity = { rows: 20_000, length: 48 * 1024 * 1024 };

/** How much more is held while paused, so that older entries can be loaded. Beyond: the oldest leave. */
export const PAUSED_ROOM = 2;

/** What an entry takes beside its texts, roughly. */
const ENTRY_LENGTH = 400;

export function lengthOf(entry: EntryJson): number {
  let length = ENTRY_LENGTH + entry.message.length;
  for (const [name, value] of Object.entries(entry.fields ?? {})) {
    length += name.length + (typeof value === 'string' ? value.length : 8);
  }
  return length;
}

export function times(factor: number, { rows, length }: Capacity): Capacity {
  return { rows: rows * factor, length: length * factor };
}
