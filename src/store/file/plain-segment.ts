/**
 * A segment whose text stands as it is: the active one, one that waits to be sealed, entries kept beyond retention.
 */
import { hasCode } from '../../system/files.ts';
import type { Block, BlockIndex, ClientTotal } from './block-index.ts';
import type { ByteSource } from './byte-source.ts';
import type { DigestKeeper } from './digest-keeper.ts';
import { Segment, type SegmentSummary } from './segment.ts';

export interface PlainSegmentOptions {
  readonly index: BlockIndex;
  readonly source: ByteSource & { close(): Promise<void> };
  /** The whole text, when it is in no file. */
  readonly text?: Buffer | undefined;
}

export class PlainSegment extends Segment {
  readonly index: BlockIndex;
  /** The whole text, when it is in no file. */
  readonly text: Buffer | undefined;
  /** Of its complete blocks, as far as they are made. */
  digests: DigestKeeper | undefined;
  readonly #source: PlainSegmentOptions['source'];
  #successor: Segment | undefined;

  constructor({ index, source, text }: PlainSegmentOptions) {
    super();
    this.index = index;
    this.text = text;
    this.#source = source;
  }

  get summary(): SegmentSummary {
    return this.index;
  }

  async blocks(): Promise<readonly Block[]> {
    return this.index.blocks;
  }

  async read(block: Block): Promise<Buffer> {
    if (this.#successor) return readSameBlock(this.#successor, block);
    try {
      return await this.#source.read(block.offset, block.length);
    } catch (error) {
      // Sealed between the two steps.
      if (this.#successor && hasCode(error, 'EBADF')) return readSameBlock(this.#successor, block);
      throw error;
    }
  }

  /** Lets go of the file; whoever still walks this segment reads from the sealed one. */
  async supersede(successor: Segment): Promise<void> {
    this.#successor = successor;
    await this.#source.close();
  }

  async clientTotals(): Promise<ReadonlyMap<string, ClientTotal>> {
    return this.index.totalsNow();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

/** Blocks stay the same when they are sealed. */
async function readSameBlock(segment: Segment, { offset }: Block): Promise<Buffer> {
  const block = (await segment.blocks()).find((same) => same.offset === offset);
  return block ? segment.read(block) : Buffer.alloc(0);
}
