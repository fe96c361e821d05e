/**
 * The contract of a store: what it promises to the server, whoever keeps the bytes. One suite in test/contracts runs
 * against every implementation.
 */
import type { Batch } from '../entry/batch.ts';
import type { Entry } from '../entry/entry.ts';
import type { LevelCounts } from '../entry/level.ts';
import type { Query } from '../entry/query/query.ts';
import type { FullState, StateChange, TicketStatus } from '../entry/state.ts';

export interface Store {
  /** The newest id; ID_NONE while the store is empty. */
  readonly lastId: string;

  /**
   * Stores a batch whole or not at all. Resolves when it is as safe as the store was told to make it (on disk and
   * flushed, by default) and its commit has been published. Concurrent calls share a flush.
   * @throws StoreError of type `disk-full`, `failed` or `closed`; then nothing of the batch is stored
   */
  append(batch: Batch, origin?: BatchOrigin): Promise<AppendResult>;

  /**
   * Entries whose id is greater than that, in the order of ids, at most `limit`; fewer than there are when these are
   * tens of megabytes, none only at the end. Deleted ones are among them.
   */
  after(id: string, limit: number): Promise<StoredEntry[]>;

  /** An entry by its id, a deleted one too. */
  get(id: string): Promise<StoredEntry | undefined>;

  /** The entries around a time position, nearest first reversed to reading order, deleted ones left out. */
  context(entry: Entry, count: number): Promise<{ before: StoredEntry[]; after: StoredEntry[] }>;

  /** Matching entries in the order of event time. Never blocks the thread that takes logs in. */
  search(request: SearchRequest): Promise<SearchPage>;

  /** Matching entries by level. */
  countByLevel(request: RangeRequest): Promise<{ counts: LevelCounts; partial: boolean }>;

  /** Matching entries by level over `buckets` equal spans from `sinceMs` to `untilMs`. */
  histogram(request: HistogramRequest): Promise<Histogram>;

  clients(): Promise<ClientSummary[]>;

  /** Matching entries of each of these clients by level, in the order of the clients. */
  countByClient(
    request: RangeRequest,
    clientIds: readonly string[],
  ): Promise<{ counts: readonly LevelCounts[]; partial: boolean }>;

  /**
   * Changes the state of entries; durable when it resolves, published before that.
   * @returns the new state of each known id; unknown ids are left out
   */
  changeState(
    ids: readonly string[],
    change: (before: FullState | undefined) => StateChange,
  ): Promise<Map<string, FullState>>;

  /** The states that changed at that time or later, oldest change first. */
  statesChangedSince(timeMs: number): ReadonlyMap<string, FullState>;

  /** Entries that are tickets, newest opened first; deleted ones left out. */
  tickets(status: TicketStatus | 'all'): Promise<StoredEntry[]>;

  sizes(): StoreSizes;

  /** Flushes and lets go. What was accepted before is stored. */
  close(): Promise<void>;
}

/** What can be asked without writing. */
export type StoreReader = Pick<
  Store,
  | 'lastId'
  | 'after'
  | 'get'
  | 'context'
  | 'search'
  | 'countByLevel'
  | 'histogram'
  | 'clients'
  | 'countByClient'
  | 'statesChangedSince'
  | 'tickets'
  | 'close'
>;

/** Who hears of what a store has made durable, in the order of ids; called before the append resolves. Must not throw. */
export interface StoreListener {
  onCommit(commit: Commit): void;
  onState(id: string, state: FullState): void;
}

export interface Commit {
  readonly count: number;
  readonly firstId: string;
  readonly lastId: string;
  /** Decoded at the first call: without a viewer nothing is. Only while `onCommit` runs, or after `hold`. */
  entries(): readonly Entry[];
  /** To be called in `onCommit` by a listener that will ask for the entries later. */
  hold(): void;
}

/** A producer sends its batches in order, one at a time, and repeats each until it is answered. */
export interface BatchOrigin {
  readonly producer: string;
  /** Rises from batch to batch; numbers may be left out. */
  readonly sequence: number;
  /** Of the body as sent, unpacked. */
  readonly bodyHash: string;
}

export type AppendResult =
  /** `firstId` and `lastId` are missing when the batch was empty. */
  | { readonly kind: 'stored'; readonly firstId?: string | undefined; readonly lastId?: string | undefined }
  /** The ids are known for the producer's last batch only. */
  | { readonly kind: 'duplicate'; readonly firstId?: string | undefined; readonly lastId?: string | undefined }
  /** The producer's last number with another body. */
  | { readonly kind: 'conflict' };

export interface StoredEntry {
  readonly entry: Entry;
  /** Undefined while nobody has touched it. */
  readonly state: FullState | undefined;
}

export interface RangeRequest {
  readonly query: Query;
  /** Event time, inclusive. */
  readonly sinceMs?: number | undefined;
  /** Event time, exclusive. */
  readonly untilMs?: number | undefined;
  /** Beyond it the answer is what was found so far, marked partial. */
  readonly timeLimitMs?: number | undefined;
}

export interface SearchRequest extends RangeRequest {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** Only entries behind this place in the wished order. */
  readonly cursor?: TimePosition | undefined;
}

/** A place in the order of event time. */
export interface TimePosition {
  readonly timeMs: number;
  readonly id: string;
}

export interface SearchPage {
  readonly found: readonly StoredEntry[];
  /** Where the next page begins; null when there is nothing further. */
  readonly cursor: TimePosition | null;
  /** True when the time limit cut the search off. */
  readonly partial: boolean;
}

export interface HistogramRequest extends RangeRequest {
  readonly buckets: number;
}

export interface Histogram {
  /** Only the buckets' starts are given: each ends where the next begins, the last at `untilMs`. */
  readonly buckets: readonly { readonly startMs: number; readonly counts: LevelCounts }[];
  readonly untilMs: number;
  readonly partial: boolean;
}

export interface ClientSummary {
  readonly clientId: string;
  /** Time of receipt of its newest entry. */
  readonly lastSeenMs: number;
  readonly counts: LevelCounts;
}

export interface StoreSizes {
  readonly entryCount: number;
  /** Bytes on disk, all files. */
  readonly bytes: number;
}

export type StoreErrorType =
  /** No room: try again later. */
  | 'disk-full'
  /** The disk answers with errors. */
  | 'failed'
  | 'closed'
  /** Another process has the data folder. */
  | 'locked'
  /** The data folder cannot be used: rights, a file in its place. */
  | 'unusable'
  /** Written by a newer version. */
  | 'newer-format';

export class StoreError extends Error {
  readonly type: StoreErrorType;
  constructor(type: StoreErrorType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.type = type;
  }
}
