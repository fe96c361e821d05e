/**
 * Entries that come one by one, joined: those that wait for the same flush are one batch, so that what a batch costs is
 * shared among them.
 */
import { PlainLineReader } from '../decode/plain-line.ts';
import { idsIn } from '../entry/batch.ts';
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
  /**
   * Takes the entry whose JSON stands from `from` to before `end`, when that is as most clients write it; false: nothing was
   * done, it is for `take`.
   */
  takePlain(bytes: Buffer, from: number, end: number, poster: Poster): boolean;
}

interface Joined {
  readonly batch: OpenBatch;
  readonly posters: Poster[];
}

export function createSinglePosts({ ingest, clock }: { ingest: Ingest; clock: Clock }): SinglePosts {
  let joined: Joined | undefined;
  let plain: PlainLineReader | undefined;

  async function store({ batch, posters }: Joined): Promise<void> {
    try {
      await ingest.store(batch, 'log');
    } catch (error) {
      // A store that refuses need not have looked at it; nobody must join what has failed.
      if (joined?.batch === batch) joined = undefined;
      for (const poster of posters) poster.onFailed(error);
      return;
    }
    const ids = idsIn(batch);
    for (const [index, poster] of posters.entries()) poster.onStored(ids[index] ?? '');
  }

  /** The batch that is open, or a new one, which is not given to the store yet. */
  function openBatch(): Joined {
    if (joined?.batch.isOpen && joined.batch.length < BATCH_BYTES_MAX) return joined;
    return { batch: new OpenBatch(clock.nowMs()), posters: [] };
  }

  /** After its entry was added. */
  function join(opened: Joined, poster: Poster): void {
    opened.posters.push(poster);
    if (opened === joined) return;
    joined = opened;
    store(opened);
  }

  return {
    take(draft, poster) {
      ingest.admit(draft.clientId);
      const opened = openBatch();
      opened.batch.add(draft);
      join(opened, poster);
    },

    takePlain(bytes, from, end, poster) {
      if (ingest.isRateLimited) return false;
      const opened = openBatch();
      plain ??= new PlainLineReader(opened.batch.writer);
      plain.writeInto(opened.batch.writer);
      if (!plain.read(bytes, from, end)) return false;
      join(opened, poster);
      return true;
    },
  };
}
