/**
 * The one door for whatever comes in, by any protocol: rate, store, figures.
 */
import type { Batch } from '../entry/batch.ts';
import type { AppendResult, BatchOrigin, Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimit } from './rate-limit.ts';

export interface Ingest {
  /**
   * Stores a batch; resolves when it is as safe as the store makes it.
   * @throws StoreError, RateExceeded
   */
  take(batch: Batch, protocol: string, origin?: BatchOrigin): Promise<AppendResult>;
  /** Clients have a rate: each entry is to be admitted. */
  readonly isRateLimited: boolean;
  /** Counts an entry against its client's rate, before it is stored. @throws RateExceeded */
  admit(clientId: string): void;
  /** `take` for entries that were admitted one by one. @throws StoreError */
  store(batch: Batch, protocol: string, origin?: BatchOrigin): Promise<AppendResult>;
  /** Counts what a protocol could not read. */
  reject(protocol: string, count: number): void;
}

interface Needs {
  readonly store: Store;
  readonly rateLimit: RateLimit;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export function createIngest({ store, rateLimit, metrics, clock }: Needs): Ingest {
  async function append(batch: Batch, protocol: string, origin?: BatchOrigin): Promise<AppendResult> {
    const startMs = clock.monotonicMs();
    const result = await store.append(batch, origin);
    if (result.kind === 'stored') metrics.stored(batch, protocol, clock.monotonicMs() - startMs);
    else if (result.kind === 'duplicate') metrics.duplicate();
    return result;
  }

  return {
    async take(batch, protocol, origin) {
      rateLimit.spend(batch);
      return append(batch, protocol, origin);
    },
    isRateLimited: rateLimit.isLimited,
    admit: (clientId) => rateLimit.spendOne(clientId),
    store: append,
    reject: (protocol, count) => metrics.rejected(protocol, count),
  };
}
