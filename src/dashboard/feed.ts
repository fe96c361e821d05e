/**
 * What comes from the server: the live stream and the stored entries before it, the figures that are asked for now and
 * then, and the entries that are asked for when one scrolls back or opens a gap.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { type StreamEnd, StreamReader } from '../api/stream-reader.ts';
import type { StateEvent } from '../api/types.ts';
import type { EntryJson } from '../entry/entry.ts';
import { idTimeMs } from '../entry/id.ts';
import { emptyLevelCounts, LEVELS } from '../entry/level.ts';
import { compileQuery } from '../entry/query/match.ts';
import { parseQuery } from '../entry/query/parse.ts';
import type { Clock } from '../system/clock.ts';
import { entryRow } from '../viewer/row.ts';
import { cutSentEntries, type SentEntry } from '../viewer/sent-rows.ts';
import { STRIP_MINUTES } from './hour-strip.ts';
import type { DashboardState } from './state.ts';

export interface FeedOptions {
  readonly client: ApiClient;
  readonly state: DashboardState;
  /** Stored entries to begin with: from that event time on, or the latest ones. */
  readonly sinceMs: number | undefined;
  readonly clock: Clock;
  /** Something is to be drawn. */
  onChange(): void;
  /** A state has changed, of an entry held or not. */
  onState(state: StateEvent): void;
}

/** Stored entries to begin with, and of each step back. */
const HISTORY_ENTRIES = 500;
const GAP_PAGE_ENTRIES = 1_000;
/** Entries of a gap loaded at once. Beyond: the rest stays a gap. */
const GAP_ENTRIES_MAX = 5_000;
const FIGURES_EVERY_MS = 10_000;
const NOTICE_MS = 4_000;
const HISTORY_RETRY_MS = 2_000;

export class Feed {
  readonly #client: ApiClient;
  readonly #state: DashboardState;
  readonly #sinceMs: number | undefined;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #onState: (state: StateEvent) => void;
  #line = new AbortController();
  #reader: StreamReader | undefined;
  /** Nothing older is stored. */
  #reachedOldest = false;

  constructor(options: FeedOptions) {
    this.#client = options.client;
    this.#state = options.state;
    this.#sinceMs = options.sinceMs;
    this.#clock = options.clock;
    this.#onChange = options.onChange;
    this.#onState = options.onState;
  }

  /** Follows until the signal aborts or the server refuses. A changed filter is followed by another line. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    void this.#keepFigures(signal);
    for (;;) {
      const line = new AbortController();
      this.#line = line;
      const end = await this.#follow(AbortSignal.any([signal, line.signal]));
      if (signal.aborted || end.kind === 'refused') return end;
    }
  }

  /** Takes the filter of the state into force, here and at the server. */
  refilter(): void {
    const { viewer } = this.#state;
    const query = parseQuery(this.#state.filterText);
    if (!query.ok) return;
    viewer.clear();
    viewer.setFilter(compileQuery(query.query));
    this.#reachedOldest = false;
    this.#line.abort();
    this.#onChange();
  }

  /** The machine has slept: the line may be dead without a word. */
  wake(): void {
    this.#reader?.takeUpAgain();
  }

  /** Older entries from the store, before the oldest one held. */
  async loadOlder(): Promise<void> {
    const { viewer } = this.#state;
    const first = viewer.firstId === undefined ? undefined : viewer.entry(viewer.firstId);
    if (this.#state.isLoading || this.#reachedOldest || !first) return;
    const line = this.#line.signal;
    await this.#loading(async () => {
      // Up to its own millisecond, which may hold others: those held already are left out.
      const until = new Date(Date.parse(first.timestamp) + 1).toISOString();
      const query = this.#state.filterText;
      // A page may hold nothing new where many entries share a millisecond: then the next one is asked for.
      let cursor: string | undefined;
      do {
        const page = await this.#client.search({ query, until, limit: HISTORY_ENTRIES, order: 'desc', cursor }, line);
        if (viewer.merge(page.logs) > 0) return;
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
      this.#reachedOldest = true;
    });
  }

  /** The entries of a gap, as far as they fit. */
  async loadGap(key: string): Promise<void> {
    const { viewer } = this.#state;
    const range = viewer.gapRange(key);
    if (!range || this.#state.isLoading) return;
    const line = this.#line.signal;
    await this.#loading(async () => {
      const loaded: EntryJson[] = [];
      let since = range.gap.afterId;
      let reachedEnd = false;
      while (!reachedEnd && loaded.length < GAP_ENTRIES_MAX) {
        const { logs } = await this.#client.newLogs(since, GAP_PAGE_ENTRIES, line);
        const inside = logs.filter(({ uuid }) => range.untilId === undefined || uuid < range.untilId);
        loaded.push(...inside);
        since = logs.at(-1)?.uuid ?? since;
        reachedEnd = logs.length < GAP_PAGE_ENTRIES || inside.length < logs.length;
      }
      viewer.fillGap(key, loaded, reachedEnd ? 0 : Math.max(1, range.gap.missed - loaded.length));
    });
  }

  async #follow(signal: AbortSignal): Promise<StreamEnd> {
    const { viewer, filterText } = this.#state;
    let asked = false;
    let wasAway = false;
    const reader = new StreamReader({
      client: this.#client,
      query: filterText,
      clock: this.#clock,
      listener: {
        onBytes: (json) => this.#takeBytes(json),
        onEntries: (entries) =>
          this.#take(entries.map((entry) => ({ row: entryRow(entry), clientId: entry.client_id }))),
        onState: (state) => this.#takeState(state, signal),
        onGap: (missed) => {
          viewer.appendGap(missed);
          this.#onChange();
        },
        onConnection: (connection) => {
          if (!signal.aborted) viewer.setConnection(connection);
          if (connection.kind === 'waiting') wasAway = true;
          if (connection.kind === 'live' && wasAway) {
            wasAway = false;
            this.#state.notice = {
              text: 'connected again, going on where it was cut off',
              kind: 'good',
              untilMs: this.#clock.monotonicMs() + NOTICE_MS,
            };
          }
          if (connection.kind === 'live' && !asked) {
            // After the line is open, so that nothing can pass between the two; what comes by both is held once.
            asked = true;
            void this.#loadHistory(signal);
          }
          this.#onChange();
        },
      },
    });
    this.#reader = reader;
    return reader.run(signal);
  }

  /** Tried again while the server is busy: without it the list would begin with nothing. */
  async #loadHistory(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.#loadedHistory(signal))) await this.#clock.sleep(HISTORY_RETRY_MS, signal);
  }

  #loadedHistory(signal: AbortSignal): Promise<boolean> {
    return this.#loading(async () => {
      const since = this.#sinceMs === undefined ? undefined : new Date(this.#sinceMs).toISOString();
      const query = this.#state.filterText;
      const limit = since === undefined ? HISTORY_ENTRIES : 1_000;
      const page = await this.#client.search({ query, since, limit, order: 'desc' }, signal);
      if (!signal.aborted) this.#state.viewer.merge(page.logs);
    });
  }

  /** @returns false when it failed but may succeed later */
  async #loading(load: () => Promise<void>): Promise<boolean> {
    this.#state.isLoading = true;
    this.#onChange();
    try {
      await load();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.type !== 'aborted') this.#state.viewer.reportError(error.message);
      return !error.mayPass;
    } finally {
      this.#state.isLoading = false;
      this.#onChange();
    }
  }

  #takeBytes(json: Buffer): boolean {
    const entries = cutSentEntries(json, this.#state.viewer.filter);
    if (entries) this.#take(entries);
    return entries !== undefined;
  }

  #take(entries: readonly SentEntry[]): void {
    const { viewer, rate, hour, clients } = this.#state;
    const nowMs = this.#clock.nowMs();
    viewer.appendRows(entries.map(({ row }) => row));
    const counts = emptyLevelCounts();
    for (const { row, clientId } of entries) {
      counts[row.level]++;
      clients.add(clientId, row.level === 'ERROR' || row.level === 'CRITICAL', nowMs);
    }
    for (const level of LEVELS) {
      if (counts[level] === 0) continue;
      rate.add(level, nowMs, counts[level]);
      hour.add(level, nowMs, counts[level]);
    }
    const last = entries.at(-1);
    if (last) this.#state.lagMs = Math.max(0, nowMs - idTimeMs(last.row.key));
    this.#onChange();
  }

  #takeState(state: StateEvent, signal: AbortSignal): void {
    const { viewer } = this.#state;
    const isHeld = viewer.applyState(state);
    this.#onState(state);
    this.#onChange();
    if (!isHeld && viewer.holds(state.uuid)) void this.#fetchChanged(state.uuid, signal);
  }

  /** An entry within what is held that a filter had kept away: with its new state it may belong here. */
  async #fetchChanged(id: string, signal: AbortSignal): Promise<void> {
    try {
      const { log } = await this.#client.entry(id, 0, signal);
      if (!signal.aborted && this.#state.viewer.merge([log]) > 0) this.#onChange();
    } catch (error) {
      // It appears with the next load; the connection says what is wrong.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #keepFigures(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const [histogram, clients] = await Promise.all([
          this.#client.histogram({ since: `${STRIP_MINUTES}m`, buckets: STRIP_MINUTES }, signal),
          this.#client.clients(signal),
        ]);
        this.#state.hour.load(histogram);
        this.#state.clients.load(clients);
        this.#onChange();
      } catch (error) {
        // The connection says what is wrong; the figures count on by themselves.
        if (!(error instanceof ApiError)) throw error;
      }
      await this.#clock.sleep(FIGURES_EVERY_MS, signal);
    }
  }
}
