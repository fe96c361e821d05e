/**
 * The matches of a search that come first in the wished order, and the page that they make.
 */
import { compareByTime, type Entry } from '../../entry/entry.ts';
import type { TimePosition } from '../store.ts';

export interface Found {
  readonly entries: readonly Entry[];
  readonly cursor: TimePosition | null;
  readonly partial: boolean;
}

/** Keeps the entries that come first in the wished order. */
export class Nearest {
  readonly entries: Entry[] = [];
  readonly #limit: number;
  readonly #isDesc: boolean;

  /** @param limit of a page; one more than that is kept, which tells whether there is a next page */
  constructor(limit: number, isDesc: boolean) {
    this.#limit = limit;
    this.#isDesc = isDesc;
  }

  /** Whether nothing at that time or further away can still come in. */
  isSettledBefore(timeMs: number): boolean {
    const last = this.#lastWhenFull();
    return last !== undefined && (this.#isDesc ? timeMs < last.timeMs : timeMs > last.timeMs);
  }

  /** Whether it comes in; what is further away falls out. */
  add(entry: Entry): boolean {
    const last = this.#lastWhenFull();
    if (last !== undefined && this.#compare(entry, last) >= 0) return false;
    let from = 0;
    let to = this.entries.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.entries[middle];
      if (other && this.#compare(other, entry) < 0) from = middle + 1;
      else to = middle;
    }
    this.entries.splice(from, 0, entry);
    if (this.entries.length > this.#limit + 1) this.entries.pop();
    return true;
  }

  /** What there is when all has been looked at. */
  page(): Found {
    const entries = this.entries.slice(0, this.#limit);
    const isMore = this.entries.length > this.#limit;
    return { entries, cursor: isMore ? cursorBehind(entries) : null, partial: false };
  }

  /**
   * What there is when time is up, and nothing is known from `edgeMs` on. What lies nearer is final, so the next page can
   * begin behind it and neither skips nor repeats; when nothing is final, what there is, without a next page.
   */
  partialPage(edgeMs: number): Found {
    const final = this.entries
      .filter(({ timeMs }) => (this.#isDesc ? timeMs > edgeMs : timeMs < edgeMs))
      .slice(0, this.#limit);
    const cursor = cursorBehind(final);
    return { entries: cursor === null ? this.entries.slice(0, this.#limit) : final, cursor, partial: true };
  }

  #lastWhenFull(): Entry | undefined {
    return this.entries.length > this.#limit ? this.entries.at(-1) : undefined;
  }

  #compare(a: Entry, b: Entry): number {
    return this.#isDesc ? compareByTime(b, a) : compareByTime(a, b);
  }
}

function cursorBehind(entries: readonly Entry[]): TimePosition | null {
  const last = entries.at(-1);
  return last === undefined ? null : { timeMs: last.timeMs, id: last.id };
}
