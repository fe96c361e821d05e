/**
 * A bounded list of rows in the order of ids (the live order), and an index of those that are shown. Appending, evicting
 * and looking up cost the same however long the list is; only a new filter or a merge of older entries looks at all rows.
 */
import type { EntryJson } from '../entry/entry.ts';
import { ID_NONE } from '../entry/id.ts';
import { emptyLevelCounts, type LevelCounts } from '../entry/level.ts';
import type { Match } from '../entry/query/match.ts';
import type { Capacity } from './capacity.ts';
import { matchesJson } from './find.ts';
import { comesAfter, type EntryRow, entryRow, type GapRow, type Row } from './row.ts';

export class EntryList {
  /** Beyond it the oldest leave. */
  #capacity: Capacity;
  #match: Match | undefined;
  /** The rows are those from #start on; a row's position is its index here plus #offset, and never changes. */
  #rows: (Row | undefined)[] = [];
  #start = 0;
  /** The length of all entries held. */
  #length = 0;
  #offset = 0;
  /** Positions of the shown rows, rising, those from #shownStart on. */
  #shown: number[] = [];
  #shownStart = 0;
  #headShift = 0;
  #counts: LevelCounts = emptyLevelCounts();
  #gapCount = 0;

  /** @param match undefined: all that is not deleted */
  constructor(capacity: Capacity, match?: Match) {
    this.#capacity = capacity;
    this.#match = match;
  }

  /** Rows held, shown or not. */
  get heldCount(): number {
    return this.#rows.length - this.#start;
  }

  get shownCount(): number {
    return this.#shown.length - this.#shownStart;
  }

  /** Shown entries by level. */
  get counts(): Readonly<LevelCounts> {
    return this.#counts;
  }

  /** How many shown rows have left at the head since the beginning, less those that came there. */
  get headShift(): number {
    return this.#headShift;
  }

  get firstId(): string | undefined {
    for (let at = this.#start; at < this.#rows.length; at++) {
      const row = this.#rows[at];
      if (row?.kind === 'entry') return row.key;
    }
    return undefined;
  }

  get lastId(): string | undefined {
    for (let at = this.#rows.length - 1; at >= this.#start; at--) {
      const row = this.#rows[at];
      if (row?.kind === 'entry') return row.key;
    }
    return undefined;
  }

  /** The shown row at an index from 0 (oldest); undefined outside. */
  shownRow(index: number): Row | undefined {
    const position = index < 0 ? undefined : this.#shown[this.#shownStart + index];
    return position === undefined ? undefined : this.#rows[position - this.#offset];
  }

  /** Shown rows from one index up to another, as far as there are any. */
  shownRows(from: number, to: number): Row[] {
    const rows: Row[] = [];
    for (let index = Math.max(0, from); index < to; index++) {
      const row = this.shownRow(index);
      if (!row) break;
      rows.push(row);
    }
    return rows;
  }

  /** The index of a row among the shown ones; -1 when it is not shown. */
  shownIndexOf(key: string): number {
    const at = this.#find(key);
    if (at === -1) return -1;
    const index = lowerBound(this.#shown, this.#shownStart, at + this.#offset);
    return this.#shown[index] === at + this.#offset ? index - this.#shownStart : -1;
  }

  /** The index of the first shown row that does not stand before this id; shownCount when all do. */
  shownIndexFrom(id: string): number {
    return lowerBound(this.#shown, this.#shownStart, this.#lowerBound(id) + this.#offset) - this.#shownStart;
  }

  /** An entry held, shown or not. */
  entry(id: string): EntryJson | undefined {
    const row = this.#rows[this.#findEntry(id)];
    return row?.kind === 'entry' ? row.entry : undefined;
  }

  isShown(entry: EntryJson): boolean {
    return this.#match === undefined ? !entry.is_deleted : matchesJson(this.#match, entry);
  }

  /** What decides whether an entry is shown; undefined: all that is not deleted. */
  get match(): Match | undefined {
    return this.#match;
  }

  shows(row: EntryRow): boolean {
    return (row.passed !== undefined && row.passed === this.#match) || this.isShown(row.entry);
  }

  /** Adds an entry at the end. @returns false for one that does not come after all others */
  append(row: EntryRow): boolean {
    const last = this.#rows.at(-1);
    if (last !== undefined && !comesAfter(row, last) && !isBefore(last, row.key)) return false;
    this.#push(row);
    return true;
  }

  /** Marks that entries are missing after the newest one; adds to a mark that stands there already. */
  appendGap(missed: number): void {
    const last = this.#rows.at(-1);
    if (last?.kind === 'gap') {
      this.#rows[this.#rows.length - 1] = { ...last, missed: last.missed + missed };
      return;
    }
    this.#push({ kind: 'gap', key: `gap-${++this.#gapCount}`, missed, afterId: this.lastId ?? ID_NONE });
  }

  /**
   * Puts entries where their ids belong, leaving out those held already.
   * @returns how many were new
   */
  merge(entries: readonly EntryJson[]): number {
    const fresh = sortedById(entries).filter((entry) => this.#findEntry(entry.uuid) === -1);
    if (fresh.length === 0) return 0;
    const first = this.shownRow(0);
    const rows: Row[] = [];
    let next = 0;
    for (let at = this.#start; at < this.#rows.length; at++) {
      const row = this.#rows[at];
      if (!row) continue;
      for (; next < fresh.length; next++) {
        const entry = fresh[next];
        if (!entry || isBefore(row, entry.uuid)) break;
        rows.push(entryRow(entry));
      }
      rows.push(row);
    }
    for (; next < fresh.length; next++) {
      const entry = fresh[next];
      if (entry) rows.push(entryRow(entry));
    }
    this.#replace(rows);
    if (first) this.#headShift -= Math.max(0, this.shownIndexOf(first.key));
    this.#evict();
    return fresh.length;
  }

  gap(key: string): GapRow | undefined {
    const row = this.#rows[this.#find(key)];
    return row?.kind === 'gap' ? row : undefined;
  }

  /** The id that follows a gap; undefined while nothing does. */
  idAfterGap(key: string): string | undefined {
    const from = this.#find(key);
    if (from === -1) return undefined;
    for (let at = from + 1; at < this.#rows.length; at++) {
      const row = this.#rows[at];
      if (row?.kind === 'entry') return row.key;
    }
    return undefined;
  }

  /** Replaces a gap by what was loaded for it; `missed` entries stay missing after the last of those. */
  fillGap(key: string, entries: readonly EntryJson[], missed: number): void {
    const gap = this.gap(key);
    if (!gap) return;
    const rest = this.#held().filter((row) => row.key !== key);
    this.#replace(rest);
    this.merge(entries);
    if (missed <= 0) return;
    const afterId = sortedById(entries).at(-1)?.uuid ?? gap.afterId;
    const rows = this.#held();
    const at = rows.findIndex((row) => (row.kind === 'entry' ? row.key : row.afterId) > afterId);
    rows.splice(at === -1 ? rows.length : at, 0, { kind: 'gap', key, missed, afterId });
    this.#replace(rows);
  }

  /** Puts another version in the place of an entry held. @returns false when it is not held */
  replaceEntry(entry: EntryJson): boolean {
    const at = this.#findEntry(entry.uuid);
    const before = this.#rows[at];
    if (before?.kind !== 'entry') return false;
    const position = at + this.#offset;
    const index = lowerBound(this.#shown, this.#shownStart, position);
    const wasShown = this.#shown[index] === position;
    const row = entryRow(entry);
    this.#length += row.length - before.length;
    this.#rows[at] = row;
    const isShown = this.isShown(entry);
    if (wasShown) this.#counts[before.level]--;
    if (isShown) this.#counts[row.level]++;
    if (wasShown && !isShown) this.#shown.splice(index, 1);
    if (!wasShown && isShown) this.#shown.splice(index, 0, position);
    return true;
  }

  setMatch(match: Match | undefined): void {
    this.#match = match;
    this.#index();
  }

  /** A smaller capacity evicts at once. */
  setCapacity(capacity: Capacity): void {
    this.#capacity = capacity;
    this.#evict();
  }

  clear(): void {
    this.#replace([]);
    this.#headShift = 0;
  }

  #held(): Row[] {
    return this.#rows.slice(this.#start).filter((row) => row !== undefined);
  }

  #push(row: Row): void {
    const position = this.#rows.push(row) - 1 + this.#offset;
    if (row.kind === 'entry') this.#length += row.length;
    this.#show(row, position);
    this.#evict();
  }

  #show(row: Row, position: number): void {
    if (row.kind === 'entry') {
      if (!this.shows(row)) return;
      this.#counts[row.level]++;
    }
    this.#shown.push(position);
  }

  #evict(): void {
    const { rows, length } = this.#capacity;
    while (this.heldCount > rows || (this.#length > length && this.heldCount > 1)) {
      const row = this.#rows[this.#start];
      if (this.#shown[this.#shownStart] === this.#start + this.#offset) {
        this.#shownStart++;
        this.#headShift++;
        if (row?.kind === 'entry') this.#counts[row.level]--;
      }
      if (row?.kind === 'entry') this.#length -= row.length;
      this.#rows[this.#start++] = undefined;
    }
    // The room of what has been evicted is let go in large pieces, so that each row is moved once on average.
    if (this.#start > rows) {
      this.#rows = this.#rows.slice(this.#start);
      this.#offset += this.#start;
      this.#start = 0;
      this.#shown = this.#shown.slice(this.#shownStart);
      this.#shownStart = 0;
    }
  }

  #replace(rows: Row[]): void {
    this.#offset += this.#rows.length;
    this.#rows = rows;
    this.#start = 0;
    this.#length = 0;
    for (const row of rows) if (row.kind === 'entry') this.#length += row.length;
    this.#index();
  }

  #index(): void {
    this.#shown = [];
    this.#shownStart = 0;
    this.#counts = emptyLevelCounts();
    for (let at = this.#start; at < this.#rows.length; at++) {
      const row = this.#rows[at];
      if (row) this.#show(row, at + this.#offset);
    }
  }

  /** Index in #rows of a row by its key; -1: not held. */
  #find(key: string): number {
    if (!key.startsWith('gap-')) return this.#findEntry(key);
    for (let at = this.#start; at < this.#rows.length; at++) if (this.#rows[at]?.key === key) return at;
    return -1;
  }

  #findEntry(id: string): number {
    const at = this.#lowerBound(id);
    const row = this.#rows[at];
    return row?.kind === 'entry' && row.key === id ? at : -1;
  }

  #lowerBound(id: string): number {
    let low = this.#start;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = this.#rows[middle];
      if (row && isBefore(row, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A gap stands right behind the id it follows. */
function isBefore(row: EntryRow | GapRow, id: string): boolean {
  return row.kind === 'entry' ? row.key < id : row.afterId < id;
}

function sortedById(entries: readonly EntryJson[]): EntryJson[] {
  const sorted = [...entries].sort((a, b) => (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0));
  return sorted.filter((entry, index) => entry.uuid !== sorted[index - 1]?.uuid);
}

/** The first index from `from` on whose number is not less. */
function lowerBound(rising: readonly number[], from: number, wanted: number): number {
  let low = from;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
