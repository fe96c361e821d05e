/**
 * Where an import goes: a server, or a data folder of this machine. Both store a batch once, however often it comes, and
 * find what was stored.
 */
import type { StateChange } from '../../entry/state.ts';
import type { Searchable } from '../searchable.ts';
import type { ImportBatch } from './batches.ts';

export interface ImportTarget {
  /**
   * Resolves when the batch is stored for good, or was before.
   * @param producer who numbers the batches
   * @throws CommandError when it is of no use to go on
   */
  store(producer: string, batch: Pick<ImportBatch, 'sequence' | 'body'>): Promise<StoreOutcome>;
  readonly entries: Pick<Searchable, 'newest'>;
  /** Sets a state of entries by their own ids. */
  changeState(ids: readonly string[], change: StateChange): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOutcome {
  readonly isDuplicate: boolean;
  /** Entries that were not taken; `line` counts within the batch, from 1. Not told of a duplicate. */
  readonly rejected: readonly { readonly line: number; readonly error: string }[];
}
