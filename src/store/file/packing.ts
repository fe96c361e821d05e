/**
 * What the packing thread does, block by block: digests of a segment's blocks, frames of its text, and at last its index.
 * What it keeps of a segment can be taken up from what the store knows, so that it may end at any time.
 */
import type { Block } from './block-index.ts';
import type { BlockDigest, SegmentDigests, Shape, ShapeBook } from './digest.ts';
import { DigestBuilder } from './digest-builder.ts';
import { encodeSealedIndex, type SealedIndex } from './sealed-index.ts';
import { openSegmentText, type SegmentPlace } from './segment-text.ts';
import { packText, unpackText } from './zstd.ts';

export interface Digested {
  readonly digest: BlockDigest;
  /** Shapes that get the next numbers of the segment. */
  readonly newShapes: readonly Shape[];
  /** What else the segment's book says now. */
  readonly letterMasks: Uint32Array;
  readonly letterGrams: Uint32Array;
}

export interface DigestRequest {
  readonly block: Block;
  /** Clients that get the next numbers of the segment. */
  readonly newClients: readonly string[];
  /** What the blocks before it have brought: all of it, when the thread does not know the segment. */
  readonly book?: ShapeBook | undefined;
}

export interface IndexRequest extends Omit<SealedIndex, 'book' | 'digests'> {
  readonly clientNames: readonly string[];
  /** Of the first blocks, as far as they are made. */
  readonly digested?: SegmentDigests | undefined;
}

export class Packing {
  readonly #segments = new Map<string, SegmentBuilder>();

  /** @throws Error when the segment is gone or cannot be read */
  digest(place: SegmentPlace, { block, newClients, book }: DigestRequest): Digested {
    const known = this.#segments.get(place.segmentId);
    const segment = book || !known ? new SegmentBuilder(book) : known;
    this.#segments.set(place.segmentId, segment);
    segment.addClients(newClients);
    return segment.digest(readBlock(place, block));
  }

  /** The frame of a block, read back and compared: what it was packed from is deleted some day. */
  pack(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Buffer {
    const text = readBlock(place, block);
    const frame = packText(text);
    if (!unpackText(frame, text.length).equals(text)) throw new Error('a frame does not hold what was packed');
    return frame;
  }

  index(place: SegmentPlace, { clientNames, digested, ...known }: IndexRequest): Buffer {
    const segment = new SegmentBuilder(digested?.book);
    segment.addClients(clientNames);
    const digests = [...(digested?.digests ?? [])];
    for (const block of known.blocks.slice(digests.length)) {
      digests.push(segment.digest(readBlock(place, block)).digest);
    }
    this.#segments.delete(place.segmentId);
    return encodeSealedIndex({ ...known, book: segment.book, digests });
  }
}

class SegmentBuilder {
  readonly #builder: DigestBuilder;
  readonly #clients = new Map<string, number>();
  #shapeCount: number;

  constructor(book: ShapeBook | undefined) {
    const clientNumber = (clientId: string) => {
      const client = this.#clients.get(clientId);
      if (client === undefined) throw new Error('BUG: a block has a client that its index does not name');
      return client;
    };
    this.#builder = new DigestBuilder({ clientNumber, book });
    this.#shapeCount = book?.shapes.length ?? 0;
  }

  get book(): ShapeBook {
    return this.#builder.book;
  }

  addClients(names: readonly string[]): void {
    for (const name of names) this.#clients.set(name, this.#clients.size);
  }

  digest(bytes: Buffer): Digested {
    const digest = this.#builder.digest(bytes);
    const { shapes, letterMasks, letterGrams } = this.#builder.book;
    const newShapes = shapes.slice(this.#shapeCount);
    this.#shapeCount = shapes.length;
    return { digest, newShapes, letterMasks: Uint32Array.from(letterMasks), letterGrams: letterGrams.slice() };
  }
}

/** One block is looked at at a time, so all are read into the same room. */
let room = Buffer.alloc(0);

function readBlock(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Buffer {
  const text = openSegmentText(place);
  if (text === undefined) throw new Error('the text of the segment is gone');
  try {
    if (room.length < block.length) room = Buffer.allocUnsafeSlow(block.length);
    const bytes = text.read(block as Block, room);
    if (bytes.length !== block.length) throw new Error('the text of the segment has been cut');
    return bytes;
  } finally {
    text.close();
  }
}
