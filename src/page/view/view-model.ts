/**
 * What the view page holds and can do, without drawing: where one is (query, range, open entry), the rows, the choice
 * of several, the figures, and the acts. The parts of the page read its signals and call its methods.
 */
import { batch, computed, signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { EntryBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { compileQuery, type Match } from '../../entry/query/match.ts';
import { parseQuery, type QueryFault } from '../../entry/query/parse.ts';
import { type Query, someNode } from '../../entry/query/query.ts';
import { type Act, inState, toggleAct } from '../../viewer/acts.ts';
import type { Connection } from '../../viewer/connection.ts';
import { createHighlighter } from '../../viewer/highlight.ts';
import { RateMeter } from '../../viewer/rate.ts';
import { Viewer, type ViewerSnapshot } from '../../viewer/viewer.ts';
import { type Address, ALL, formatAddress, parseAddress, sameRange, type TimeRange } from '../address.ts';
import { copyText } from '../clipboard.ts';
import { entryLine } from '../entry-text.ts';
import { get, type Refusal } from '../request.ts';
import { sayDone, sayWrong } from '../toasts.tsx';
import { Triage } from '../triage.ts';
import { Feed } from './feed.ts';
import { Overview } from './overview.ts';

/** What stands where the rows are. */
export type Showing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'rows' }
  /** The store holds nothing at all. */
  | { readonly kind: 'empty-store' }
  | { readonly kind: 'no-match' }
  | ({ readonly kind: 'failed' } & Refusal);

export interface Detail {
  readonly id: string;
  /** Undefined while it loads. */
  readonly entry: EntryJson | undefined;
  /** Undefined until the context has come. */
  readonly before: readonly EntryJson[] | undefined;
  readonly after: readonly EntryJson[] | undefined;
  readonly fault: string | undefined;
}

export interface AppliedQuery {
  readonly text: string;
  readonly query: Query;
}

const CONTEXT_ENTRIES = 10;
const RATE_TOLD_MS = 1_000;

export class ViewModel {
  readonly address = signal<Address>(parseAddress(location.search, Date.now()));
  /** The query as it is applied; a text that does not parse is never applied. */
  readonly applied = signal<AppliedQuery>({ text: '', query: { kind: 'all' } });
  readonly fault = signal<(QueryFault & { readonly text: string }) | undefined>(undefined);
  readonly viewer = new Viewer();
  /** The viewer's state at the last frame. */
  readonly snapshot = signal<ViewerSnapshot>(this.viewer.snapshot());
  readonly connection = signal<Connection>({ kind: 'connecting' });
  readonly showing = signal<Showing>({ kind: 'loading' });
  readonly isLoadingOlder = signal(false);
  readonly ratePerSecond = signal(0);
  readonly detail = signal<Detail | undefined>(undefined);
  readonly checked = signal<ReadonlySet<string>>(new Set());
  /** Whether the person moves about by keys or clicks, so that the chosen row is marked. */
  readonly cursorKey = signal<string | undefined>(undefined);
  /** Rises when the note of the open entry is to be written. */
  readonly noteAsked = signal(0);
  readonly overview = new Overview();
  readonly triage: Triage;
  readonly highlight = computed(() => createHighlighter(this.applied.value.query));
  /** Whether figures about the whole store say more than the list shows. */
  readonly isFiltered = computed(
    () => this.applied.value.query.kind !== 'all' || this.address.value.range.kind !== 'all',
  );
  /** The list shows rows at the next frame; set by it. */
  onRowsChanged: () => void = () => {};
  /** The list brings a row into view; set by it. */
  onReveal: (key: string) => void = () => {};

  #feed: Feed | undefined;
  #rate = new RateMeter();
  #frame: number | undefined;
  #rateTimer: number | undefined;
  /** How the pause came about: one that the list made ends at its foot. */
  #heldBy: 'scroll' | 'person' | undefined;
  #isTyping = false;
  #widerRange: TimeRange = ALL;
  #checkedFrom: string | undefined;
  #detailStop = new AbortController();

  constructor() {
    this.triage = new Triage([
      {
        entry: (id) => this.viewer.entry(id),
        applyState: (state) => {
          this.viewer.applyState(state);
          this.#rowsChanged();
        },
      },
      {
        entry: (id) => this.#shownEntries().find((entry) => entry.uuid === id),
        applyState: (state) =>
          this.#applyToDetail((entry) => (entry.uuid === state.uuid ? inState(entry, state) : entry)),
      },
    ]);
  }

  start(): void {
    window.addEventListener('popstate', () => this.#goTo(parseAddress(location.search, Date.now())));
    this.#rateTimer = window.setInterval(() => {
      this.ratePerSecond.value = this.#rate.perSecond(Date.now());
    }, RATE_TOLD_MS);
    this.#goTo(this.address.value);
  }

  close(): void {
    window.clearInterval(this.#rateTimer);
    this.#feed?.close();
    this.overview.close();
  }

  // --- Where one is

  search(text: string, how: 'typing' | 'done'): void {
    const trimmed = text.trim();
    const parsed = parseQuery(trimmed);
    if (!parsed.ok) {
      this.fault.value = { text: trimmed, position: parsed.position, reason: parsed.reason };
      return;
    }
    this.fault.value = undefined;
    if (trimmed === this.address.value.query) return;
    // Half-typed words are one step back, not one each.
    const isFurtherTyping = how === 'typing' && this.#isTyping;
    this.#navigate({ ...this.address.value, query: trimmed }, isFurtherTyping ? 'replace' : 'push');
    this.#isTyping = how === 'typing';
  }

  setRange(range: TimeRange): void {
    if (range.kind === 'between' && this.isLive) this.#widerRange = this.address.value.range;
    if (!sameRange(range, this.address.value.range)) this.#navigate({ ...this.address.value, range }, 'push');
  }

  /** From a range that has ended back to the one it was cut out of. */
  resetRange(): void {
    this.setRange(this.#widerRange);
  }

  /** Loads what is shown once more. */
  reload(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#goTo(this.address.value);
  }

  clearFilter(): void {
    this.#navigate({ ...this.address.value, query: '', range: ALL }, 'push');
  }

  open(id: string): void {
    const isOpen = this.address.value.entryId !== undefined;
    if (this.address.value.entryId === id) return;
    this.#navigate({ ...this.address.value, entryId: id }, isOpen ? 'replace' : 'push');
  }

  closeDetail(): void {
    if (this.address.value.entryId !== undefined) {
      this.#navigate({ ...this.address.value, entryId: undefined }, 'replace');
    }
  }

  /** The address that shows this entry to a colleague. */
  permalink(id: string): string {
    return `${location.origin}${paths.view}${formatAddress({ query: '', range: ALL, entryId: id })}`;
  }

  /** Shows the list around an entry, whatever it is filtered by now. */
  showAround(entry: EntryJson): void {
    const timeMs = Date.parse(entry.timestamp);
    const range: TimeRange = { kind: 'between', sinceMs: timeMs - 60_000, untilMs: timeMs + 60_000 };
    this.#navigate({ query: '', range, entryId: entry.uuid }, 'push');
  }

  #navigate(address: Address, how: 'push' | 'replace'): void {
    this.#isTyping = false;
    const url = location.pathname + formatAddress(address);
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.#goTo(address);
  }

  #goTo(address: Address): void {
    const before = this.address.value;
    const parsed = parseQuery(address.query);
    batch(() => {
      this.address.value = address;
      this.fault.value = parsed.ok
        ? undefined
        : { text: address.query, position: parsed.position, reason: parsed.reason };
    });
    const isSame = this.#feed !== undefined && before.query === address.query && sameRange(before.range, address.range);
    if (parsed.ok && !isSame) this.#load({ text: address.query, query: parsed.query }, address.range);
    if (!parsed.ok && !this.#feed) this.showing.value = { kind: 'failed', status: 400, message: parsed.reason };
    if (address.entryId !== this.detail.value?.id) void this.#openDetail(address.entryId);
  }

  #load(applied: AppliedQuery, range: TimeRange): void {
    this.#feed?.close();
    const match = compileQuery(applied.query);
    batch(() => {
      this.applied.value = applied;
      this.showing.value = { kind: 'loading' };
      this.checked.value = new Set();
      // The open entry is found again among other rows; a mere place in the list is not.
      this.cursorKey.value = this.address.value.entryId;
    });
    this.viewer.clear();
    this.viewer.setFilter(localMatch(applied.query, match));
    this.viewer.setSearch(applied.query.kind === 'all' ? undefined : match);
    this.#heldBy = undefined;
    this.#rate = new RateMeter();
    const feed = new Feed({
      viewer: this.viewer,
      query: applied.text,
      range,
      match,
      listener: {
        onRows: () => {
          this.isLoadingOlder.value = feed.isLoadingOlder;
          this.#rowsChanged();
        },
        onLive: (entries) => {
          const nowMs = Date.now();
          for (const entry of entries) this.#rate.add(entry.log_level, nowMs);
          this.overview.onLive(entries);
        },
        onState: (state) => {
          this.triage.onState(state);
          this.overview.touch();
        },
        onConnection: (connection) => {
          this.connection.value = connection;
        },
        onFirstPage: (answer) => void this.#onFirstPage(answer),
        onRefusal: (refusal) => sayWrong(`Entries could not be loaded: ${refusal.message}`),
      },
    });
    this.#feed = feed;
    this.#rowsChanged();
    feed.start();
    this.overview.show({ query: applied.text, range });
  }

  async #onFirstPage(answer: { ok: true } | ({ ok: false } & Refusal)): Promise<void> {
    if (!answer.ok) {
      if (answer.position !== undefined) {
        this.fault.value = { text: this.applied.value.text, position: answer.position, reason: answer.message };
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
      if (snapshot.shownCount > 0 && this.showing.value.kind !== 'rows') this.showing.value = { kind: 'rows' };
      if (snapshot.shownCount === 0 && this.showing.value.kind === 'rows') this.showing.value = { kind: 'no-match' };
      this.onRowsChanged();
    });
  }

  // --- Following, pausing, moving

  get isLive(): boolean {
    return this.address.value.range.kind !== 'between';
  }

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

  /** Moves the chosen row; from the foot when none is. */
  move(by: number): void {
    const { shownCount } = this.viewer.snapshot();
    if (shownCount === 0) return;
    if (this.cursorKey.value === undefined) {
      if (by > 0 && this.viewer.isFollowing) return;
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
    if (this.detail.value && id !== undefined) this.open(id);
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

  // --- Choosing several

  check(id: string): void {
    const next = new Set(this.checked.value);
    if (!next.delete(id)) next.add(id);
    this.#checkedFrom = id;
    this.checked.value = next;
  }

  /** All from the last one checked, or chosen, to this one. */
  checkRange(id: string): void {
    const from = this.viewer.indexOf(this.#checkedFrom ?? this.cursorKey.value ?? id);
    const to = this.viewer.indexOf(id);
    if (from === -1 || to === -1) {
      this.check(id);
      return;
    }
    const next = new Set(this.checked.value);
    for (const row of this.viewer.rows(Math.min(from, to), Math.max(from, to) + 1)) {
      if (row.kind === 'entry') next.add(row.key);
    }
    this.checked.value = next;
  }

  clearChecked(): void {
    this.checked.value = new Set();
    this.#checkedFrom = undefined;
  }

  /** Escape: the choice of several first, then the open entry, then the chosen row. */
  closeTopmost(): void {
    if (this.checked.value.size > 0) this.clearChecked();
    else if (this.detail.value) this.closeDetail();
    else this.cursorKey.value = undefined;
  }

  // --- Acts

  /** What an act of the keyboard is about: those checked, else the open one, else the chosen one. */
  subjects(): readonly EntryJson[] {
    const ids =
      this.checked.value.size > 0
        ? [...this.checked.value]
        : [this.detail.value?.id ?? this.cursorKey.value].filter((id) => id !== undefined);
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
    if (kind === 'delete') this.clearChecked();
    void this.triage.act(acts);
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
    this.open(entry.uuid);
    this.noteAsked.value++;
  }

  saveNote(id: string, note: string): void {
    if ((this.triage.entry(id)?.note ?? '') !== note) void this.triage.act([{ kind: 'note', id, note }]);
  }

  // --- The open entry

  async #openDetail(id: string | undefined): Promise<void> {
    this.#detailStop.abort();
    this.#detailStop = new AbortController();
    this.noteAsked.value = 0;
    if (id === undefined) {
      this.detail.value = undefined;
      return;
    }
    const { signal: stop } = this.#detailStop;
    this.detail.value = { id, entry: this.triage.entry(id), before: undefined, after: undefined, fault: undefined };
    const answer = await get<EntryBody>(paths.entry(id), { parameters: { context: CONTEXT_ENTRIES }, signal: stop });
    if (stop.aborted) return;
    if (!answer.ok) {
      const fault =
        answer.status === 404 ? 'This entry is not in the store: it may have been deleted by age.' : answer.message;
      this.detail.value = { id, entry: this.detail.value.entry, before: undefined, after: undefined, fault };
      return;
    }
    const { log, before = [], after = [] } = answer.body;
    this.detail.value = { id, entry: log, before, after, fault: undefined };
  }

  #shownEntries(): readonly EntryJson[] {
    const detail = this.detail.value;
    if (!detail) return [];
    return [...(detail.entry ? [detail.entry] : []), ...(detail.before ?? []), ...(detail.after ?? [])];
  }

  #applyToDetail(change: (entry: EntryJson) => EntryJson): void {
    const detail = this.detail.value;
    if (!detail) return;
    this.detail.value = {
      ...detail,
      entry: detail.entry && change(detail.entry),
      before: detail.before?.map(change),
      after: detail.after?.map(change),
    };
  }
}

/** The server has filtered already; only what depends on the state of entries can change here. */
function localMatch(query: Query, match: Match): Match | undefined {
  return someNode(query, (node) => node.kind === 'is') ? match : undefined;
}
