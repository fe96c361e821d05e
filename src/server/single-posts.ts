/**
 * Entries that come one by one, joined: those that wait for the same flush are one batch, so that what a batch costs is
 * shared among them.
 */
import { idIn } from '../entry/batch.ts';
import type { Draft } from '../entry/entry.ts';
import { OpenBatch } from '../entry/open-batch.ts';
import type { Clock } from '../system/clock.ts';
import type { Ingest } from './ingest.ts';

/** Text of one batch. Beyond: what follows begins another. */
const BATCH_BYTES_MAX = 1024 * 1024;

/** Who posted an entry: exactly one of the two is called, once, and never before `take` has returned. */
export interface Poster {
  /** The entry is as safe as the store makes it. */
  onStored(id: string): void;
  /** It is not stored. */
  onFailed(error: unknown): void;
}

export interface SinglePosts {
  /** @throws RateExceeded; then the poster hears nothing */
  take(draft: Draft, poster: Poster): void;
}

interface Joined {
  readonly batch: OpenBatch;
  readonly posters: Poster[];
}

export function createSinglePosts({ ingest, clock }: { ingest: Ingest; clock: Clock }): SinglePosts {
  let joined: Joined | undefined;

  async function store({ batch, posters }: Joined): Promise<void> {
    try {
      await ingest.store(batch, 'log');
    } catch (error) {
      // A store that refuses need not have looked at it; nobody must join what has failed.
      if (joined?.batch === batch) joined = undefined;
      for (const poster of posters) poster.onFailed(error);
      return;
    }
    for (const [index, poster] of posters.entries()) poster.onStored(idIn(batch, index) ?? '');
  }

  return {
    take(draft, poster) {
      ingest.admit(draft.clientId);
      if (joined?.batch.isOpen && joined.batch.length < BATCH_BYTES_MAX) {
        joined.batch.add(draft);
        joined.posters.push(poster);
        return;
      }
      joined = { batch: new OpenBatch(clock.nowMs()), posters: [poster] };
      joined.batch.add(draft);
      store(joined);
    },
  };
}
