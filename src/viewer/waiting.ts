/**
 * Entries that arrived while the list is paused, in the order of ids, and how many of them one would see. Bounded: when
 * more arrive, the oldest are let go and only counted, for a gap in the list later.
 */
import type { EntryJson } from '../entry/entry.ts';
import { type Capacity, lengthOf } from './capacity.ts';

/** An entry, or a number of entries missing at that place. */
export type WaitingItem = EntryJson | number;

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
      if (typeof item === 'object') return item.uuid;
    }
    return undefined;
  }

  get lastId(): string | undefined {
    for (let at = this.#items.length - 1; at >= this.#start; at--) {
      const item = this.#items[at];
      if (typeof item === 'object') return item.uuid;
    }
    return undefined;
  }

  /** The caller has seen to it that the entry comes after all others. */
  push(entry: EntryJson, isShown: boolean): void {
    this.#length += lengthOf(entry);
    this.#positions.set(entry.uuid, this.#items.push(entry) - 1 + this.#offset);
    this.#count(entry, isShown, 1);
    this.#bound();
  }

  pushGap(missed: number): void {
    this.#items.push(missed);
    this.#bound();
  }

  entry(id: string): EntryJson | undefined {
    const item = this.#items[(this.#positions.get(id) ?? -1) - this.#offset];
    return typeof item === 'object' ? item : undefined;
  }

  replace(entry: EntryJson, isShown: (entry: EntryJson) => boolean): void {
    const before = this.entry(entry.uuid);
    if (!before) return;
    this.#length += lengthOf(entry) - lengthOf(before);
    this.#items[(this.#positions.get(entry.uuid) ?? 0) - this.#offset] = entry;
    this.#count(before, isShown(before), -1);
    this.#count(entry, isShown(entry), 1);
  }

  /** After another filter; what was let go cannot be asked any more. */
  recount(isShown: (entry: EntryJson) => boolean): void {
    this.#unseen = 0;
    this.#unseenErrors = 0;
    for (const item of this.#items.slice(this.#start)) {
      if (typeof item === 'object') this.#count(item, isShown(item), 1);
    }
  }

  /** Gives all away. @returns how many are missing before the first, and the rest */
  take(): { readonly missed: number; readonly entries: readonly WaitingItem[] } {
    const taken = { missed: this.#letGo, entries: this.#items.slice(this.#start).filter((item) => item !== undefined) };
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

  #count(entry: EntryJson, isShown: boolean, by: 1 | -1): void {
    if (!isShown) return;
    this.#unseen += by;
    if (entry.log_level === 'ERROR' || entry.log_level === 'CRITICAL') this.#unseenErrors += by;
  }

  #bound(): void {
    const { rows, length } = this.#capacity;
    while (this.#items.length - this.#start > rows || (this.#length > length && this.#items.length - this.#start > 1)) {
      const item = this.#items[this.#start];
      this.#letGo += typeof item === 'number' ? item : 1;
      if (typeof item === 'object') {
        this.#length -= lengthOf(item);
        this.#positions.delete(item.uuid);
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
