/**
 * The digests of a segment's blocks as far as they are made, while its text stands as it is. They are made in the background
 * once somebody searches; a block without one is searched as text, and gets one at the latest when it is sealed.
 */
import type { Block, BlockIndex } from './block-index.ts';
import type { BlockDigest, SegmentDigests, Shape, ShapeBook } from './digest.ts';
import { LETTER_GRAM_WORDS } from './letter-grams.ts';
import type { DigestedSegment, Packer } from './packer.ts';

export class DigestKeeper implements SegmentDigests {
  /** Of the first blocks, without a gap. */
  readonly digests: BlockDigest[] = [];
  readonly #shapes: Shape[] = [];
  #letterMasks: Uint32Array = new Uint32Array(0);
  #letterGrams: Uint32Array = new Uint32Array(LETTER_GRAM_WORDS);
  readonly #packer: Packer;
  readonly #folder: string;
  #askedCount = 0;
  #hasFailed = false;

  constructor({ folder, packer }: { folder: string; packer: Packer }) {
    this.#folder = folder;
    this.#packer = packer;
  }

  get book(): ShapeBook {
    return { shapes: this.#shapes, letterMasks: this.#letterMasks, letterGrams: this.#letterGrams };
  }

  /** Asks for the digests of blocks that are complete and have none yet. */
  update(index: BlockIndex): void {
    const first = index.complete[0];
    if (this.#hasFailed || first === undefined) return;
    const place = { folder: this.#folder, segmentId: first.firstId, firstAt: first.offset };
    const keeper = this;
    const segment: DigestedSegment = {
      place,
      clientNames: index.clientNames,
      get book() {
        return keeper.book;
      },
    };
    for (; this.#askedCount < index.complete.length; this.#askedCount++) {
      const block = index.complete[this.#askedCount];
      if (block) void this.#digest(segment, block);
    }
  }

  async #digest(segment: DigestedSegment, block: Block): Promise<void> {
    try {
      const { digest, newShapes, letterMasks, letterGrams } = await this.#packer.digest(segment, block);
      if (this.#hasFailed) return;
      for (const shape of newShapes) this.#shapes.push(shape);
      this.#letterMasks = letterMasks;
      this.#letterGrams = letterGrams;
      this.digests.push(digest);
    } catch {
      // The text is searched without: slower, with the same result. Sealing reads it again, and reports what is wrong.
      this.#hasFailed = true;
    }
  }
}
