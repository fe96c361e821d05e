/**
 * The one door for whatever comes in, by any protocol: rate, batch, store, figures.
 */
import { encodeBatch } from '../entry/batch.ts';
import type { Draft } from '../entry/entry.ts';
import type { AppendResult, BatchOrigin, Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { RateLimit } from './rate-limit.ts';

export interface Ingest {
  /**
   * Stores drafts as one batch; resolves when they are as safe as the store makes them.
   * @throws StoreError, RateExceeded
   */
  take(drafts: readonly Draft[], protocol: string, origin?: BatchOrigin): Promise<AppendResult>;
  /** Counts what a protocol could not read. */
  reject(count: number): void;
  readonly counts: IngestCounts;
}

/** Since the start. */
export interface IngestCounts {
  readonly acceptedByProtocol: ReadonlyMap<string, number>;
  readonly rejected: number;
  readonly duplicateBatches: number;
}

export function createIngest({
  store,
  clock,
  rateLimit,
}: {
  store: Store;
  clock: Clock;
  rateLimit: RateLimit;
}): Ingest {
  const acceptedByProtocol = new Map<string, number>();
  let rejected = 0;
  let duplicateBatches = 0;
  return {
    async take(drafts, protocol, origin) {
      rateLimit.spend(drafts);
      const result = await store.append(encodeBatch(drafts, clock.nowMs()), origin);
      if (result.kind === 'stored') {
        acceptedByProtocol.set(protocol, (acceptedByProtocol.get(protocol) ?? 0) + drafts.length);
      } else if (result.kind === 'duplicate') duplicateBatches++;
      return result;
    },
    reject(count) {
      rejected += count;
    },
    get counts() {
      return { acceptedByProtocol, rejected, duplicateBatches };
    },
  };
}
