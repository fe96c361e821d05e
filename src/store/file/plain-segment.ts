/**
 * A segment whose text stands as it is: the active one, one that waits to be sealed, entries kept beyond retention.
 */
import type { Block, BlockIndex, ClientTotal } from './block-index.ts';
import type { ByteSource } from './byte-source.ts';
import { Segment, type SegmentSummary } from './segment.ts';
import type { SegmentDigests } from './segment-digests.ts';

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
  digests: SegmentDigests | undefined;
  readonly #source: PlainSegmentOptions['source'];

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

  read(block: Block): Promise<Buffer> {
    return this.#source.read(block.offset, block.length);
  }

  async clientTotals(): Promise<ReadonlyMap<string, ClientTotal>> {
    return this.index.totalsNow();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
