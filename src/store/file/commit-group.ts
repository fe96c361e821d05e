/**
 * Batches that go to the disk together: their ids, their text in one piece, and what the commit journal says of each.
 */
import { crc32 } from 'node:zlib';
import type { Batch } from '../../entry/batch.ts';
import type { IdMaker } from '../../entry/id.ts';
import type { BatchOrigin } from '../store.ts';
import type { BatchMark } from './commit-journal.ts';

/** A batch that has become part of the store. */
export interface StoredBatch {
  readonly batch: Batch;
  /** Of its first byte in the segment. */
  readonly offset: number;
  readonly firstId: string;
  readonly lastId: string;
}

export interface GroupedBatch {
  readonly batch: Batch;
  readonly origin: BatchOrigin | undefined;
}

export interface CommitGroup {
  /** Of each batch, in order. */
  readonly outcomes: readonly Outcome[];
  /** Without empty ones. */
  readonly batches: readonly StoredBatch[];
  readonly marks: readonly BatchMark[];
  /** Of several batches: a copy of theirs. */
  readonly text: Uint8Array;
}

interface Outcome {
  readonly origin: BatchOrigin | undefined;
  readonly result: { readonly firstId?: string | undefined; readonly lastId?: string | undefined };
}

/** Fills in the ids. @param at offset in the segment at which the text will be written */
export function makeGroup(group: readonly GroupedBatch[], { ids, at }: { ids: IdMaker; at: number }): CommitGroup {
  const outcomes: Outcome[] = [];
  const batches: StoredBatch[] = [];
  const marks: BatchMark[] = [];
  let offset = at;
  for (const { batch, origin } of group) {
    const result: Outcome['result'] = ids.fill(batch.text, batch.idAt) ?? {};
    outcomes.push({ origin, result });
    marks.push({ length: batch.text.length, crc: crc32(batch.text), origin, ...result });
    if (result.firstId !== undefined && result.lastId !== undefined) {
      batches.push({ batch, offset, firstId: result.firstId, lastId: result.lastId });
    }
    offset += batch.text.length;
  }
  return { outcomes, batches, marks, text: gather(group) };
}

function gather(group: readonly GroupedBatch[]): Uint8Array {
  const [only] = group;
  return group.length === 1 && only ? only.batch.text : Buffer.concat(group.map(({ batch }) => batch.text));
}
