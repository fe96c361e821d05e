/**
 * What the packing thread does, block by block: digests of a segment's blocks, frames of its text, and at last its index.
 * Digests are made while a segment is active and kept until its index is written; any that are missing are made then.
 */
import type { Block } from './block-index.ts';
import type { BlockDigest, Shape } from './digest.ts';
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

export type IndexRequest = Omit<SealedIndex, 'book' | 'digests'> & { readonly clientNames: readonly string[] };

export class Packing {
  readonly #segments = new Map<string, SegmentDigests>();

  /** @throws Error when the segment is gone or cannot be read */
  digest(place: SegmentPlace, block: Block, clientNames: readonly string[]): Digested {
    const digests = this.#digestsOf(place);
    return digests.add(block, readBlock(place, block), clientNames);
  }

  /** The frame of a block, read back and compared: what it was packed from is deleted some day. */
  pack(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Buffer {
    const text = readBlock(place, block);
    const frame = packText(text);
    if (!unpackText(frame, text.length).equals(text)) throw new Error('a frame does not hold what was packed');
    return frame;
  }

  index(place: SegmentPlace, { clientNames, ...known }: IndexRequest): Buffer {
    const digests = this.#digestsOf(place);
    for (const block of known.blocks) {
      if (!digests.byOffset.has(block.offset)) digests.add(block, readBlock(place, block), clientNames);
    }
    const bytes = encodeSealedIndex({
      ...known,
      book: digests.builder.book,
      digests: known.blocks.map(({ offset }) => digests.byOffset.get(offset) as BlockDigest),
    });
    this.#segments.delete(place.segmentId);
    return bytes;
  }

  #digestsOf({ segmentId }: SegmentPlace): SegmentDigests {
    const known = this.#segments.get(segmentId) ?? new SegmentDigests();
    this.#segments.set(segmentId, known);
    return known;
  }
}

class SegmentDigests {
  readonly byOffset = new Map<number, BlockDigest>();
  readonly builder: DigestBuilder;
  readonly #clients = new Map<string, number>();
  #toldShapes = 0;

  constructor() {
    const clientNumber = (clientId: string) => {
      const client = this.#clients.get(clientId);
      if (client === undefined) throw new Error('BUG: a block has a client that its index does not name');
      return client;
    };
    this.builder = new DigestBuilder({ clientNumber });
  }

  add(block: Block, bytes: Buffer, clientNames: readonly string[]): Digested {
    for (let client = this.#clients.size; client < clientNames.length; client++) {
      this.#clients.set(clientNames[client] ?? '', client);
    }
    const digest = this.builder.digest(bytes);
    this.byOffset.set(block.offset, digest);
    const { shapes, letterMasks, letterGrams } = this.builder.book;
    const newShapes = shapes.slice(this.#toldShapes);
    this.#toldShapes = shapes.length;
    return { digest, newShapes, letterMasks: Uint32Array.from(letterMasks), letterGrams: letterGrams.slice() };
  }
}

function readBlock(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Buffer {
  const text = openSegmentText(place);
  if (text === undefined) throw new Error('the text of the segment is gone');
  try {
    const bytes = text.read(block as Block);
    if (bytes.length !== block.length) throw new Error('the text of the segment has been cut');
    return bytes;
  } finally {
    text.close();
  }
}
