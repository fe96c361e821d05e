/**
 * A segment as a search sees it: what is known of its blocks, and the way to their text. Told block by block while the text
 * stands as it is, read from its own index once it is sealed.
 */
import { readFileSync } from 'node:fs';
import { hasCode } from '../../system/files.ts';
import type { Block } from './block-index.ts';
import type { BlockDigest, ShapeBook } from './digest.ts';
import { LETTER_GRAM_WORDS } from './letter-grams.ts';
import { readSealedBlocks, readSealedBook, readSealedClients, readSealedDigests } from './sealed-index.ts';
import type { ToWorker } from './search-messages.ts';
import { openSealedText, openSegmentText, type SegmentText } from './segment-text.ts';
import type { SearchedShape, ShapePool } from './shape-pool.ts';

export interface SearchedBook extends ShapeBook {
  readonly shapes: readonly SearchedShape[];
}

export interface SearchedSegment {
  readonly blocks: readonly Block[];
  readonly clientNames: readonly string[];
  readonly book: SearchedBook;
  /** Undefined: the block has none, and is known by its text alone. */
  digestOf(index: number): BlockDigest | undefined;
  /** @returns bytes that are good until the next read of any segment; empty when they cannot be read */
  read(block: Block): Buffer;
}

/** A segment that a search thread knows, from one job to the next. */
export interface KnownSegment extends SearchedSegment {
  /** What is loaded of its shapes. */
  readonly shapesHeld: readonly SearchedShape[];
  /** Between jobs no file is held open, lest one that was taken away keep its room. */
  closeFile(): void;
}

/** A segment of plain text, of which the store tells what is new. Its blocks are the complete ones. */
export class PlainSearched implements KnownSegment {
  readonly blocks: Block[] = [];
  readonly clientNames: string[] = [];
  readonly #pool: ShapePool;
  readonly #shapes: SearchedShape[] = [];
  #book: SearchedBook = { shapes: this.#shapes, letterMasks: [], letterGrams: new Uint32Array(LETTER_GRAM_WORDS) };
  readonly #digests: BlockDigest[] = [];
  readonly #folder: string;
  readonly #text: Buffer | undefined;
  /** Undefined: not looked for in this job; null: there is none any more. */
  #opened: SegmentText | undefined | null;

  /** @param text the whole of it, when it is in no file */
  constructor(folder: string, text: Uint8Array | undefined, pool: ShapePool) {
    this.#pool = pool;
    this.#folder = folder;
    this.#text = text && Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  }

  learnBlocks({ blocks, newClients }: Pick<ToWorker & { kind: 'blocks' }, 'blocks' | 'newClients'>): void {
    for (const block of blocks) this.blocks.push(block);
    for (const client of newClients) this.clientNames.push(client);
  }

  learnDigests({
    digests,
    newShapes,
    letterMasks,
    letterGrams,
  }: Omit<ToWorker & { kind: 'digests' }, 'segment'>): void {
    for (const digest of digests) this.#digests.push(digest);
    for (const shape of newShapes) this.#shapes.push(this.#pool.get(shape));
    this.#book = { shapes: this.#shapes, letterMasks, letterGrams };
  }

  get book(): SearchedBook {
    return this.#book;
  }

  digestOf(index: number): BlockDigest | undefined {
    return this.#digests[index];
  }

  read(block: Block): Buffer {
    if (this.#text) return this.#text.subarray(block.offset, block.offset + block.length);
    if (this.#opened === undefined) {
      // The growing block is the first one of a segment that has no complete one yet.
      const first = this.blocks[0] ?? block;
      const place = { folder: this.#folder, segmentId: first.firstId, firstAt: first.offset };
      this.#opened = openSegmentText(place) ?? null;
    }
    return this.#opened?.read(block, roomOf(block.length)) ?? Buffer.alloc(0);
  }

  get shapesHeld(): readonly SearchedShape[] {
    return this.#shapes;
  }

  closeFile(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}

export interface SealedPaths {
  readonly path: string;
  readonly indexPath: string;
  /** The index, when it is not in a file. */
  readonly index?: Uint8Array | undefined;
}

/** Told of a block that cannot be unpacked. */
export type OnDamage = (path: string, block: Block) => void;

/** A sealed segment. What is known of it is read at the first job that looks at it. */
export class SealedSearched implements KnownSegment {
  readonly #paths: SealedPaths;
  readonly #onDamage: OnDamage;
  readonly #pool: ShapePool;
  #opened: SegmentText | undefined;
  #known: SealedKnown | undefined;

  constructor(paths: SealedPaths, onDamage: OnDamage, pool: ShapePool) {
    this.#pool = pool;
    this.#paths = paths;
    this.#onDamage = onDamage;
  }

  get blocks(): readonly Block[] {
    return this.#load().blocks;
  }

  get clientNames(): readonly string[] {
    return this.#load().clientNames;
  }

  get book(): SearchedBook {
    return this.#load().book;
  }

  digestOf(index: number): BlockDigest | undefined {
    return this.#load().digests[index];
  }

  read(block: Block): Buffer {
    this.#opened ??= openSealedText(this.#paths.path, () => this.#indexBytes() ?? Buffer.alloc(0));
    try {
      return this.#opened?.read(block) ?? Buffer.alloc(0);
    } catch {
      // Its checksum says that the disk has changed it: the other blocks are still there.
      this.#onDamage(this.#paths.path, block);
      return Buffer.alloc(0);
    }
  }

  get shapesHeld(): readonly SearchedShape[] {
    return this.#known?.book.shapes ?? [];
  }

  closeFile(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  #load(): SealedKnown {
    if (this.#known) return this.#known;
    const bytes = this.#indexBytes();
    // Retention has taken it: nothing is there, and nothing is kept of that.
    if (bytes === undefined) return NOTHING_KNOWN;
    const book = readSealedBook(bytes);
    this.#known = {
      blocks: readSealedBlocks(bytes),
      clientNames: readSealedClients(bytes).map(([name]) => name),
      book: { ...book, shapes: book.shapes.map((shape) => this.#pool.get(shape)) },
      digests: readSealedDigests(bytes),
    };
    return this.#known;
  }

  #indexBytes(): Buffer | undefined {
    const { index, indexPath } = this.#paths;
    if (index) return Buffer.from(index.buffer, index.byteOffset, index.byteLength);
    try {
      return readFileSync(indexPath);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

interface SealedKnown {
  readonly blocks: readonly Block[];
  readonly clientNames: readonly string[];
  readonly book: SearchedBook;
  readonly digests: readonly BlockDigest[];
}

const NOTHING_KNOWN: SealedKnown = {
  blocks: [],
  clientNames: [],
  book: { shapes: [], letterMasks: [], letterGrams: new Uint32Array(LETTER_GRAM_WORDS) },
  digests: [],
};

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
  return room;
}
