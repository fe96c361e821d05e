/**
 * Writes a batch entry by entry into one growing piece of memory.
 */
import type { Batch } from './batch.ts';
import { encodeHead, encodeTail, ID_ROOM } from './codec.ts';
import type { Draft } from './entry.ts';
import { ID_LENGTH } from './id.ts';
import { levelIndex } from './level.ts';

const encoder = new TextEncoder();

export class BatchWriter {
  readonly nowMs: number;
  /** The text written so far is `text` up to `length`; whoever writes into it asks `reserve` first. */
  text: Uint8Array;
  length = 0;
  #count = 0;
  #starts: Uint32Array;
  #idAt: Uint32Array;
  #timesMs: Float64Array;
  #levels: Uint8Array;
  #clientOf: Uint32Array;
  readonly #clients: string[] = [];
  readonly #clientIndex = new Map<string, number>();

  /**
   * @param nowMs the time of receipt, for drafts without a time of their own
   * @param expected what there will be, about; more is made room for
   */
  constructor(nowMs: number, expected: { readonly bytes: number; readonly entries: number }) {
    this.nowMs = nowMs;
    const entries = Math.ceil(expected.entries) + 1;
    this.text = new Uint8Array(Math.ceil(expected.bytes + entries * ID_LENGTH) + 256);
    this.#starts = new Uint32Array(entries + 1);
    this.#idAt = new Uint32Array(entries);
    this.#timesMs = new Float64Array(entries);
    this.#levels = new Uint8Array(entries);
    this.#clientOf = new Uint32Array(entries);
  }

  get count(): number {
    return this.#count;
  }

  add(draft: Draft): void {
    const timeMs = draft.timeMs ?? this.nowMs;
    const head = encodeHead(timeMs, draft.level, draft.clientId);
    const tail = encodeTail(draft);
    // UTF-8 needs at most three bytes for a UTF-16 unit.
    this.reserve((head.length + ID_LENGTH + tail.length) * 3);
    const start = this.length;
    this.#write(head);
    const idAt = this.length;
    this.#write(ID_ROOM + tail);
    this.entry({ start, idAt, timeMs, level: levelIndex(draft.level), client: this.client(draft.clientId) });
  }

  /** The index of a client in the batch. */
  client(clientId: string): number {
    const known = this.#clientIndex.get(clientId);
    if (known !== undefined) return known;
    const index = this.#clients.push(clientId) - 1;
    this.#clientIndex.set(clientId, index);
    return index;
  }

  /** Makes room for that many bytes behind what is written. */
  reserve(byteCount: number): void {
    if (this.length + byteCount <= this.text.length) return;
    const larger = new Uint8Array(Math.max(this.text.length * 2, this.length + byteCount));
    larger.set(this.text.subarray(0, this.length));
    this.text = larger;
  }

  /** Notes an entry whose text has been written from `start` to `length`. */
  entry({
    start,
    idAt,
    timeMs,
    level,
    client,
  }: {
    start: number;
    idAt: number;
    timeMs: number;
    level: number;
    client: number;
  }): void {
    if (this.#count === this.#levels.length) this.#grow();
    const index = this.#count++;
    this.#starts[index] = start;
    this.#idAt[index] = idAt;
    this.#timesMs[index] = timeMs;
    this.#levels[index] = level;
    this.#clientOf[index] = client;
  }

  finish(): Batch {
    const count = this.#count;
    this.#starts[count] = this.length;
    return {
      count,
      text: this.text.subarray(0, this.length),
      starts: this.#starts.subarray(0, count + 1),
      idAt: this.#idAt.subarray(0, count),
      timesMs: this.#timesMs.subarray(0, count),
      levels: this.#levels.subarray(0, count),
      clients: this.#clients,
      clientOf: this.#clientOf.subarray(0, count),
    };
  }

  #write(text: string): void {
    this.length += encoder.encodeInto(text, this.text.subarray(this.length)).written;
  }

  #grow(): void {
    const room = this.#levels.length * 2;
    this.#starts = grown(this.#starts, new Uint32Array(room + 1));
    this.#idAt = grown(this.#idAt, new Uint32Array(room));
    this.#timesMs = grown(this.#timesMs, new Float64Array(room));
    this.#levels = grown(this.#levels, new Uint8Array(room));
    this.#clientOf = grown(this.#clientOf, new Uint32Array(room));
  }
}

function grown<Numbers extends Uint8Array | Uint32Array | Float64Array>(before: Numbers, larger: Numbers): Numbers {
  larger.set(before);
  return larger;
}
