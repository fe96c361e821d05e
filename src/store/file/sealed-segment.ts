/**
 * A sealed segment: its text in frames of zstd, its blocks in the index beside it, both read when they are needed. Either may
 * be taken away by retention at any moment: then there is nothing here any more.
 */
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { hasCode } from '../../system/files.ts';
import type { Block, ClientTotal } from './block-index.ts';
import { type ByteSource, openByteSource } from './byte-source.ts';
import { readSealedBlocks, readSealedClients, type SealedSummary } from './sealed-index.ts';
import { Segment } from './segment.ts';

const unpack = promisify(zstdDecompress);

export interface SealedSegmentOptions {
  readonly segmentId: string;
  readonly summary: SealedSummary;
  /** Of the sealed text. */
  readonly path: string;
  /** Its index, when that is not beside the text. */
  readonly index: Buffer | undefined;
  /** The bytes of its index; undefined once it has been taken away. */
  readonly readIndex: () => Promise<Buffer | undefined>;
  /** Told of a block that cannot be unpacked. */
  readonly onDamage: (path: string, block: Block) => void;
  readonly recent: RecentSegments;
}

export class SealedSegment extends Segment {
  readonly segmentId: string;
  readonly summary: SealedSummary;
  readonly path: string;
  /** Its index, when that is not beside the text. */
  readonly index: Buffer | undefined;
  readonly #options: SealedSegmentOptions;
  #blocks: Promise<readonly Block[]> | undefined;
  #source: Promise<(ByteSource & { close(): Promise<void> }) | undefined> | undefined;
  #clients: Promise<ReadonlyMap<string, ClientTotal>> | undefined;
  #isClosed = false;

  constructor(options: SealedSegmentOptions) {
    super();
    this.segmentId = options.segmentId;
    this.summary = options.summary;
    this.path = options.path;
    this.index = options.index;
    this.#options = options;
  }

  blocks(): Promise<readonly Block[]> {
    this.#options.recent.use(this);
    this.#blocks ??= this.#readIndex(readSealedBlocks, []);
    return this.#blocks;
  }

  async read(block: Block): Promise<Buffer> {
    const frame = await this.#readFrame(block);
    if (frame === undefined) return Buffer.alloc(0);
    try {
      return await unpack(frame, { maxOutputLength: Math.max(1, block.length) });
    } catch {
      // Its checksum says that the disk has changed it: the other blocks are still there.
      this.#options.onDamage(this.path, block);
      return Buffer.alloc(0);
    }
  }

  /** Kept: summed up at each look at the clients, and small beside the text. */
  clientTotals(): Promise<ReadonlyMap<string, ClientTotal>> {
    this.#clients ??= this.#readIndex(readSealedClients, []).then((clients) => new Map(clients));
    return this.#clients;
  }

  /** For good: nothing is read from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.letGo();
  }

  /** Lets go of what can be read again. */
  async letGo(): Promise<void> {
    this.#blocks = undefined;
    // Taken at once: a reader that comes meanwhile opens another.
    const source = this.#source;
    this.#source = undefined;
    await (await source)?.close();
  }

  async #readFrame({ frame }: Block): Promise<Buffer | undefined> {
    if (frame === undefined) throw new Error('BUG: a block of a sealed segment has no frame');
    while (!this.#isClosed) {
      this.#options.recent.use(this);
      this.#source ??= openIfThere(this.path);
      const source = await this.#source;
      try {
        return await source?.read(frame.at, frame.length);
      } catch (error) {
        // It was closed to make room for others between the two steps.
        if (!hasCode(error, 'EBADF')) throw error;
      }
    }
    return undefined;
  }

  async #readIndex<Part>(read: (bytes: Buffer) => Part, whenGone: Part): Promise<Part> {
    const bytes = await this.#options.readIndex();
    return bytes === undefined ? whenGone : read(bytes);
  }
}

/** The segments whose blocks and files are held because they were read lately. */
export class RecentSegments {
  readonly #countMax: number;
  readonly #segments = new Set<SealedSegment>();

  /** @param countMax beyond it, the one unused for longest lets go */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  use(segment: SealedSegment): void {
    this.#segments.delete(segment);
    this.#segments.add(segment);
    if (this.#segments.size <= this.#countMax) return;
    for (const oldest of this.#segments) {
      this.#segments.delete(oldest);
      void oldest.letGo();
      return;
    }
  }
}

async function openIfThere(path: string): Promise<(ByteSource & { close(): Promise<void> }) | undefined> {
  try {
    return await openByteSource(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
