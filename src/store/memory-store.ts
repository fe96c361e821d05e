/**
 * A store that keeps nothing: the contract in its plainest form, for tests and trials.
 */
import { randomBytes } from 'node:crypto';
import type { Batch } from '../entry/batch.ts';
import { decodeEntry } from '../entry/codec.ts';
import { compareByTime, type Entry, PLAIN_STATE } from '../entry/entry.ts';
import { createIdMaker, ID_NONE, type IdMaker, idTimeMs } from '../entry/id.ts';
import { emptyLevelCounts, type LevelCounts } from '../entry/level.ts';
import { SEARCH_MS_MAX } from '../entry/limits.ts';
import { compileQuery } from '../entry/query/match.ts';
import { applyChange, type FullState, type StateChange, type TicketStatus } from '../entry/state.ts';
import { type Clock, realClock } from '../system/clock.ts';
import { createProducers } from './producers.ts';
import {
  type AppendResult,
  type BatchOrigin,
  type ClientSummary,
  type Histogram,
  type HistogramRequest,
  type RangeRequest,
  type SearchPage,
  type SearchRequest,
  type Store,
  type StoredEntry,
  StoreError,
  type StoreListener,
  type StoreSizes,
} from './store.ts';
import { createTimeBuckets, emptyHistogramCounts, toHistogram } from './time-buckets.ts';

export interface MemoryStoreOptions {
  readonly clock?: Clock;
  readonly listener: StoreListener;
}

/** Entries looked at between two looks at the time limit. */
const SLICE_ENTRIES = 256;

export function createMemoryStore({ clock = realClock, listener }: MemoryStoreOptions): Store {
  return new MemoryStore(clock, listener);
}

class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #listener: StoreListener;
  readonly #ids: IdMaker;
  readonly #entries: Entry[] = [];
  readonly #places = new Map<string, number>();
  readonly #states = new Map<string, FullState>();
  readonly #producers = createProducers();
  #bytes = 0;
  #isClosed = false;

  constructor(clock: Clock, listener: StoreListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#ids = createIdMaker({ nowMs: () => clock.nowMs(), node: randomBytes(6).toString('hex') });
  }

  get lastId(): string {
    return this.#entries.at(-1)?.id ?? ID_NONE;
  }

  async append(batch: Batch, origin?: BatchOrigin): Promise<AppendResult> {
    if (this.#isClosed) throw new StoreError('closed', 'cannot store a batch: the store is closed');
    const repeat = origin && this.#producers.judge(origin);
    if (repeat) return repeat;
    const entries = this.#take(batch);
    const firstId = entries[0]?.id;
    const lastId = entries.at(-1)?.id;
    if (origin) {
      this.#producers.set(origin.producer, { sequence: origin.sequence, bodyHash: origin.bodyHash, firstId, lastId });
    }
    if (firstId !== undefined && lastId !== undefined) {
      this.#listener.onCommit({ count: entries.length, firstId, lastId, entries: () => entries, hold() {} });
    }
    return { kind: 'stored', firstId, lastId };
  }

  async after(id: string, limit: number): Promise<StoredEntry[]> {
    let from = 0;
    let to = this.#entries.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#entries[middle]?.id ?? '') > id) to = middle;
      else from = middle + 1;
    }
    return this.#entries.slice(from, from + limit).map((entry) => this.#withState(entry));
  }

  async get(id: string): Promise<StoredEntry | undefined> {
    const entry = this.#entries[this.#places.get(id) ?? -1];
    return entry && this.#withState(entry);
  }

  async context(entry: Entry, count: number): Promise<{ before: StoredEntry[]; after: StoredEntry[] }> {
    const around = { query: { kind: 'all' }, limit: count, cursor: entry } as const;
    const before = await this.search({ ...around, order: 'desc' });
    const after = await this.search({ ...around, order: 'asc' });
    return { before: [...before.found].reverse(), after: [...after.found] };
  }

  async search({ limit, order, cursor, ...range }: SearchRequest): Promise<SearchPage> {
    const { matching, partial } = this.#scan(range);
    const sign = order === 'asc' ? 1 : -1;
    const ordered = matching
      .filter(({ entry }) => cursor === undefined || sign * compareByTime(entry, cursor) > 0)
      .sort((a, b) => sign * compareByTime(a.entry, b.entry));
    const found = ordered.slice(0, limit);
    const last = found.at(-1)?.entry;
    const isMore = ordered.length > found.length && last !== undefined;
    return { found, cursor: isMore ? { timeMs: last.timeMs, id: last.id } : null, partial };
  }

  async countByLevel(request: RangeRequest): Promise<{ counts: LevelCounts; partial: boolean }> {
    const { matching, partial } = this.#scan(request);
    const counts = emptyLevelCounts();
    for (const { entry } of matching) counts[entry.level]++;
    return { counts, partial };
  }

  async histogram(request: HistogramRequest): Promise<Histogram> {
    const buckets = createTimeBuckets(request, this.#timeRange());
    const counts = emptyHistogramCounts(buckets);
    const { matching, partial } = this.#scan({ ...request, sinceMs: buckets.sinceMs, untilMs: buckets.untilMs });
    for (const { entry } of matching) {
      const bucket = counts[buckets.indexOf(entry.timeMs)];
      if (bucket) bucket[entry.level]++;
    }
    return toHistogram(buckets, counts, partial);
  }

  async clients(): Promise<ClientSummary[]> {
    const summaries = new Map<string, { clientId: string; lastSeenMs: number; counts: LevelCounts }>();
    for (const entry of this.#entries) {
      const summary = summaries.get(entry.clientId) ?? {
        clientId: entry.clientId,
        lastSeenMs: 0,
        counts: emptyLevelCounts(),
      };
      summary.lastSeenMs = idTimeMs(entry.id);
      if (!this.#states.get(entry.id)?.isDeleted) summary.counts[entry.level]++;
      summaries.set(entry.clientId, summary);
    }
    return [...summaries.values()];
  }

  async countByClient(
    request: RangeRequest,
    clientIds: readonly string[],
  ): Promise<{ counts: readonly LevelCounts[]; partial: boolean }> {
    const { matching, partial } = this.#scan(request);
    const counts = new Map(clientIds.map((clientId) => [clientId, emptyLevelCounts()]));
    for (const { entry } of matching) {
      const known = counts.get(entry.clientId);
      if (known) known[entry.level]++;
    }
    return { counts: [...counts.values()], partial };
  }

  async changeState(
    ids: readonly string[],
    change: (before: FullState | undefined) => StateChange,
  ): Promise<Map<string, FullState>> {
    if (this.#isClosed) throw new StoreError('closed', 'cannot change a state: the store is closed');
    const changed = new Map<string, FullState>();
    for (const id of ids) {
      if (!this.#places.has(id)) continue;
      const before = this.#states.get(id);
      const state = applyChange(before, change(before), this.#clock.nowMs());
      this.#states.set(id, state);
      changed.set(id, state);
      this.#listener.onState(id, state);
    }
    return changed;
  }

  statesChangedSince(timeMs: number): ReadonlyMap<string, FullState> {
    const changed = [...this.#states].filter(([, state]) => state.changedMs >= timeMs);
    return new Map(changed.sort(([, a], [, b]) => a.changedMs - b.changedMs));
  }

  async tickets(status: TicketStatus | 'all'): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    for (const [id, state] of this.#states) {
      if (!state.isTicket || state.isDeleted) continue;
      if (status !== 'all' && (state.ticketStatus ?? 'open') !== status) continue;
      const stored = await this.get(id);
      if (stored) found.push(stored);
    }
    return found.sort((a, b) => (b.state?.ticketOpenedMs ?? 0) - (a.state?.ticketOpenedMs ?? 0));
  }

  sizes(): StoreSizes {
    return { entryCount: this.#entries.length, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  /** Gives ids and decodes: what is kept is what a file would give back. */
  #take(batch: Batch): Entry[] {
    const decoder = new TextDecoder();
    const entries: Entry[] = [];
    this.#ids.fill(batch.text, batch.idAt);
    for (let index = 0; index < batch.count; index++) {
      const entry = decodeEntry(decoder.decode(batch.text.subarray(batch.starts[index], batch.starts[index + 1])));
      if (entry === undefined) throw new Error('BUG: a batch holds a text that is no entry');
      entries.push(entry);
    }
    for (const entry of entries) this.#places.set(entry.id, this.#entries.push(entry) - 1);
    this.#bytes += batch.text.length;
    return entries;
  }

  #scan({ query, sinceMs, untilMs, timeLimitMs = SEARCH_MS_MAX }: RangeRequest): {
    matching: StoredEntry[];
    partial: boolean;
  } {
    const matches = compileQuery(query);
    const endMs = this.#clock.monotonicMs() + timeLimitMs;
    const matching: StoredEntry[] = [];
    // Newest first: what a cut-off search has found is the newest.
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      if (index % SLICE_ENTRIES === 0 && this.#clock.monotonicMs() > endMs) return { matching, partial: true };
      const entry = this.#entries[index];
      if (entry === undefined) continue;
      if (sinceMs !== undefined && entry.timeMs < sinceMs) continue;
      if (untilMs !== undefined && entry.timeMs >= untilMs) continue;
      const stored = this.#withState(entry);
      if (matches(entry, stored.state ?? PLAIN_STATE)) matching.push(stored);
    }
    return { matching, partial: false };
  }

  #withState(entry: Entry): StoredEntry {
    return { entry, state: this.#states.get(entry.id) };
  }

  #timeRange(): { minMs: number; maxMs: number } | undefined {
    if (this.#entries.length === 0) return undefined;
    let minMs = Number.POSITIVE_INFINITY;
    let maxMs = Number.NEGATIVE_INFINITY;
    for (const { timeMs } of this.#entries) {
      minMs = Math.min(minMs, timeMs);
      maxMs = Math.max(maxMs, timeMs);
    }
    return { minMs, maxMs };
  }
}
