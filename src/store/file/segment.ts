/**
 * A run of entries in one file, read through its block index: by id, by position, by block. Blocks are the unit of
 * reading, so nothing here holds more than one of them and what is asked for.
 */
import type { Entry } from '../../entry/entry.ts';
import { ID_NONE, isId } from '../../entry/id.ts';
import type { Block, BlockIndex } from './block-index.ts';
import type { ByteSource } from './byte-source.ts';
import type { SegmentDigests } from './digest.ts';
import { entryAround, readEntry, readHead, readId, splitEntries } from './head.ts';
import { AFTER_BYTES_MAX } from './limits.ts';

/** So many ids of one block are looked for one by one; of more, the whole block is gone through. */
const FEW_IDS = 4;

export interface SegmentOptions {
  readonly path: string;
  readonly index: BlockIndex;
  readonly source: ByteSource;
  readonly digests?: SegmentDigests | undefined;
}

export class Segment {
  /** Where search workers read it. */
  readonly path: string;
  readonly index: BlockIndex;
  /** Undefined: blocks are known by their text alone. */
  readonly digests: SegmentDigests | undefined;
  readonly #source: ByteSource;

  constructor({ path, index, source, digests }: SegmentOptions) {
    this.path = path;
    this.index = index;
    this.digests = digests;
    this.#source = source;
  }

  /** The entries of these ids, as far as they are here. Each block is read at most once. */
  async find(ids: Iterable<string>): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    const blocks = this.index.blocks;
    const byBlock = new Map<Block, string[]>();
    const elsewhere = new Set<string>();
    for (const id of ids) {
      const block = isId(id) ? findSorted(blocks, id) : undefined;
      if (block === undefined) elsewhere.add(id);
      else if (byBlock.get(block)?.push(id) === undefined) byBlock.set(block, [id]);
    }
    for (const [block, wanted] of byBlock) {
      const bytes = await this.read(block);
      if (wanted.length > FEW_IDS) findAllInText(bytes, new Set(wanted), found);
      for (const id of wanted) {
        const entry = found.get(id) ?? findInText(bytes, id);
        if (entry) found.set(id, entry);
        else elsewhere.add(id);
      }
    }
    if (!this.index.hasUnsorted) return found;
    for (const block of blocks) {
      if (elsewhere.size === 0) break;
      if (!block.isSorted) findAllInText(await this.read(block), elsewhere, found);
    }
    return found;
  }

  /** The entries behind an id, in the order of the file. */
  async after(id: string, limit: number): Promise<Entry[]> {
    const blocks = this.index.blocks;
    const from = await this.#placeOf(blocks, id);
    const found: Entry[] = [];
    let byteCount = 0;
    for (let at = from.block; at < blocks.length && found.length < limit && byteCount < AFTER_BYTES_MAX; at++) {
      const block = blocks[at];
      if (block === undefined) break;
      const bytes = await this.read(block);
      const starts = splitEntries(bytes);
      const skipped = at === from.block ? entriesUpTo(bytes, starts, from) : 0;
      for (let index = skipped; index < starts.length - 1 && found.length < limit; index++) {
        const start = starts[index] ?? 0;
        const end = starts[index + 1] ?? bytes.length;
        const head = readHead(bytes, start);
        if (head) found.push(readEntry(bytes, head, end));
        byteCount += end - start;
        if (byteCount >= AFTER_BYTES_MAX) break;
      }
    }
    return found;
  }

  read(block: Block): Promise<Buffer> {
    return this.#source.read(block.offset, block.length);
  }

  /** The block in which what follows an id begins, and how to find the place in it. */
  async #placeOf(blocks: readonly Block[], id: string): Promise<Place> {
    if (id === ID_NONE) return { block: 0, after: 'start' };
    const block = findSorted(blocks, id);
    if (block === undefined && this.index.hasUnsorted) {
      for (const [at, candidate] of blocks.entries()) {
        if (!candidate.isSorted && findInText(await this.read(candidate), id)) {
          return { block: at, after: 'entry', id };
        }
      }
    }
    const at = block ? blocks.indexOf(block) : blocks.findIndex(({ isSorted, firstId }) => isSorted && firstId > id);
    return { block: at === -1 ? blocks.length : at, after: 'greater', id };
  }
}

type Place =
  | { readonly block: number; readonly after: 'start' }
  /** Behind the entry of that id. */
  | { readonly block: number; readonly after: 'entry'; readonly id: string }
  /** Behind all ids that are not greater. */
  | { readonly block: number; readonly after: 'greater'; readonly id: string };

/** How many entries of a block lie before a place. */
function entriesUpTo(bytes: Buffer, starts: readonly number[], place: Place): number {
  if (place.after === 'start') return 0;
  for (let index = 0; index < starts.length - 1; index++) {
    const head = readHead(bytes, starts[index] ?? 0);
    if (!head) continue;
    const id = readId(bytes, head.idAt);
    if (place.after === 'entry' && id === place.id) return index + 1;
    if (place.after === 'greater' && id > place.id) return index;
  }
  return starts.length - 1;
}

/** The sorted block whose span of ids holds that id. Unsorted blocks stand between sorted ones only after tampering. */
function findSorted(blocks: readonly Block[], id: string): Block | undefined {
  let from = 0;
  let to = blocks.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const block = nextSorted(blocks, middle, to);
    if (block === undefined || block.firstId > id) to = middle;
    else if (block.lastId < id) from = blocks.indexOf(block, middle) + 1;
    else return block;
  }
  return undefined;
}

function nextSorted(blocks: readonly Block[], from: number, to: number): Block | undefined {
  for (let at = from; at < to; at++) {
    const block = blocks[at];
    if (block?.isSorted) return block;
  }
  return undefined;
}

/** Looks at each entry of a text; what is found is taken out of `wanted`. */
function findAllInText(bytes: Buffer, wanted: Set<string>, found: Map<string, Entry>): void {
  const starts = splitEntries(bytes);
  for (let index = 0; index < starts.length - 1; index++) {
    const head = readHead(bytes, starts[index] ?? 0);
    if (head === undefined || !wanted.delete(readId(bytes, head.idAt))) continue;
    const entry = readEntry(bytes, head, starts[index + 1] ?? bytes.length);
    found.set(entry.id, entry);
  }
}

/** The entry of an id in a text of whole entries. */
function findInText(bytes: Buffer, id: string): Entry | undefined {
  const mark = Buffer.from(`] - [ID:${id}] - `);
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    const [start, end] = entryAround(bytes, at);
    const head = readHead(bytes, start);
    // A message may hold the same text.
    if (head && readId(bytes, head.idAt) === id) return readEntry(bytes, head, end);
  }
  return undefined;
}
