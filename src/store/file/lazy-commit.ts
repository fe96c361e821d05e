/**
 * A commit whose entries are decoded when somebody looks at them.
 */
import type { Batch } from '../../entry/batch.ts';
import { decodeEntry } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { ID_NONE } from '../../entry/id.ts';
import { giveBackAll } from '../../system/memory.ts';
import type { Commit } from '../store.ts';
import type { StoredBatch } from './commit-group.ts';

/** What one flush stored. */
export class LazyCommit implements Commit {
  readonly count: number;
  readonly firstId: string;
  readonly lastId: string;
  readonly #batches: readonly StoredBatch[];
  #entries: readonly Entry[] | undefined;
  #isHeld = false;

  constructor(batches: readonly StoredBatch[]) {
    this.#batches = batches;
    this.count = batches.reduce((sum, { batch }) => sum + batch.count, 0);
    this.firstId = batches[0]?.firstId ?? ID_NONE;
    this.lastId = batches.at(-1)?.lastId ?? ID_NONE;
  }

  entries(): readonly Entry[] {
    this.#entries ??= this.#batches.flatMap(({ batch }) => decodeBatch(batch));
    return this.#entries;
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** Gives back the memory of texts that nobody looks at any more. */
  release(): void {
    if (this.#isHeld) return;
    for (const { batch } of this.#batches) if (batch.isTextGivenAway) giveBackAll(batch.text.buffer);
  }
}

function decodeBatch({ text, starts, count }: Batch): Entry[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    const entry = decodeEntry(bytes.toString('utf8', starts[index], starts[index + 1]));
    if (entry === undefined) throw new Error('BUG: a batch holds a text that is no entry');
    entries.push(entry);
  }
  return entries;
}
