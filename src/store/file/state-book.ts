/**
 * The states of all entries that somebody has touched, in memory. What is restored at a start and what changes while
 * running come in by the same door.
 */
import type { StateRecord } from './state-record.ts';

export interface StateBook {
  readonly size: number;
  get(id: string): StateRecord | undefined;
  set(id: string, record: StateRecord): void;
  /** The entry is gone, and its state with it. */
  delete(id: string): void;
  /** The one unchanged for longest first. */
  entries(): IterableIterator<[string, StateRecord]>;
  /** Hears of every change from now on. @returns the way to stop listening */
  listen(listener: (id: string) => void): () => void;
}

export function createStateBook(): StateBook {
  const records = new Map<string, StateRecord>();
  const listeners = new Set<(id: string) => void>();
  return {
    get size() {
      return records.size;
    },
    get: (id) => records.get(id),
    set(id, record) {
      // Set anew at the end: the map's order is the order of change.
      records.delete(id);
      records.set(id, record);
      for (const listener of listeners) listener(id);
    },
    delete(id) {
      if (!records.delete(id)) return;
      for (const listener of listeners) listener(id);
    },
    entries: () => records.entries(),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
