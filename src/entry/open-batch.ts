/**
 * A batch that takes entries until somebody looks at its text. It is given to the store with its first entry; those that
 * come while it waits there for its turn join it.
 */
import type { Batch } from './batch.ts';
import { BatchWriter } from './batch-writer.ts';
import type { Draft } from './entry.ts';

/** What comes while a flush runs, about; more is made room for. */
const EXPECTED = { bytes: 8 * 1024, entries: 32 };

export class OpenBatch implements Batch {
  readonly #writer: BatchWriter;
  #closed: Batch | undefined;

  /** @param nowMs the time of receipt, for drafts without a time of their own */
  constructor(nowMs: number) {
    this.#writer = new BatchWriter(nowMs, EXPECTED);
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** Bytes of its text. */
  get length(): number {
    return this.#writer.length;
  }

  /** Only while it is open. */
  add(draft: Draft): void {
    this.writer.add(draft);
  }

  /** For whoever writes entries as bytes. Only while it is open. */
  get writer(): BatchWriter {
    if (this.#closed) throw new Error('BUG: a batch that was looked at takes no more entries');
    return this.#writer;
  }

  /** So far; looking at it leaves the batch open. */
  get count(): number {
    return this.#writer.count;
  }

  get text(): Uint8Array {
    return this.#close().text;
  }

  get starts(): ArrayLike<number> {
    return this.#close().starts;
  }

  get idAt(): ArrayLike<number> {
    return this.#close().idAt;
  }

  get timesMs(): ArrayLike<number> {
    return this.#close().timesMs;
  }

  get levels(): ArrayLike<number> {
    return this.#close().levels;
  }

  get clients(): readonly string[] {
    return this.#close().clients;
  }

  get clientOf(): ArrayLike<number> {
    return this.#close().clientOf;
  }

  #close(): Batch {
    this.#closed ??= this.#writer.finish();
    return this.#closed;
  }
}
