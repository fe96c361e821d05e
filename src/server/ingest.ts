/**
 * The one door for whatever comes in, by any protocol: rate, batch, store, figures.
 */
import type { Batch } from '../entry/batch.ts';
import type { AppendResult, BatchOrigin, Store } from '../store/store.ts';
import type { RateLimit } from './rate-limit.ts';

export interface Ingest {
  /**
   * Stores a batch; resolves when it is as safe as the store makes it.
   * @throws StoreError, RateExceeded
   */
  take(batch: Batch, protocol: string, origin?: BatchOrigin): Promise<AppendResult>;
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

export function createIngest({ store, rateLimit }: { store: Store; rateLimit: RateLimit }): Ingest {
  const acceptedByProtocol = new Map<string, number>();
  let rejected = 0;
  let duplicateBatches = 0;
  return {
    async take(batch, protocol, origin) {
      rateLimit.spend(batch);
      const result = await store.append(batch, origin);
      if (result.kind === 'stored') {
        acceptedByProtocol.set(protocol, (acceptedByProtocol.get(protocol) ?? 0) + batch.count);
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
