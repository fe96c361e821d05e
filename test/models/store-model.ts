/**
 * What a store must hold after whatever happened to it, in the plainest form: which batches were sent, what was answered,
 * and what that allows.
 */
import assert from 'node:assert/strict';
import { ID_NONE } from '../../src/entry/id.ts';
import type { AppendResult, BatchOrigin, Store } from '../../src/store/store.ts';

export interface SentBatch {
  /** Stands in each of its messages: `<number>/<index>`. */
  readonly number: number;
  readonly count: number;
  readonly origin: BatchOrigin | undefined;
  /** Unknown: no answer came, or one that promises nothing. */
  outcome: 'unknown' | 'stored' | 'refused';
  answer: AppendResult | undefined;
}

interface NoteModel {
  /** The last that was answered. */
  confirmed: number;
  /** The last that was asked for. */
  asked: number;
  /** Asked for: retention may leave the entry. */
  isPinAsked: boolean;
  /** Answered: it does. */
  isPinned: boolean;
}

export interface Allowed {
  /** Answered entries may be missing, as after a power loss without flushes. */
  readonly isLossAllowed: boolean;
  /** The oldest entries may be missing that are not pinned. */
  readonly isRetained: boolean;
}

export class StoreModel {
  readonly batches: SentBatch[] = [];
  /** Of each entry with a state: its note is a number that rises. */
  readonly notes = new Map<string, NoteModel>();

  send(count: number, origin?: BatchOrigin): SentBatch {
    const sent: SentBatch = { number: this.batches.length, count, origin, outcome: 'unknown', answer: undefined };
    this.batches.push(sent);
    return sent;
  }

  /** Messages of a batch; the second of a longer one goes over two lines. */
  messagesOf({ number, count }: SentBatch): string[] {
    return Array.from({ length: count }, (_, index) => `${number}/${index}${index === 1 ? '\nof two lines' : ''}`);
  }

  async check(store: Store, { isLossAllowed, isRetained }: Allowed): Promise<void> {
    const stored = await store.after(ID_NONE, 1_000_000);
    const ids = stored.map(({ entry }) => entry.id);
    for (let index = 1; index < ids.length; index++) {
      assert.ok((ids[index - 1] ?? '') < (ids[index] ?? ''), 'ids do not rise in the order of the file');
    }
    const byBatch = new Map<number, { message: string; id: string }[]>();
    for (const { entry } of stored) {
      const number = Number.parseInt(entry.message, 10);
      const messages = byBatch.get(number) ?? [];
      messages.push({ message: entry.message, id: entry.id });
      byBatch.set(number, messages);
    }
    const oldest = isRetained ? this.#oldestWhole(byBatch) : ID_NONE;
    for (const batch of this.batches) {
      const found = byBatch.get(batch.number) ?? [];
      byBatch.delete(batch.number);
      if (isRetained && isBefore(batch, oldest)) continue;
      const what = `batch ${batch.number} of ${batch.count}, ${batch.outcome}`;
      if (found.length === 0) {
        const isMissing = batch.outcome === 'stored' && batch.count > 0;
        assert.ok(!isMissing || isLossAllowed, `${what}: it was answered and is not stored`);
        continue;
      }
      assert.notEqual(batch.outcome, 'refused', `${what}: it was refused and is stored`);
      const messages = found.map(({ message }) => message);
      assert.deepEqual(messages, this.messagesOf(batch), `${what}: not whole, not once or not in order`);
      if (batch.answer?.kind !== 'stored') continue;
      assert.equal(found[0]?.id, batch.answer.firstId, `${what}: other ids than were answered`);
      assert.equal(found.at(-1)?.id, batch.answer.lastId, `${what}: other ids than were answered`);
    }
    assert.deepEqual([...byBatch.keys()], [], 'entries that nobody sent');
    assert.equal(store.sizes().entryCount, stored.length);
    const counted = await store.countByLevel({ query: { kind: 'all' } });
    assert.equal(counted.counts.INFO, stored.length, 'the index does not agree with the text');
    if (!isLossAllowed) await this.#checkNotes(store, isRetained);
  }

  /** First id of the oldest batch that is there as a whole; pinned entries of older ones may be there alone. */
  #oldestWhole(byBatch: ReadonlyMap<number, readonly { id: string }[]>): string {
    const whole = this.batches.filter(({ number, count }) => {
      const found = byBatch.get(number) ?? [];
      return count > 0 && found.length === count && !found.every(({ id }) => this.notes.get(id)?.isPinAsked);
    });
    const firstIds = whole.flatMap(({ number }) => byBatch.get(number)?.[0]?.id ?? []).sort();
    return firstIds[0] ?? ID_LAST;
  }

  async #checkNotes(store: Store, isRetained: boolean): Promise<void> {
    for (const [id, { confirmed, asked, isPinned }] of this.notes) {
      const found = await store.get(id);
      if (!found && isRetained && !isPinned) continue;
      assert.ok(found, `entry ${id} had a state and is gone`);
      const note = Number(found.state?.note ?? 0);
      assert.ok(note >= confirmed && note <= asked, `note of ${id} is ${note}, answered ${confirmed}, asked ${asked}`);
    }
  }
}

const ID_LAST = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

/** Whether a batch was stored before the entry of that id: retention may have taken it. */
function isBefore({ answer }: SentBatch, id: string): boolean {
  const firstId = answer?.kind === 'conflict' ? undefined : answer?.firstId;
  return firstId !== undefined && firstId < id;
}
