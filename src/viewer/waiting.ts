/**
 * Entries that arrived while the list is paused, in the order of ids, and how many of them one would see. Bounded: when
 * more arrive, the oldest are let go and only counted, for a gap in the list later.
 */
import type { EntryJson } from '../entry/entry.ts';
import type { Capacity } from './capacity.ts';
import { type EntryRow, entryRow } from './row.ts';

/** An entry, or a number of entries missing at that place. */
export type WaitingItem = EntryRow | number;

export class Waiting {
  readonly #capacity: Capacity;
  /** The items are those from #start on; an item's position is its index here plus #offset, and never changes. */
  #items: (WaitingItem | undefined)[] = [];
  #start = 0;
  /** The length of all entries that wait. */
  #length = 0;
  #offset = 0;
  readonly #positions = new Map<string, number>();
  #letGo = 0;
  #unseen = 0;
  #unseenErrors = 0;

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  /** Entries that would be shown, those let go included. */
  get unseen(): number {
    return this.#unseen;
  }

  /** Those of them that are ERROR or CRITICAL. */
  get unseenErrors(): number {
    return this.#unseenErrors;
  }

  get firstId(): string | undefined {
    for (let at = this.#start; at < this.#items.length; at++) {
      const item = this.#items[at];
      if (typeof item === 'object') return item.key;
    }
    return undefined;
  }

  get lastId(): string | undefined {
    for (let at = this.#items.length - 1; at >= this.#start; at--) {
      const item = this.#items[at];
      if (typeof item === 'object') return item.key;
    }
    return undefined;
  }

  /** The caller has seen to it that the entry comes after all others. */
  push(row: EntryRow, isShown: boolean): void {
    this.#length += row.length;
    this.#positions.set(row.key, this.#items.push(row) - 1 + this.#offset);
    this.#count(row, isShown, 1);
    this.#bound();
  }

  pushGap(missed: number): void {
    this.#items.push(missed);
    this.#bound();
  }

  entry(id: string): EntryJson | undefined {
    return this.#row(id)?.entry;
  }

  replace(entry: EntryJson, isShown: (row: EntryRow) => boolean): void {
    const before = this.#row(entry.uuid);
    if (!before) return;
    const row = entryRow(entry);
    this.#length += row.length - before.length;
    this.#items[(this.#positions.get(row.key) ?? 0) - this.#offset] = row;
    this.#count(before, isShown(before), -1);
    this.#count(row, isShown(row), 1);
  }

  /** After another filter; what was let go cannot be asked any more. */
  recount(isShown: (row: EntryRow) => boolean): void {
    this.#unseen = 0;
    this.#unseenErrors = 0;
    for (const item of this.#items.slice(this.#start)) {
      if (typeof item === 'object') this.#count(item, isShown(item), 1);
    }
  }

  /** Gives all away. @returns how many are missing before the first, and the rest */
  take(): { readonly missed: number; readonly items: readonly WaitingItem[] } {
    const taken = { missed: this.#letGo, items: this.#items.slice(this.#start).filter((item) => item !== undefined) };
    this.#items = [];
    this.#start = 0;
    this.#length = 0;
    this.#offset = 0;
    this.#positions.clear();
    this.#letGo = 0;
    this.#unseen = 0;
    this.#unseenErrors = 0;
    return taken;
  }

  #row(id: string): EntryRow | undefined {
    const item = this.#items[(this.#positions.get(id) ?? -1) - this.#offset];
    return typeof item === 'object' ? item : undefined;
  }

  #count({ level }: EntryRow, isShown: boolean, by: 1 | -1): void {
    if (!isShown) return;
    this.#unseen += by;
    if (level === 'ERROR' || level === 'CRITICAL') this.#unseenErrors += by;
  }

  #bound(): void {
    const { rows, length } = this.#capacity;
    while (this.#items.length - this.#start > rows || (this.#length > length && this.#items.length - this.#start > 1)) {
      const item = this.#items[this.#start];
      this.#letGo += typeof item === 'number' ? item : 1;
      if (typeof item === 'object') {
        this.#length -= item.length;
        this.#positions.delete(item.key);
      }
      this.#items[this.#start++] = undefined;
    }
    if (this.#start > rows) {
      this.#items = this.#items.slice(this.#start);
      this.#offset += this.#start;
      this.#start = 0;
    }
  }
}
