/**
 * A batch: drafts in the text form of app.log, ready for the store to fill in their ids and append.
 * Everything the store needs to index them stands beside the text, so that it never reads the text again.
 */
import { BatchWriter } from './batch-writer.ts';
import type { Draft } from './entry.ts';
import { ID_LENGTH } from './id.ts';

const DRAFT_BYTES_EXPECTED = 400;

export interface Batch {
  readonly count: number;
  /** The entries as app.log will hold them, with ID_LENGTH bytes of room at each `idAt`. The store writes into it. */
  readonly text: Uint8Array;
  /** Byte offset of each entry's first byte, and text.length at the end: count + 1 numbers, rising. */
  readonly starts: ArrayLike<number>;
  /** Byte offset of the room for each entry's id. */
  readonly idAt: ArrayLike<number>;
  /** Event times, ms since the epoch. */
  readonly timesMs: ArrayLike<number>;
  /** Indexes in LEVELS. */
  readonly levels: ArrayLike<number>;
  /** The clients of the batch, each once. */
  readonly clients: readonly string[];
  /** Index in `clients` of each entry's client. */
  readonly clientOf: ArrayLike<number>;
  /**
   * The memory of `text` is the batch's own, and whoever made the batch looks at the text no more: the store gives it back
   * as soon as it is stored, unless somebody holds the commit.
   */
  readonly isTextGivenAway?: boolean;
}

/** @param nowMs the time of receipt, for drafts without a time of their own */
export function encodeBatch(drafts: readonly Draft[], nowMs: number): Batch {
  const writer = new BatchWriter(nowMs, { bytes: drafts.length * DRAFT_BYTES_EXPECTED, entries: drafts.length });
  for (const draft of drafts) writer.add(draft);
  return writer.finish();
}

/** The ids of a batch's entries, once they are filled in. */
export function idsIn({ text, idAt }: Batch): string[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return Array.from(idAt, (at) => bytes.toString('latin1', at, at + ID_LENGTH));
}
