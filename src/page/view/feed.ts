/**
 * Brings entries into the viewer: the newest page of the store, older ones as one scrolls, gaps on request, and the
 * live line. One feed serves one query and range; another makes a new one.
 */
import { paths } from '../../api/paths.ts';
import type { SearchBody, StateEvent } from '../../api/types.ts';
import { type EntryJson, entryFromJson } from '../../entry/entry.ts';
import type { Match } from '../../entry/query/match.ts';
import type { Connection } from '../../viewer/connection.ts';
import type { Viewer } from '../../viewer/viewer.ts';
import { boundsOf, type TimeRange } from '../address.ts';
import { LiveLine } from '../line/live-line.ts';
import { get, type Refusal } from '../request.ts';

export interface FeedListener {
  /** What the viewer holds is of an earlier feed: it is to be cleared now, that its place is taken. */
  onReplace(): void;
  /** The viewer's rows have changed. */
  onRows(): void;
  /** What came over the live line, for counting. */
  onLive(entries: readonly EntryJson[]): void;
  onState(state: StateEvent): void;
  onConnection(connection: Connection): void;
  /** The line is about to open again after a long time. */
  onLongAway(): void;
  /** The first page has come, or has failed. */
  onFirstPage(answer: { readonly ok: true } | ({ readonly ok: false } & Refusal)): void;
  onRefusal(refusal: Refusal): void;
}

export interface FeedOptions {
  readonly viewer: Viewer;
  readonly query: string;
  readonly range: TimeRange;
  /** What the query means, for what the server gives without a filter. */
  readonly match: Match;
  /** Where the line of the feed before stands, if it does: then this one need not wait for its own. */
  readonly position: string | undefined;
  readonly listener: FeedListener;
}

const PAGE_ENTRIES = 300;
/** What a gap loads at once; a larger one keeps its mark for the rest. */
const GAP_ENTRIES_MAX = 1_000;
const GAP_PAGES_MAX = 20;
/** A line that is slow to open does not hold the first rows back. */
const FIRST_PAGE_WAIT_MS = 30;
/** A trouble that passes is tried again by itself. */
const FIRST_PAGE_RETRY_MS = 3_000;

export class Feed {
  readonly #viewer: Viewer;
  readonly #query: string;
  readonly #range: TimeRange;
  readonly #match: Match;
  readonly #startPosition: string | undefined;
  readonly #listener: FeedListener;
  readonly #stop = new AbortController();
  #line: LiveLine | undefined;
  #firstPageTimer: number | undefined;
  /** Undefined: not known yet; null: the oldest is here. */
  #cursor: string | null | undefined;
  #loadingOlder = false;
  #linedUp = false;
  #isLineOpen = false;
  #firstPageTold = false;
  #hasReplaced = false;
  /** What came over the line before the first page. */
  readonly #early: (() => void)[] = [];

  constructor({ viewer, query, range, match, position, listener }: FeedOptions) {
    this.#viewer = viewer;
    this.#query = query;
    this.#range = range;
    this.#match = match;
    this.#startPosition = position;
    this.#listener = listener;
  }

  /** Whether entries arrive by themselves. */
  get isLive(): boolean {
    return this.#range.kind !== 'between';
  }

  /** Where its line stands; undefined while it does not. */
  get position(): string | undefined {
    return this.#isLineOpen ? this.#line?.position : undefined;
  }

  get reachedOldest(): boolean {
    return this.#cursor === null;
  }

  get isLoadingOlder(): boolean {
    return this.#loadingOlder;
  }

  start(): void {
    // The line first: what is stored while the first page is read comes over it, and nothing falls between the two.
    this.#line = new LiveLine({
      // A fixed range grows no more, but what is done to its entries is still told.
      query: this.isLive ? this.#query : undefined,
      position: this.#startPosition,
      listener: {
        onEntries: (entries) => {
          if (!this.isLive) return;
          this.#listener.onLive(entries);
          this.#arrive(() => this.#viewer.append(entries));
        },
        onState: (state) => this.#listener.onState(state),
        onGap: (missed) => {
          if (this.isLive) this.#arrive(() => this.#viewer.appendGap(missed));
        },
        onConnection: (connection) => {
          this.#isLineOpen = connection.kind === 'live';
          this.#listener.onConnection(connection);
        },
        onLongAway: () => this.#listener.onLongAway(),
        onPosition: () => this.#onLinedUp(),
      },
    });
    if (this.#startPosition !== undefined) this.#onLinedUp();
    else this.#firstPageTimer = window.setTimeout(() => void this.#loadFirst(), this.isLive ? FIRST_PAGE_WAIT_MS : 0);
  }

  close(): void {
    this.#stop.abort();
    window.clearTimeout(this.#firstPageTimer);
    this.#line?.close();
  }

  /** The page before the oldest entry held; nothing when there is none or it is on its way. */
  async loadOlder(): Promise<void> {
    if (this.#loadingOlder || this.#cursor === null || this.#cursor === undefined) return;
    this.#loadingOlder = true;
    this.#listener.onRows();
    const answer = await this.#search({ cursor: this.#cursor, order: 'desc', limit: PAGE_ENTRIES });
    this.#loadingOlder = false;
    if (this.#stop.signal.aborted) return;
    if (answer.ok) {
      this.#cursor = answer.body.cursor;
      this.#viewer.merge(answer.body.logs);
    } else this.#listener.onRefusal(answer);
    this.#listener.onRows();
  }

  /** Loads what a gap left out, oldest first, as much as fits one answer. */
  async fillGap(key: string): Promise<void> {
    const range = this.#viewer.gapRange(key);
    if (!range) return;
    const loaded: EntryJson[] = [];
    let since = range.gap.afterId;
    let reachedEnd = false;
    // Read in the order of the line, which has no filter: a page without a hit is read over, up to a bound.
    for (let page = 0; !reachedEnd && loaded.length < GAP_ENTRIES_MAX && page < GAP_PAGES_MAX; page++) {
      const answer = await get<{ logs: readonly EntryJson[] }>(paths.newLogs, {
        parameters: { since, limit: GAP_ENTRIES_MAX },
        signal: this.#stop.signal,
      });
      if (this.#stop.signal.aborted) return;
      if (!answer.ok) {
        this.#listener.onRefusal(answer);
        return;
      }
      const { logs } = answer.body;
      const inGap = logs.filter((entry) => range.untilId === undefined || entry.uuid < range.untilId);
      loaded.push(...inGap.filter((entry) => this.matches(entry)));
      since = logs.at(-1)?.uuid ?? since;
      reachedEnd = logs.length === 0 || inGap.length < logs.length;
    }
    this.#viewer.fillGap(key, loaded, reachedEnd ? 0 : Math.max(1, range.gap.missed - loaded.length));
    this.#listener.onRows();
  }

  /** The first page is read once the line stands, also when it has been read before for want of a line. */
  #onLinedUp(): void {
    if (this.#linedUp) return;
    this.#linedUp = true;
    window.clearTimeout(this.#firstPageTimer);
    if (this.isLive || !this.#firstPageTold) void this.#loadFirst();
  }

  async #loadFirst(): Promise<void> {
    const answer = await this.#search({ order: 'desc', limit: PAGE_ENTRIES });
    if (this.#stop.signal.aborted) return;
    if (!answer.ok) {
      if (this.#firstPageTold) return;
      this.#replace();
      this.#listener.onFirstPage(answer);
      const passes = answer.status === 0 || answer.status >= 500;
      if (passes) this.#firstPageTimer = window.setTimeout(() => void this.#loadFirst(), FIRST_PAGE_RETRY_MS);
      return;
    }
    this.#firstPageTold = true;
    this.#cursor ??= answer.body.cursor;
    this.#replace();
    this.#viewer.merge(answer.body.logs);
    for (const add of this.#early.splice(0)) add();
    this.#listener.onFirstPage({ ok: true });
    this.#listener.onRows();
  }

  /** What comes over the line before the first page waits for it, in its order. */
  #arrive(add: () => void): void {
    if (!this.#firstPageTold) {
      this.#early.push(add);
      return;
    }
    add();
    this.#listener.onRows();
  }

  /** The rows of the feed before stay until there are others: nothing flickers. */
  #replace(): void {
    if (this.#hasReplaced) return;
    this.#hasReplaced = true;
    this.#listener.onReplace();
  }

  /** Whether an entry belongs among the rows, by query and range. */
  matches(entry: EntryJson): boolean {
    const { is_pinned: isPinned, is_ticket: isTicket, is_deleted: isDeleted, note } = entry;
    const { sinceMs, untilMs } = boundsOf(this.#range, Date.now());
    const known = entryFromJson(entry);
    if (known.timeMs < (sinceMs ?? -Infinity) || known.timeMs >= (untilMs ?? Infinity)) return false;
    return this.#match(known, { isPinned, isTicket, isDeleted, note });
  }

  #search(parameters: Record<string, string | number | undefined>) {
    const { sinceMs, untilMs } = boundsOf(this.#range, Date.now());
    return get<SearchBody>(paths.search, {
      parameters: { query: this.#query, since: sinceMs, until: untilMs, ...parameters },
      signal: this.#stop.signal,
    });
  }
}
