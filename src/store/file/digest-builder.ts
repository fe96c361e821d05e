/**
 * Makes the digests of a segment's blocks, one block at a time, and the book of shapes that they share. Loops over bytes:
 * only a shape or a client that was not seen before becomes a string.
 */
import { LEVELS } from '../../entry/level.ts';
import { ByteTable, hashBytes } from './byte-table.ts';
import type { BlockDigest, ShapeBook } from './digest.ts';
import { type Head, readClient, readHead } from './head.ts';
import { KeyCounts } from './key-counts.ts';
import { ShapeScanner } from './shape-scanner.ts';
import { ShapeTable } from './shape-table.ts';
import { countSpans } from './span-counts.ts';

export interface DigestBuilderOptions {
  /** The number that the segment gives to a client. Asked once for each spelling of a client id. */
  readonly clientNumber: (clientId: string) => number;
  /** What earlier blocks of the segment have brought. Copied, and grown from there. */
  readonly book?: ShapeBook | undefined;
}

export class DigestBuilder {
  readonly #clientNumber: (clientId: string) => number;
  readonly #clients = new ByteTable();
  readonly #scanner = new ShapeScanner();
  readonly #shapes: ShapeTable;
  readonly #shapeCounts = new KeyCounts();
  readonly #clientCounts = new KeyCounts();
  #timesMs = new Float64Array(4_096);
  #levels = new Uint8Array(4_096);

  constructor({ clientNumber, book }: DigestBuilderOptions) {
    this.#clientNumber = clientNumber;
    this.#shapes = new ShapeTable(this.#scanner.letterGrams, book);
  }

  /** Grows with every block; shapes keep their numbers. */
  get book(): ShapeBook {
    return this.#shapes;
  }

  /** @param bytes a whole block: it begins with an entry and ends where its last entry does */
  digest(bytes: Buffer): BlockDigest {
    let count = 0;
    for (let head = readHead(bytes, 0); head; head = this.#scanner.next) {
      this.#scanner.scan(bytes, head.tailAt);
      this.#shapeCounts.add(this.#shapes.numberOf(this.#scanner, head.level));
      this.#clientCounts.add(this.#client(bytes, head) * LEVELS.length + head.level);
      if (count === this.#levels.length) this.#grow();
      this.#timesMs[count] = head.timeMs;
      this.#levels[count++] = head.level;
    }
    if (count === 0) throw new Error('BUG: a block begins with an entry');
    const shapes = this.#shapeCounts.take();
    const clients = this.#clientCounts.take();
    return {
      shapes: shapes.keys,
      shapeCounts: shapes.counts,
      clientCounts: Uint32Array.from({ length: clients.keys.length * 3 }, (_, at) => {
        const key = clients.keys[Math.floor(at / 3)] ?? 0;
        if (at % 3 === 0) return Math.floor(key / LEVELS.length);
        return at % 3 === 1 ? key % LEVELS.length : (clients.counts[Math.floor(at / 3)] ?? 0);
      }),
      ...countSpans(this.#timesMs.subarray(0, count), this.#levels.subarray(0, count)),
    };
  }

  #client(bytes: Buffer, head: Head): number {
    const { clientAt, clientEnd } = head;
    const hash = hashBytes(bytes, clientAt, clientEnd);
    const known = this.#clients.find(bytes, clientAt, clientEnd, hash);
    if (known !== -1) return known;
    const client = this.#clientNumber(readClient(bytes, head));
    this.#clients.add(bytes, clientAt, clientEnd, hash, client);
    return client;
  }

  #grow(): void {
    const timesMs = new Float64Array(this.#timesMs.length * 2);
    timesMs.set(this.#timesMs);
    this.#timesMs = timesMs;
    const levels = new Uint8Array(timesMs.length);
    levels.set(this.#levels);
    this.#levels = levels;
  }
}
