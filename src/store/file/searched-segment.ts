/**
 * A segment as a search sees it: what is known of its blocks, and the way to their text.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Block } from './block-index.ts';
import type { BlockDigest, Shape, ShapeBook } from './digest.ts';
import { LETTER_GRAM_WORDS } from './letter-grams.ts';
import type { ToWorker } from './search-messages.ts';

export interface SearchedSegment {
  readonly blocks: readonly Block[];
  readonly clientNames: readonly string[];
  /** The array of its shapes stays the same one while it grows. */
  readonly book: ShapeBook;
  /** Undefined: the block has none, and is known by its text alone. */
  digestOf(index: number): BlockDigest | undefined;
  /** @returns bytes that are good until the next read of any segment */
  read(block: Block): Buffer;
}

/** A segment that a search thread knows, from one job to the next. */
export interface KnownSegment extends SearchedSegment {
  /** Between jobs no file is held open, lest one that was taken away keep its room. */
  closeFile(): void;
}

/** A segment of plain text, of which the store tells what is new. Its blocks are the complete ones. */
export class PlainSegment implements KnownSegment {
  readonly blocks: Block[] = [];
  readonly clientNames: string[] = [];
  readonly #shapes: Shape[] = [];
  #book: ShapeBook = { shapes: this.#shapes, letterMasks: [], letterGrams: new Uint32Array(LETTER_GRAM_WORDS) };
  readonly #digests: BlockDigest[] = [];
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  learnBlocks({ blocks, newClients }: ToWorker & { kind: 'blocks' }): void {
    for (const block of blocks) this.blocks.push(block);
    for (const client of newClients) this.clientNames.push(client);
  }

  learnDigests({ digests, newShapes, letterMasks, letterGrams }: ToWorker & { kind: 'digests' }): void {
    for (const digest of digests) this.#digests.push(digest);
    for (const shape of newShapes) this.#shapes.push(shape);
    this.#book = { shapes: this.#shapes, letterMasks, letterGrams };
  }

  get book(): ShapeBook {
    return this.#book;
  }

  digestOf(index: number): BlockDigest | undefined {
    return this.#digests[index];
  }

  read({ offset, length }: Block): Buffer {
    this.#file ??= openSync(this.#path, 'r');
    const bytes = roomOf(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#file, bytes, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** The first so many blocks of a segment and, behind them, the one that was growing then. */
export function upTo(segment: SearchedSegment, blockCount: number, growing: Block | undefined): SearchedSegment {
  if (segment.blocks.length === blockCount && growing === undefined) return segment;
  const blocks = segment.blocks.slice(0, blockCount);
  if (growing) blocks.push(growing);
  return {
    blocks,
    clientNames: segment.clientNames,
    book: segment.book,
    digestOf: (index) => (index < blockCount ? segment.digestOf(index) : undefined),
    read: (block) => segment.read(block),
  };
}

let room = Buffer.alloc(0);

/** One block is looked at at a time, so all are read into the same room. */
function roomOf(length: number): Buffer {
  if (room.length < length) room = Buffer.allocUnsafeSlow(length);
  return room.subarray(0, length);
}
