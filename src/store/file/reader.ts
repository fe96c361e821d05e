/**
 * What can be asked of a data folder: by id, by position, by query. Whether somebody writes meanwhile is not its concern.
 */
import { decodeEntry } from '../../entry/codec.ts';
import { compareByTime, type Entry } from '../../entry/entry.ts';
import { ID_NONE } from '../../entry/id.ts';
import { emptyLevelCounts, LEVELS, type LevelCounts, levelIndex } from '../../entry/level.ts';
import type { FullState, TicketStatus } from '../../entry/state.ts';
import type { Clock } from '../../system/clock.ts';
import type {
  ClientSummary,
  Histogram,
  HistogramRequest,
  RangeRequest,
  SearchPage,
  SearchRequest,
  StoredEntry,
  StoreReader,
} from '../store.ts';
import { createTimeBuckets, emptyHistogramCounts, toHistogram } from '../time-buckets.ts';
import type { Block, ClientTotal } from './block-index.ts';
import { AFTER_BYTES_MAX } from './limits.ts';
import { hintsOf } from './query-hints.ts';
import { createSearchPool, type SearchPool } from './search-pool.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import type { StateBook } from './state-book.ts';
import { recordOf, type StateRecord } from './state-record.ts';

export interface FileReaderOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly segments: SegmentList;
  /** Told of a block of a sealed segment that cannot be unpacked. */
  readonly onDamage: (path: string, block: Block) => void;
  readonly book: StateBook;
}

export class FileReader implements StoreReader {
  readonly #segments: SegmentList;
  readonly #book: StateBook;
  readonly #searches: SearchPool;

  constructor({ folder, clock, segments, book, onDamage }: FileReaderOptions) {
    this.#segments = segments;
    this.#book = book;
    this.#searches = createSearchPool({ folder, clock, book, segments: () => segments.all, onDamage });
  }

  get lastId(): string {
    return this.#segments.lastId ?? ID_NONE;
  }

  async after(id: string, limit: number): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    let bytesMax = AFTER_BYTES_MAX;
    let from = id;
    for (const segment of await this.#from(id)) {
      const { entries, byteCount, reachedEnd } = await segment.after(from, {
        countMax: limit - found.length,
        bytesMax,
      });
      for (const entry of entries) found.push(this.#withState(entry));
      bytesMax -= byteCount;
      if (!reachedEnd) break;
      from = ID_NONE;
    }
    return found;
  }

  async get(id: string): Promise<StoredEntry | undefined> {
    const entry = (await this.find([id])).get(id);
    return entry && this.#withState(entry);
  }

  async context(entry: Entry, count: number): Promise<{ before: StoredEntry[]; after: StoredEntry[] }> {
    const around = { query: { kind: 'all' }, limit: count, cursor: { timeMs: entry.timeMs, id: entry.id } } as const;
    const [before, after] = await Promise.all([
      this.search({ ...around, order: 'desc' }),
      this.search({ ...around, order: 'asc' }),
    ]);
    return { before: [...before.found].reverse(), after: [...after.found] };
  }

  async search({ timeLimitMs, ...request }: SearchRequest): Promise<SearchPage> {
    const { entries, cursor, partial } = await this.#searches.search({ kind: 'search', ...request }, timeLimitMs);
    return { found: entries.map((entry) => this.#withState(entry)), cursor, partial };
  }

  async countByLevel({ timeLimitMs, ...request }: RangeRequest): Promise<{ counts: LevelCounts; partial: boolean }> {
    const { levels, isLevelsOnly } = hintsOf(request.query);
    if (isLevelsOnly && request.sinceMs === undefined && request.untilMs === undefined) {
      return { counts: this.#totalCounts(levels), partial: false };
    }
    const { counts, partial } = await this.#searches.tally({ kind: 'tally', ...request }, timeLimitMs);
    return { counts: levelCountsAt(counts, 0), partial };
  }

  async histogram({ timeLimitMs, query, ...request }: HistogramRequest): Promise<Histogram> {
    const buckets = createTimeBuckets(request, this.#segments.timeRange);
    if (buckets.starts.length === 0) return toHistogram(buckets, [], false);
    const { sinceMs, untilMs, starts: spans } = buckets;
    const job = { kind: 'tally', query, sinceMs, untilMs, spans } as const;
    const { counts, partial } = await this.#searches.tally(job, timeLimitMs);
    const byBucket = emptyHistogramCounts(buckets).map((_, bucket) => levelCountsAt(counts, bucket));
    return toHistogram(buckets, byBucket, partial);
  }

  async clients(): Promise<ClientSummary[]> {
    const totals = await this.#clientTotals();
    for (const [, { state, about }] of this.#book.entries()) {
      const counts = state.isDeleted && about ? totals.get(about.clientId)?.counts : undefined;
      if (counts && about) counts[levelIndex(about.level)] = (counts[levelIndex(about.level)] ?? 1) - 1;
    }
    return Array.from(totals, ([clientId, { lastSeenMs, counts }]) => {
      return { clientId, lastSeenMs, counts: levelCountsAt(counts, 0) };
    });
  }

  async countByClient(
    { timeLimitMs, ...request }: RangeRequest,
    clientIds: readonly string[],
  ): Promise<{ counts: readonly LevelCounts[]; partial: boolean }> {
    const { levels, isLevelsOnly } = hintsOf(request.query);
    if (isLevelsOnly && request.sinceMs === undefined && request.untilMs === undefined) {
      const totals = new Map((await this.clients()).map(({ clientId, counts }) => [clientId, counts]));
      return { counts: clientIds.map((clientId) => ofLevels(totals.get(clientId), levels)), partial: false };
    }
    const job = { kind: 'tally', ...request, clients: clientIds } as const;
    const { counts, partial } = await this.#searches.tally(job, timeLimitMs);
    return { counts: clientIds.map((_, row) => levelCountsAt(counts, row)), partial };
  }

  statesChangedSince(timeMs: number): ReadonlyMap<string, FullState> {
    const changed: [string, FullState][] = [];
    for (const [id, { state }] of this.#book.entries()) if (state.changedMs >= timeMs) changed.push([id, state]);
    return new Map(changed.sort(([, a], [, b]) => a.changedMs - b.changedMs));
  }

  async tickets(status: TicketStatus | 'all'): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    for (const [, { state, text }] of this.#book.entries()) {
      if (!state.isTicket || state.isDeleted || text === undefined) continue;
      if (status !== 'all' && (state.ticketStatus ?? 'open') !== status) continue;
      const entry = decodeEntry(text);
      if (entry) found.push({ entry, state });
    }
    return found.sort((a, b) => openedMs(b) - openedMs(a) || compareByTime(b.entry, a.entry));
  }

  /** Entries by id, as far as they are stored. */
  async find(ids: Iterable<string>): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    let wanted = [...ids];
    // Newest first: what people look at is mostly new.
    for (const segment of [...this.#segments.all].reverse()) {
      if (wanted.length === 0) break;
      for (const [id, entry] of await segment.find(wanted)) found.set(id, entry);
      wanted = wanted.filter((id) => !found.has(id));
    }
    return found;
  }

  /** Ends the search threads; searches under way are rejected. */
  async close(): Promise<void> {
    await this.#searches.close();
  }

  /**
   * States that another program wrote say nothing of their entries: what counts and tickets need is read once.
   * @returns whether the book has learned something
   */
  async lookUpStates(): Promise<boolean> {
    const bare: [string, StateRecord][] = [];
    for (const [id, record] of this.#book.entries()) {
      const lacksText = (record.state.isTicket || record.state.isPinned) && record.text === undefined;
      if (record.about === undefined || lacksText) bare.push([id, record]);
    }
    if (bare.length === 0) return false;
    const found = await this.find(bare.map(([id]) => id));
    for (const [id, { state, isKept }] of bare) {
      const entry = found.get(id);
      if (entry) this.#book.set(id, { ...recordOf(entry, state), isKept });
    }
    return found.size > 0;
  }

  /** The segment in which what follows an id begins, and those behind it. */
  async #from(id: string): Promise<readonly Segment[]> {
    const { all } = this.#segments;
    if (id === ID_NONE) return all;
    if (!isSortable(id)) {
      // Ids of another program have no order: it is looked for.
      for (const [at, segment] of all.entries()) {
        if (segment.summary.hasUnsorted && (await segment.find([id])).size > 0) return all.slice(at);
      }
    }
    const at = all.findIndex(({ summary }) => summary.lastId !== undefined && summary.lastId > id);
    return at === -1 ? [] : all.slice(at);
  }

  async #clientTotals(): Promise<Map<string, ClientTotal>> {
    const totals = new Map<string, ClientTotal>();
    for (const segment of this.#segments.all) {
      for (const [clientId, { lastSeenMs, counts }] of await segment.clientTotals()) {
        const total = totals.get(clientId) ?? { lastSeenMs: 0, counts: LEVELS.map(() => 0) };
        total.lastSeenMs = Math.max(total.lastSeenMs, lastSeenMs);
        for (const [level, count] of counts.entries()) total.counts[level] = (total.counts[level] ?? 0) + count;
        totals.set(clientId, total);
      }
    }
    return totals;
  }

  /** Counts over all that is not deleted, which are known without reading. */
  #totalCounts(wanted: readonly boolean[]): LevelCounts {
    const counts = this.#segments.levelTotals;
    for (const [, { state, about }] of this.#book.entries()) {
      if (!state.isDeleted || !about) continue;
      const level = levelIndex(about.level);
      counts[level] = (counts[level] ?? 0) - 1;
    }
    return levelCountsAt(
      counts.map((count, level) => (wanted[level] ? count : 0)),
      0,
    );
  }

  #withState(entry: Entry): StoredEntry {
    return { entry, state: this.#book.get(entry.id)?.state };
  }
}

function ofLevels(counts: LevelCounts | undefined, wanted: readonly boolean[]): LevelCounts {
  const kept = emptyLevelCounts();
  for (const [index, level] of LEVELS.entries()) if (wanted[index]) kept[level] = counts?.[level] ?? 0;
  return kept;
}

function levelCountsAt(counts: ArrayLike<number>, bucket: number): LevelCounts {
  const named = emptyLevelCounts();
  for (const [level, name] of LEVELS.entries()) named[name] = Math.max(0, counts[bucket * LEVELS.length + level] ?? 0);
  return named;
}

/** Whether ids of its version rise in the order of the files. */
function isSortable(id: string): boolean {
  return id[14] === '7';
}

function openedMs({ state, entry }: StoredEntry): number {
  return state?.ticketOpenedMs ?? entry.timeMs;
}
