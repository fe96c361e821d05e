/**
 * The store in a data folder: plain text that people can read, and beside it what makes it safe and fast. This file
 * wires: entries to the commit log, states to the state log, questions to the search threads.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Batch } from '../../entry/batch.ts';
import { decodeEntry } from '../../entry/codec.ts';
import { compareByTime, type Entry } from '../../entry/entry.ts';
import { createIdMaker, ID_NONE } from '../../entry/id.ts';
import { emptyLevelCounts, LEVELS, type LevelCounts, levelIndex } from '../../entry/level.ts';
import type { FullState, StateChange, TicketStatus } from '../../entry/state.ts';
import { type Clock, realClock } from '../../system/clock.ts';
import { type Files, realFiles } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { createProducers } from '../producers.ts';
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
} from '../store.ts';
import { createTimeBuckets, emptyHistogramCounts, toHistogram } from '../time-buckets.ts';
import { CommitLog, type Fsync, type StoredBatch } from './commit-log.ts';
import { enterFolder, unusable } from './data-folder.ts';
import { describeError } from './disk-error.ts';
import { LazyCommit } from './lazy-commit.ts';
import { BLOCK_BYTES, COMMITS_GROWTH_MAX, STATE_JOURNAL_BYTES_MAX } from './limits.ts';
import type { Lock } from './lock.ts';
import { COMMITS_NAME } from './names.ts';
import { type OpenSegment, openActiveSegment } from './open-segment.ts';
import { hintsOf } from './query-hints.ts';
import { createSearchPool, type SearchPool } from './search-pool.ts';
import { createStateBook, type StateBook } from './state-book.ts';
import { StateLog } from './state-log.ts';
import { recordOf, type StateRecord } from './state-record.ts';

export interface FileStoreOptions {
  readonly folder: string;
  readonly files?: Files;
  readonly clock?: Clock;
  readonly listener: StoreListener;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  /** For tests, which cannot wait for files to grow. */
  readonly sizes?: { readonly blockBytes: number; readonly journalBytesMax: number } | undefined;
}

/** @throws StoreError `locked`, `unusable`, `newer-format` */
export async function openFileStore(options: FileStoreOptions): Promise<Store> {
  const { folder, files = realFiles, clock = realClock, listener, reporter, fsync, sizes } = options;
  const lock = await enterFolder(folder, files, clock);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const open = await openActiveSegment({ folder, files, reporter, blockBytes: sizes?.blockBytes ?? BLOCK_BYTES });
    opened.push(open.tail, open.source, open.indexFile);
    const book = createStateBook();
    const onState = (id: string, state: FullState) => listener.onState(id, state);
    const states = new StateLog({
      folder,
      files,
      clock,
      reporter,
      fsync,
      book,
      journalBytesMax: sizes?.journalBytesMax ?? STATE_JOURNAL_BYTES_MAX,
      onState,
    });
    await states.load();
    const store = new FileStore({ folder, files, clock, listener, reporter, fsync, sizes, lock, open, book, states });
    await store.begin();
    return store;
  } catch (error) {
    for (const part of opened) await part.close();
    await lock.release();
    throw error instanceof StoreError ? error : unusable(folder, error);
  }
}

interface Parts {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly listener: StoreListener;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  readonly sizes: FileStoreOptions['sizes'];
  readonly lock: Lock;
  readonly open: OpenSegment;
  readonly book: StateBook;
  readonly states: StateLog;
}

class FileStore implements Store {
  readonly #parts: Parts;
  readonly #commits: CommitLog;
  readonly #searches: SearchPool;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { folder, files, clock, reporter, fsync, sizes, open, book } = parts;
    const producers = createProducers();
    for (const [producer, mark] of open.producers) producers.set(producer, mark);
    const { index } = open.segment;
    this.#commits = new CommitLog({
      files,
      clock,
      reporter,
      fsync,
      log: open.tail,
      journalPath: join(folder, COMMITS_NAME),
      journalBytesMax: sizes?.journalBytesMax ?? COMMITS_GROWTH_MAX,
      producers,
      ids: createIdMaker({
        nowMs: () => clock.nowMs(),
        node: randomBytes(6).toString('hex'),
        after: index.lastId,
      }),
      segmentId: index.firstId,
      onStored: (batches) => this.#onStored(batches),
    });
    this.#searches = createSearchPool({ clock, book, segments: () => [open.segment] });
  }

  /** What a start does once everything is read. On a full disk the store opens all the same, for reading. */
  async begin(): Promise<void> {
    const { reporter } = this.#parts;
    try {
      await this.#commits.begin();
    } catch (error) {
      reporter({
        severity: 'error',
        event: 'read-only',
        message: `cannot begin the commit journal (${describeError(error)}): the store opens for reading; entries are taken when the disk allows it`,
      });
    }
    await this.#lookUpStates();
  }

  get lastId(): string {
    return this.#index.lastId ?? ID_NONE;
  }

  append(batch: Batch, origin?: BatchOrigin): Promise<AppendResult> {
    return this.#commits.append(batch, origin);
  }

  async after(id: string, limit: number): Promise<StoredEntry[]> {
    const entries = await this.#parts.open.segment.after(id, limit);
    return entries.map((entry) => this.#withState(entry));
  }

  async get(id: string): Promise<StoredEntry | undefined> {
    const entry = (await this.#parts.open.segment.find([id])).get(id);
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
    const buckets = createTimeBuckets(request, this.#index.timeRange);
    if (buckets.starts.length === 0) return toHistogram(buckets, [], false);
    const { sinceMs, untilMs, starts: spans } = buckets;
    const job = { kind: 'tally', query, sinceMs, untilMs, spans } as const;
    const { counts, partial } = await this.#searches.tally(job, timeLimitMs);
    const byBucket = emptyHistogramCounts(buckets).map((_, bucket) => levelCountsAt(counts, bucket));
    return toHistogram(buckets, byBucket, partial);
  }

  async clients(): Promise<ClientSummary[]> {
    const totals = this.#index.totalsNow();
    for (const [, { state, about }] of this.#parts.book.entries()) {
      const counts = state.isDeleted && about ? totals.get(about.clientId)?.counts : undefined;
      if (counts && about) counts[levelIndex(about.level)] = (counts[levelIndex(about.level)] ?? 1) - 1;
    }
    return Array.from(totals, ([clientId, { lastSeenMs, counts }]) => {
      return { clientId, lastSeenMs, counts: levelCountsAt(counts, 0) };
    });
  }

  async changeState(
    ids: readonly string[],
    change: (before: FullState | undefined) => StateChange,
  ): Promise<Map<string, FullState>> {
    return this.#parts.states.change(() => this.#findAll(ids), change);
  }

  statesChangedSince(timeMs: number): ReadonlyMap<string, FullState> {
    const changed: [string, FullState][] = [];
    for (const [id, { state }] of this.#parts.book.entries()) if (state.changedMs >= timeMs) changed.push([id, state]);
    return new Map(changed.sort(([, a], [, b]) => a.changedMs - b.changedMs));
  }

  async tickets(status: TicketStatus | 'all'): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    for (const [, { state, text }] of this.#parts.book.entries()) {
      if (!state.isTicket || state.isDeleted || text === undefined) continue;
      if (status !== 'all' && (state.ticketStatus ?? 'open') !== status) continue;
      const entry = decodeEntry(text);
      if (entry) found.push({ entry, state });
    }
    return found.sort((a, b) => openedMs(b) - openedMs(a) || compareByTime(b.entry, a.entry));
  }

  sizes(): StoreSizes {
    const { open, states } = this.#parts;
    const bytes = open.tail.size + this.#commits.journalSize + open.indexFile.size + states.size;
    return { entryCount: this.#index.entryCount, bytes };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { open, states, lock, reporter } = this.#parts;
    for (const part of [this.#searches, this.#commits, states, open.indexFile, open.source]) {
      try {
        await part.close();
      } catch (error) {
        reporter({
          severity: 'error',
          event: 'close-failed',
          message: `cannot close the store in order (${describeError(error)}); the next start mends it`,
        });
      }
    }
    await lock.release();
  }

  get #index() {
    return this.#parts.open.segment.index;
  }

  /** Counts over all that is not deleted, which are known without reading. */
  #totalCounts(wanted: readonly boolean[]): LevelCounts {
    const counts = [...this.#index.levelTotals];
    for (const [, { state, about }] of this.#parts.book.entries()) {
      if (!state.isDeleted || !about) continue;
      const level = levelIndex(about.level);
      counts[level] = (counts[level] ?? 0) - 1;
    }
    return levelCountsAt(
      counts.map((count, level) => (wanted[level] ? count : 0)),
      0,
    );
  }

  #onStored(batches: readonly StoredBatch[]): void {
    for (const { batch, offset } of batches) this.#index.addBatch(batch, offset);
    this.#parts.listener.onCommit(new LazyCommit(batches));
  }

  #withState(entry: Entry): StoredEntry {
    return { entry, state: this.#parts.book.get(entry.id)?.state };
  }

  async #findAll(ids: readonly string[]): Promise<readonly Entry[]> {
    const found = await this.#parts.open.segment.find(new Set(ids));
    return [...found.values()];
  }

  /** States that another program wrote say nothing of their entries: what counts and tickets need is read once. */
  async #lookUpStates(): Promise<void> {
    const { book, open, states } = this.#parts;
    const bare: [string, StateRecord][] = [];
    for (const [id, record] of book.entries()) {
      const lacksText = (record.state.isTicket || record.state.isPinned) && record.text === undefined;
      if (record.about === undefined || lacksText) bare.push([id, record]);
    }
    if (bare.length === 0) return;
    const found = await open.segment.find(bare.map(([id]) => id));
    for (const [id, { state }] of bare) {
      const entry = found.get(id);
      if (entry) book.set(id, recordOf(entry, state));
    }
    if (found.size > 0) states.foldAtClose();
  }
}

function levelCountsAt(counts: ArrayLike<number>, bucket: number): LevelCounts {
  const named = emptyLevelCounts();
  for (const [level, name] of LEVELS.entries()) named[name] = Math.max(0, counts[bucket * LEVELS.length + level] ?? 0);
  return named;
}

function openedMs({ state, entry }: StoredEntry): number {
  return state?.ticketOpenedMs ?? entry.timeMs;
}
