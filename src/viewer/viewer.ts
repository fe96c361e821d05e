/**
 * What page and terminal both need, without drawing: history and live entries without repeats, filter, selection,
 * follow and pause, search, acts with undo, and what is known of the connection. The interfaces feed it, turn keys into
 * calls of it, and draw when `version` has changed.
 *
 * While following, the newest entry is the selected one. Scrolling up or selecting pauses. While paused nothing moves:
 * new entries wait apart, counted as unseen, and join the list when one scrolls down to them or resumes.
 */
import type { EntryJson } from '../entry/entry.ts';
import type { Level } from '../entry/level.ts';
import type { Match } from '../entry/query/match.ts';
import { type Act, type ActStep, actOn, type EntryStateJson, inState } from './acts.ts';
import { CAPACITY, type Capacity, PAUSED_ROOM, times } from './capacity.ts';
import type { Connection } from './connection.ts';
import { EntryList } from './entry-list.ts';
import { findShown, matchesJson } from './find.ts';
import { type EntryRow, entryRow, type GapRow, glance, type Row } from './row.ts';
import type { Found, ViewerSnapshot } from './snapshot.ts';
import { UndoStack } from './undo.ts';
import { Waiting } from './waiting.ts';

export type { ViewerSnapshot } from './snapshot.ts';

export interface ViewerOptions {
  readonly capacity?: Partial<Capacity>;
  /** Which entries are shown; missing: all that are not deleted. */
  readonly match?: Match;
}

export class Viewer {
  readonly #capacity: Capacity;
  readonly #list: EntryList;
  readonly #waiting: Waiting;
  #version = 0;
  /** Why nothing moves: the person said so, or has scrolled up. Undefined: following. */
  #pause: 'asked' | 'scrolled' | undefined;
  /** Meaningful while paused. */
  #selectedKey: string | undefined;
  #search: Match | undefined;
  #connection: Connection = { kind: 'connecting' };
  #lastError: string | undefined;
  readonly #undo = new UndoStack();

  constructor({ capacity, match }: ViewerOptions = {}) {
    this.#capacity = { ...CAPACITY, ...capacity };
    this.#list = new EntryList(this.#capacity, match);
    this.#waiting = new Waiting(this.#capacity);
  }

  /** Rises with every change that can be seen. */
  get version(): number {
    return this.#version;
  }

  snapshot(): ViewerSnapshot {
    const list = this.#list;
    const { unseen, unseenErrors } = this.#waiting;
    return {
      version: this.#version,
      shownCount: list.shownCount,
      counts: list.counts,
      isFollowing: this.isFollowing,
      unseen,
      unseenErrors,
      selectedIndex: this.selectedIndex,
      selectedKey: this.selectedRow?.key,
      connection: this.#connection,
      lastError: this.#lastError,
      undoCount: this.#undo.count,
      headShift: list.headShift,
    };
  }

  /** The shown row at an index from 0 (oldest); undefined outside. */
  row(index: number): Row | undefined {
    return this.#list.shownRow(index);
  }

  /** Shown rows from one index up to another, as far as there are any. */
  rows(from: number, to: number): Row[] {
    return this.#list.shownRows(from, to);
  }

  /** The index of a row among the shown ones; -1 when it is not shown. */
  indexOf(key: string): number {
    return this.#list.shownIndexOf(key);
  }

  /** An entry held, shown or not. */
  entry(id: string): EntryJson | undefined {
    return this.#list.entry(id) ?? this.#waiting.entry(id);
  }

  /** Of the oldest entry held: what scrolling back further is loaded before. */
  get firstId(): string | undefined {
    return this.#list.firstId;
  }

  /** The id of the newest entry received. */
  get lastId(): string | undefined {
    return this.#waiting.lastId ?? this.#list.lastId;
  }

  // --- What comes in

  /** Entries of the stream, in its order. Those held already are left out. */
  append(entries: readonly EntryJson[]): void {
    this.appendRows(entries.map(entryRow));
  }

  /** The same, made into rows already. */
  appendRows(rows: readonly EntryRow[]): void {
    const behind: EntryJson[] = [];
    for (const row of rows) {
      if (this.#pause !== undefined && this.#list.heldCount > 0) {
        const lastId = this.lastId;
        if (lastId === undefined || row.key > lastId) this.#waiting.push(row, this.#list.shows(row));
        else behind.push(row.entry);
      } else if (!this.#list.append(row)) behind.push(row.entry);
      else if (this.#pause !== undefined) this.#selectedKey = this.selectedRow?.key;
    }
    if (behind.length > 0) this.merge(behind);
    this.#changed();
  }

  /** Entries from the store, in any order: they go where their ids belong. @returns how many were new */
  merge(entries: readonly EntryJson[]): number {
    return this.#keepingSelection(() => this.#list.merge(this.#beforeWaiting(entries)));
  }

  /** The server could not keep this many entries for us. */
  appendGap(missed: number): void {
    if (this.#pause !== undefined) this.#waiting.pushGap(missed);
    else this.#list.appendGap(missed);
    this.#changed();
  }

  /** What to load for a gap: the entries between the two ids. */
  gapRange(key: string): { readonly gap: GapRow; readonly untilId: string | undefined } | undefined {
    const gap = this.#list.gap(key);
    return gap && { gap, untilId: this.#list.idAfterGap(key) ?? this.#waiting.firstId };
  }

  /** Puts what was loaded for a gap in its place. @param missed how many are still missing after those; 0: none */
  fillGap(key: string, entries: readonly EntryJson[], missed: number): void {
    this.#keepingSelection(() => this.#list.fillGap(key, this.#beforeWaiting(entries), missed));
  }

  /**
   * A changed state. A deleted entry leaves the list, a restored one comes back.
   * @returns false when the entry is not held. If `holds(uuid)` then, it can be loaded and merged.
   */
  applyState(state: EntryStateJson): boolean {
    const held = this.#list.entry(state.uuid);
    if (held) {
      const entry = inState(held, state);
      if (entry !== held) this.#keepingSelection(() => this.#list.replaceEntry(entry));
      return true;
    }
    const waiting = this.#waiting.entry(state.uuid);
    if (!waiting) return false;
    this.#replaceWaiting(inState(waiting, state));
    return true;
  }

  /** Whether an id lies within what is held. */
  holds(id: string): boolean {
    const { firstId, lastId } = this;
    return firstId !== undefined && lastId !== undefined && firstId <= id && id <= lastId;
  }

  setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#changed();
  }

  /** @param message one line for a person: the act, the object, the way out */
  reportError(message: string): void {
    this.#lastError = message;
    this.#changed();
  }

  dismissError(): void {
    if (this.#lastError !== undefined) this.#changed();
    this.#lastError = undefined;
  }

  // --- What is shown

  /** Undefined: all that is not deleted. */
  get filter(): Match | undefined {
    return this.#list.match;
  }

  /** @param match undefined: all that is not deleted (also when the server filters) */
  setFilter(match: Match | undefined): void {
    this.#keepingSelection(() => {
      this.#list.setMatch(match);
      this.#waiting.recount((row) => this.#list.shows(row));
    });
  }

  /** Forgets every entry and follows; for another server-side filter, whose entries are loaded anew. */
  clear(): void {
    this.#list.clear();
    this.#waiting.take();
    this.resume();
  }

  get isFollowing(): boolean {
    return this.#pause === undefined;
  }

  /** From now on nothing moves. */
  pause(): void {
    this.#hold('asked');
  }

  /** Shows the newest and follows. */
  resume(): void {
    this.admit();
    this.#pause = undefined;
    this.#selectedKey = undefined;
    this.#list.setCapacity(this.#capacity);
    this.#changed();
  }

  togglePause(): void {
    if (this.isFollowing) this.pause();
    else this.resume();
  }

  /** Puts what waits at the end of the list without following: one has scrolled down to it. */
  admit(): void {
    const { missed, items } = this.#waiting.take();
    if (missed === 0 && items.length === 0) return;
    this.#keepingSelection(() => {
      if (missed > 0) this.#list.appendGap(missed);
      for (const item of items) {
        if (typeof item === 'number') this.#list.appendGap(item);
        else this.#list.append(item);
      }
    });
  }

  // --- Selection

  get selectedIndex(): number {
    const { shownCount } = this.#list;
    if (this.#pause === undefined || this.#selectedKey === undefined) return shownCount - 1;
    return this.#list.shownIndexOf(this.#selectedKey);
  }

  get selectedRow(): Row | undefined {
    return this.#list.shownRow(this.selectedIndex);
  }

  get selectedEntry(): EntryJson | undefined {
    const row = this.selectedRow;
    return row?.kind === 'entry' ? row.entry : undefined;
  }

  /** Selects a shown row and pauses. @returns false when it is not shown */
  select(key: string): boolean {
    if (this.#list.shownIndexOf(key) === -1) return false;
    this.#hold('scrolled');
    this.#selectedKey = key;
    this.#changed();
    return true;
  }

  /** Selects the row at an index, or the nearest there is, and pauses. */
  selectIndex(index: number): void {
    const row = this.#list.shownRow(Math.min(Math.max(0, index), this.#list.shownCount - 1));
    if (row) this.select(row.key);
  }

  /**
   * Moves the selection. Upwards pauses; downwards past the end admits what waits, and goes on following where nothing
   * does, unless the pause was asked for.
   */
  move(by: number): void {
    if (by > 0) {
      if (this.isFollowing) return;
      if (this.selectedIndex + by >= this.#list.shownCount) {
        const wasAtEnd = this.selectedIndex === this.#list.shownCount - 1;
        const waited = this.#waiting.unseen > 0;
        this.admit();
        if (wasAtEnd && !waited && this.#pause === 'scrolled') {
          this.resume();
          return;
        }
      }
    }
    this.selectIndex(this.selectedIndex + by);
  }

  /** Selects the next (1) or previous (-1) entry of these levels. Goes round at the end. */
  findLevel(direction: 1 | -1, levels: readonly Level[]): Found {
    return this.#find(direction, ({ level }) => levels.includes(level));
  }

  /** What findHit looks for; undefined: nothing. */
  setSearch(match: Match | undefined): void {
    this.#search = match;
    this.#changed();
  }

  /** Selects the next (1) or previous (-1) entry that the search finds. Goes round at the end. */
  findHit(direction: 1 | -1): Found {
    const search = this.#search;
    return search ? this.#find(direction, (row) => matchesJson(search, glance(row))) : 'none';
  }

  // --- Acts

  /**
   * Does acts at once, before the server has answered, and remembers how to take them back. Entries that are not held
   * are left out. When the server refuses, `rollBack` the step.
   */
  act(acts: readonly Act[]): ActStep {
    const step = this.#undo.push(acts, (id) => this.entry(id));
    this.#apply(step.acts);
    return step;
  }

  /** Takes the last step back here; its `inverse` is what to tell the server. Undefined: nothing to take back. */
  undo(): ActStep | undefined {
    const step = this.#undo.pop();
    if (step) this.#apply(step.inverse);
    return step;
  }

  /** The server refused a step: it is as if it had never been. */
  rollBack(step: ActStep): void {
    this.#undo.remove(step);
    this.#apply(step.inverse);
  }

  #apply(acts: readonly Act[]): void {
    this.#keepingSelection(() => {
      for (const act of acts) {
        const held = this.#list.entry(act.id);
        const waiting = held ? undefined : this.#waiting.entry(act.id);
        if (held) this.#list.replaceEntry(actOn(held, act));
        else if (waiting) this.#replaceWaiting(actOn(waiting, act));
      }
    });
  }

  #replaceWaiting(entry: EntryJson): void {
    this.#waiting.replace(entry, (row) => this.#list.shows(row));
    this.#changed();
  }

  /** What waits joins the list later, in its order. */
  #beforeWaiting(entries: readonly EntryJson[]): readonly EntryJson[] {
    const { firstId } = this.#waiting;
    return firstId === undefined ? entries : entries.filter((entry) => entry.uuid < firstId);
  }

  #find(direction: 1 | -1, wanted: (row: EntryRow) => boolean): Found {
    if (direction === 1 && !this.isFollowing) this.admit();
    // While following nothing is selected and nothing comes after: the newest is the first to look at.
    const from = this.isFollowing ? this.#list.shownCount : this.selectedIndex;
    const { found, key } = findShown(this.#list, { from, direction: this.isFollowing ? -1 : direction, wanted });
    if (key !== undefined) this.select(key);
    return found;
  }

  #hold(why: 'asked' | 'scrolled'): void {
    if (this.#pause === undefined) {
      this.#selectedKey = this.selectedRow?.key;
      this.#list.setCapacity(times(PAUSED_ROOM, this.#capacity));
      this.#pause = why;
    } else if (why === 'asked') this.#pause = why;
    this.#changed();
  }

  /** When the selected row is gone after a change, the one in its place is selected. */
  #keepingSelection<Result>(change: () => Result): Result {
    const row = this.#pause === undefined ? undefined : this.selectedRow;
    const indexBefore = this.selectedIndex;
    const shiftBefore = this.#list.headShift;
    const result = change();
    if (row && this.#list.shownIndexOf(row.key) === -1) {
      const index =
        row.kind === 'entry' ? this.#list.shownIndexFrom(row.key) : indexBefore - (this.#list.headShift - shiftBefore);
      this.#selectedKey = this.#list.shownRow(Math.min(Math.max(0, index), this.#list.shownCount - 1))?.key;
    } else if (this.#pause !== undefined && this.#selectedKey === undefined) {
      this.#selectedKey = this.#list.shownRow(this.#list.shownCount - 1)?.key;
    }
    this.#changed();
    return result;
  }

  #changed(): void {
    this.#version++;
  }
}
