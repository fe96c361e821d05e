/**
 * What the view page holds and can do, without drawing: where one is (query, range, open entry), the rows, the choice
 * of several, the figures, and the acts. The parts of the page read its signals and call its methods.
 */
import { batch, computed, signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { StateEvent } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { compileQuery, type Match } from '../../entry/query/match.ts';
import { parseQuery } from '../../entry/query/parse.ts';
import { type Query, someNode } from '../../entry/query/query.ts';
import { type Act, toggleAct } from '../../viewer/acts.ts';
import type { Connection } from '../../viewer/connection.ts';
import { createHighlighter } from '../../viewer/highlight.ts';
import { Viewer, type ViewerSnapshot } from '../../viewer/viewer.ts';
import { type Address, sameRange, type TimeRange } from '../address.ts';
import { authorOf } from '../author.ts';
import { copyText } from '../clipboard.ts';
import { entryLine } from '../entry-text.ts';
import { get, type Refusal } from '../request.ts';
import { sayDone, sayWrong } from '../toasts.tsx';
import { Triage } from '../triage.ts';
import { Choice } from './choice.ts';
import { Feed } from './feed.ts';
import { OpenEntry } from './open-entry.ts';
import { Overview } from './overview.ts';
import { Pace } from './pace.ts';
import { Place } from './place.ts';
import { Returning } from './returning.ts';

/** What stands where the rows are. */
export type Showing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'rows' }
  /** The store holds nothing at all. */
  | { readonly kind: 'empty-store' }
  | { readonly kind: 'no-match' }
  | ({ readonly kind: 'failed' } & Refusal);

export interface AppliedQuery {
  readonly text: string;
  readonly query: Query;
}

export class ViewModel {
  readonly place = new Place((address) => this.#onPlace(address));
  /** The query as it is applied; a text that does not parse is never applied. */
  readonly applied = signal<AppliedQuery>({ text: '', query: { kind: 'all' } });
  readonly viewer = new Viewer();
  /** The viewer's state at the last frame. */
  readonly snapshot = signal<ViewerSnapshot>(this.viewer.snapshot());
  readonly connection = signal<Connection>({ kind: 'connecting' });
  readonly showing = signal<Showing>({ kind: 'loading' });
  readonly isLoadingOlder = signal(false);
  readonly pace = new Pace();
  readonly opened = new OpenEntry();
  readonly choice = new Choice(this.viewer);
  /** Whether the person moves about by keys or clicks, so that the chosen row is marked. */
  readonly cursorKey = signal<string | undefined>(undefined);
  readonly overview = new Overview();
  readonly triage: Triage;
  readonly highlight = computed(() => createHighlighter(this.applied.value.query));
  /** Whether figures about the whole store say more than the list shows. */
  readonly isFiltered = computed(
    () => this.applied.value.query.kind !== 'all' || this.place.address.value.range.kind !== 'all',
  );
  /** The list shows rows at the next frame; set by it. */
  onRowsChanged: () => void = () => {};
  /** The list brings a row into view; set by it. */
  onReveal: (key: string) => void = () => {};

  readonly #returning = new Returning({
    onEntries: (entries) => {
      this.viewer.merge(entries.filter((entry) => this.#feed?.matches(entry)));
      this.#rowsChanged();
    },
    onMany: () => this.reload(),
  });
  #feed: Feed | undefined;
  #frame: number | undefined;
  /** How the pause came about: one that the list made ends at its foot. */
  #heldBy: 'scroll' | 'person' | undefined;
  /** What the rows are of. */
  #shown: { readonly query: string; readonly range: TimeRange } | undefined;

  constructor() {
    this.triage = new Triage([
      {
        entry: (id) => this.viewer.entry(id),
        applyState: (state) => {
          this.viewer.applyState(state);
          this.#rowsChanged();
        },
      },
      this.opened,
    ]);
  }

  start(): void {
    this.pace.start();
    this.place.start();
  }

  close(): void {
    this.pace.close();
    this.#feed?.close();
    this.overview.close();
  }

  /** Loads what is shown once more. */
  reload(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#onPlace(this.place.address.value);
  }

  #onPlace({ query: text, range, entryId }: Address): void {
    const shown = this.#shown;
    const parsed = parseQuery(text);
    const isSame = this.#feed !== undefined && shown?.query === text && sameRange(shown.range, range);
    if (!parsed.ok) {
      if (!this.#feed) this.showing.value = { kind: 'failed', status: 400, message: parsed.reason };
    } else if (!isSame) {
      this.#shown = { query: text, range };
      this.#load({ text, query: parsed.query }, range);
    }
    if (entryId === this.opened.detail.value?.id) return;
    if (entryId === undefined) this.opened.close();
    else void this.opened.show(entryId, this.viewer.entry(entryId));
  }

  #load(applied: AppliedQuery, range: TimeRange): void {
    const position = this.#feed?.position;
    this.#feed?.close();
    const match = compileQuery(applied.query);
    batch(() => {
      this.applied.value = applied;
      this.showing.value = { kind: 'loading' };
      this.choice.clear();
      // The open entry is found again among other rows; a mere place in the list is not.
      this.cursorKey.value = this.place.address.value.entryId;
    });
    this.pace.reset();
    const feed = new Feed({
      viewer: this.viewer,
      query: applied.text,
      range,
      match,
      position,
      listener: {
        onReplace: () => {
          this.viewer.clear();
          this.viewer.setFilter(localMatch(applied.query, match));
          this.viewer.setSearch(applied.query.kind === 'all' ? undefined : match);
          this.#heldBy = undefined;
          this.#rowsChanged();
        },
        onRows: () => {
          this.isLoadingOlder.value = feed.isLoadingOlder;
          this.#rowsChanged();
        },
        onLive: (entries) => {
          this.pace.add(entries);
          this.overview.onLive(entries);
        },
        onState: (state) => this.#onState(state),
        onConnection: (connection) => {
          // What the line missed, the figures have missed too.
          if (connection.kind === 'live') this.overview.touch();
          this.connection.value = connection;
        },
        onLongAway: () => {
          // Who follows wants the newest, not hours of what came before; who reads keeps the place and gets it all.
          if (this.viewer.isFollowing) this.reload();
        },
        onFirstPage: (answer) => void this.#onFirstPage(answer),
        onRefusal: (refusal) => sayWrong(`Entries could not be loaded: ${refusal.message}`),
      },
    });
    this.#feed = feed;
    feed.start();
  }

  #onState(state: StateEvent): void {
    const isHeld = this.viewer.entry(state.uuid) !== undefined;
    this.triage.onState(state);
    this.overview.touch();
    if (!isHeld && (dependsOnState(this.applied.value.query) || this.viewer.holds(state.uuid))) {
      this.#returning.add(state.uuid);
    }
  }

  async #onFirstPage(answer: { ok: true } | ({ ok: false } & Refusal)): Promise<void> {
    // The rows come first: figures over a large store take the server longer.
    if (this.#shown) this.overview.show(this.#shown);
    if (!answer.ok) {
      if (answer.position !== undefined) {
        this.place.fault.value = { text: this.applied.value.text, position: answer.position, reason: answer.message };
      }
      this.showing.value = { kind: 'failed', status: answer.status, message: answer.message };
      return;
    }
    if (this.viewer.snapshot().shownCount > 0) {
      this.showing.value = { kind: 'rows' };
      const key = this.cursorKey.value;
      if (key !== undefined && this.viewer.select(key)) {
        this.#heldBy = 'person';
        this.onReveal(key);
      }
      return;
    }
    const feed = this.#feed;
    const any = await get<{ logs: readonly unknown[] }>(paths.newLogs, { parameters: { limit: 1 } });
    if (feed !== this.#feed || this.viewer.snapshot().shownCount > 0) return;
    const isEmptyStore = any.ok && any.body.logs.length === 0 && !this.isFiltered.value;
    this.showing.value = { kind: isEmptyStore ? 'empty-store' : 'no-match' };
  }

  /** Signals follow the rows once a frame, however often they change. */
  #rowsChanged(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const snapshot = this.viewer.snapshot();
      this.snapshot.value = snapshot;
      const { kind } = this.showing.value;
      if (snapshot.shownCount > 0 && (kind === 'no-match' || kind === 'empty-store'))
        this.showing.value = { kind: 'rows' };
      if (snapshot.shownCount === 0 && kind === 'rows') this.showing.value = { kind: 'no-match' };
      this.onRowsChanged();
    });
  }

  // --- Following, pausing, moving

  /** The list has been scrolled up, or text is being selected. */
  holdForReading(): void {
    if (!this.viewer.isFollowing) return;
    this.viewer.pause();
    this.#heldBy = 'scroll';
    this.#rowsChanged();
  }

  /** The list stands at its foot again. */
  reachFoot(): void {
    if (this.#heldBy === 'scroll' && this.cursorKey.value === undefined) this.resume();
    else {
      this.viewer.admit();
      this.#rowsChanged();
    }
  }

  pause(): void {
    this.viewer.pause();
    this.#heldBy = 'person';
    this.#rowsChanged();
  }

  resume(): void {
    this.viewer.resume();
    this.#heldBy = undefined;
    this.cursorKey.value = undefined;
    this.#rowsChanged();
  }

  togglePause(): void {
    if (this.viewer.isFollowing) this.pause();
    else this.resume();
  }

  /** Moves the chosen row; when none is, the newest is chosen, and a page up goes on from there. */
  move(by: number): void {
    const { shownCount } = this.viewer.snapshot();
    if (shownCount === 0) return;
    if (this.cursorKey.value === undefined) {
      this.viewer.selectIndex(shownCount - 1);
      if (by < -1) this.viewer.move(by);
    } else this.viewer.move(by);
    if (this.viewer.isFollowing) this.resume();
    else this.#afterSelection();
  }

  moveToHead(): void {
    this.viewer.selectIndex(0);
    this.#afterSelection();
  }

  findLevel(direction: 1 | -1, levels: readonly EntryJson['log_level'][]): void {
    if (this.viewer.findLevel(direction, levels) === 'none') sayDone('None among the entries loaded');
    else this.#afterSelection();
  }

  findHit(direction: 1 | -1): void {
    const found = this.viewer.findHit(direction);
    if (found === 'none') sayDone('Nothing is searched for: press / to search');
    else this.#afterSelection();
  }

  choose(key: string): void {
    if (!this.viewer.select(key)) return;
    this.#heldBy ??= 'person';
    this.#afterSelection();
  }

  #afterSelection(): void {
    const key = this.viewer.selectedRow?.key;
    this.#heldBy ??= 'person';
    this.cursorKey.value = key;
    const id = this.viewer.selectedEntry?.uuid;
    if (this.opened.detail.value && id !== undefined) this.place.open(id);
    this.#rowsChanged();
    if (key !== undefined) this.onReveal(key);
  }

  loadOlder(): void {
    void this.#feed?.loadOlder();
  }

  fillGap(key: string): void {
    void this.#feed?.fillGap(key);
  }

  get reachedOldest(): boolean {
    return this.#feed?.reachedOldest ?? false;
  }

  /** Escape: the choice of several first, then the open entry, then the chosen row. */
  closeTopmost(): void {
    if (this.choice.size > 0) this.choice.clear();
    else if (this.opened.detail.value) this.place.closeDetail();
    else this.cursorKey.value = undefined;
  }

  // --- Acts

  /** What an act of the keyboard is about: those checked, else the open one, else the chosen one. */
  subjects(): readonly EntryJson[] {
    const ids =
      this.choice.size > 0
        ? [...this.choice.ids.value]
        : [this.opened.detail.value?.id ?? this.cursorKey.value].filter((id) => id !== undefined);
    return ids.map((id) => this.triage.entry(id)).filter((entry) => entry !== undefined);
  }

  /** Sets it on all when any has it not, else takes it away from all. */
  toggle(kind: 'pin' | 'ticket' | 'delete', entries: readonly EntryJson[] = this.subjects()): void {
    if (entries.length === 0) {
      sayDone('Choose an entry first: click one, or press k');
      return;
    }
    const toggled = entries.map((entry) => toggleAct(entry, kind));
    const value = toggled.some((act) => act.kind !== 'note' && act.value);
    const acts: Act[] = entries.map((entry) => ({ kind, id: entry.uuid, value }));
    if (kind === 'delete') this.choice.clear();
    void this.triage.act(acts);
    // The neighbour takes the place of a row that is gone, so that one can delete several one after another.
    const key = this.cursorKey.value;
    if (key !== undefined && this.opened.detail.value === undefined && !this.viewer.select(key)) {
      this.cursorKey.value = this.viewer.selectedRow?.key;
    }
  }

  copySubjects(): void {
    const entries = [...this.subjects()].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
    if (entries.length === 0) sayDone('Choose an entry first: click one, or press k');
    else void copyText(entries.map(entryLine).join('\n'), entries.length === 1 ? 'Entry' : `${entries.length} entries`);
  }

  /** The note's field opens for the open or chosen entry. */
  askNote(): void {
    const entry = this.subjects()[0];
    if (!entry) return;
    this.place.open(entry.uuid);
    this.opened.noteAsked.value++;
  }

  saveNote(id: string, note: string): void {
    if ((this.triage.entry(id)?.note ?? '') !== note)
      void this.triage.act([{ kind: 'note', id, note, author: authorOf() }]);
  }
}

/** The server has filtered already; only what depends on the state of entries can change here. */
function localMatch(query: Query, match: Match): Match | undefined {
  return dependsOnState(query) ? match : undefined;
}

function dependsOnState(query: Query): boolean {
  return someNode(query, (node) => node.kind === 'is');
}
