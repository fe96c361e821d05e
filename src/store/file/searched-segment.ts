/**
 * A segment as a search thread knows it: told block by block while its text stands as it is, read from its own index once it
 * is sealed. Files are held open only while a job runs, lest one that was deleted keep its room.
 */
import { readFileSync } from 'node:fs';
import { hasCode } from '../../system/files.ts';
import type { Block } from './block-index.ts';
import type { BlockDigest, ShapeBook } from './digest.ts';
import { readSealedBlocks, readSealedBook, readSealedClients, readSealedDigests } from './sealed-index.ts';
import type { SearchedSegment } from './search.ts';
import { openSealedText, openSegmentText, type SegmentText } from './segment-text.ts';

/** Has its text as it is, in a file or here. */
export class PlainSearched implements SearchedSegment {
  readonly blocks: Block[] = [];
  readonly clientNames: string[] = [];
  readonly #folder: string;
  readonly #text: Buffer | undefined;
  #opened: SegmentText | undefined;
  #isGone = false;

  constructor(folder: string, text: Buffer | undefined) {
    this.#folder = folder;
    this.#text = text;
  }

  learn(from: number, blocks: readonly Block[], newClients: readonly string[]): void {
    this.blocks.length = from;
    for (const block of blocks) this.blocks.push(block);
    for (const client of newClients) this.clientNames.push(client);
  }

  read(block: Block): Buffer {
    if (this.#text) return this.#text.subarray(block.offset, block.offset + block.length);
    const [first] = this.blocks;
    if (this.#opened === undefined && first !== undefined && !this.#isGone) {
      const place = { folder: this.#folder, segmentId: first.firstId, firstAt: first.offset };
      this.#opened = openSegmentText(place);
      this.#isGone = this.#opened === undefined;
    }
    return this.#opened?.read(block, roomOf(block.length)) ?? Buffer.alloc(0);
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

/** What is known of a sealed segment is read at the first job that looks at it. */
export class SealedSearched implements SearchedSegment {
  readonly #paths: SealedPaths;
  #opened: SegmentText | undefined;
  #known: { blocks: readonly Block[]; clientNames: readonly string[] } | undefined;
  #digested: { book: ShapeBook; digests: readonly BlockDigest[] } | undefined;

  constructor(paths: SealedPaths) {
    this.#paths = paths;
  }

  get blocks(): readonly Block[] {
    return this.#load().blocks;
  }

  get clientNames(): readonly string[] {
    return this.#load().clientNames;
  }

  /** Undefined: retention has taken it. */
  get shapeBook(): ShapeBook | undefined {
    return this.#loadDigests()?.book;
  }

  digestOf(blockNumber: number): BlockDigest | undefined {
    return this.#loadDigests()?.digests[blockNumber];
  }

  read(block: Block): Buffer {
    this.#opened ??= openSealedText(this.#paths.path, () => this.#indexBytes() ?? Buffer.alloc(0));
    try {
      return this.#opened?.read(block) ?? Buffer.alloc(0);
    } catch {
      // Damaged: the other blocks are still there.
      return Buffer.alloc(0);
    }
  }

  closeFile(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  #load() {
    const bytes = this.#known === undefined ? this.#indexBytes() : undefined;
    this.#known ??= {
      blocks: bytes ? readSealedBlocks(bytes) : [],
      clientNames: bytes ? readSealedClients(bytes).map(([name]) => name) : [],
    };
    return this.#known;
  }

  #loadDigests() {
    const bytes = this.#digested === undefined ? this.#indexBytes() : undefined;
    if (bytes) this.#digested = { book: readSealedBook(bytes), digests: readSealedDigests(bytes) };
    return this.#digested;
  }

  /** Undefined: retention has taken it. */
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

let room = Buffer.alloc(0);

/** One block is looked at at a time, so all are read into the same room. */
function roomOf(length: number): Buffer {
  if (room.length < length) room = Buffer.allocUnsafeSlow(length);
  return room;
}
