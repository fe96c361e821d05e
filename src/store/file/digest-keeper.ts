/**
 * The digests of a segment's blocks as far as they are made, while its text stands as it is. They are made in the background,
 * block by block; a block without one is searched as text.
 */
import type { Block, BlockIndex } from './block-index.ts';
import type { BlockDigest, SegmentDigests, Shape, ShapeBook } from './digest.ts';
import { LETTER_GRAM_WORDS } from './letter-grams.ts';
import type { Packer } from './packer.ts';
import type { SegmentPlace } from './segment-text.ts';

export class DigestKeeper implements SegmentDigests, ShapeBook {
  /** Of the first blocks, without a gap. */
  readonly digests: BlockDigest[] = [];
  readonly shapes: Shape[] = [];
  letterMasks: Uint32Array = new Uint32Array(0);
  letterGrams: Uint32Array = new Uint32Array(LETTER_GRAM_WORDS);
  readonly #packer: Packer;
  readonly #folder: string;
  readonly #generation: number;
  #askedCount = 0;
  #hasFailed = false;

  constructor({ folder, packer }: { folder: string; packer: Packer }) {
    this.#folder = folder;
    this.#packer = packer;
    this.#generation = packer.generation;
  }

  get book(): ShapeBook {
    return this;
  }

  /** Asks for the digests of blocks that are complete and have none yet. */
  update(index: BlockIndex): void {
    const first = index.complete[0];
    if (this.#hasFailed || first === undefined) return;
    const place: SegmentPlace = { folder: this.#folder, segmentId: first.firstId, firstAt: first.offset };
    for (; this.#askedCount < index.complete.length; this.#askedCount++) {
      const block = index.complete[this.#askedCount];
      if (block) void this.#digest(place, block, index.clientNames);
    }
  }

  async #digest(place: SegmentPlace, block: Block, clientNames: readonly string[]): Promise<void> {
    try {
      const { digest, newShapes, letterMasks, letterGrams } = await this.#packer.digest(place, block, clientNames);
      if (this.#hasFailed || this.#packer.generation !== this.#generation) return this.#giveUp();
      for (const shape of newShapes) this.shapes.push(shape);
      this.letterMasks = letterMasks;
      this.letterGrams = letterGrams;
      this.digests.push(digest);
    } catch {
      // The text is searched without: slower, with the same result. Sealing reads it again, and reports what is wrong.
      this.#giveUp();
    }
  }

  #giveUp(): void {
    this.#hasFailed = true;
  }
}
