/**
 * Entries that come one by one, joined: those of one turn of the loop are one batch, so that what a batch costs is shared.
 */
import { BatchWriter } from '../entry/batch-writer.ts';
import type { Draft } from '../entry/entry.ts';
import { ID_LENGTH } from '../entry/id.ts';
import type { Clock } from '../system/clock.ts';
import type { Ingest } from './ingest.ts';

/** What a turn brings, about; more is made room for. */
const EXPECTED = { bytes: 4 * 1024, entries: 16 };
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

export function createSinglePosts({ ingest, clock }: { ingest: Ingest; clock: Clock }): SinglePosts {
  let gathered: { readonly writer: BatchWriter; readonly posters: Poster[] } | undefined;

  async function store(): Promise<void> {
    if (!gathered) return;
    const { writer, posters } = gathered;
    gathered = undefined;
    const batch = writer.finish();
    try {
      await ingest.store(batch, 'log');
    } catch (error) {
      for (const poster of posters) poster.onFailed(error);
      return;
    }
    const text = Buffer.from(batch.text.buffer, batch.text.byteOffset, batch.text.byteLength);
    for (const [index, poster] of posters.entries()) {
      const at = batch.idAt[index] ?? 0;
      poster.onStored(text.toString('latin1', at, at + ID_LENGTH));
    }
  }

  return {
    take(draft, poster) {
      ingest.admit(draft.clientId);
      if (!gathered) {
        gathered = { writer: new BatchWriter(clock.nowMs(), EXPECTED), posters: [] };
        setImmediate(store);
      }
      gathered.writer.add(draft);
      gathered.posters.push(poster);
      if (gathered.writer.length >= BATCH_BYTES_MAX) store();
    },
  };
}
