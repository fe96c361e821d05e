/**
 * A run of entries in one file, read by block: by id and by position. Blocks are the unit of reading, so nothing here holds
 * more than one of them and what is asked for. Where the bytes come from is the concern of the kinds of segment.
 */
import type { Entry } from '../../entry/entry.ts';
import { ID_NONE, isId } from '../../entry/id.ts';
import type { Block, ClientTotal } from './block-index.ts';
import { entryAround, readEntry, readHead, readId, splitEntries } from './head.ts';

/** So many ids of one block are looked for one by one; of more, the whole block is gone through. */
const FEW_IDS = 4;

/** What is known of a segment without reading it. */
export interface SegmentSummary {
  readonly entryCount: number;
  /** Entries by index in LEVELS. */
  readonly levelTotals: readonly number[];
  /** The first id in the text, of whatever version; undefined: it is empty. */
  readonly firstId: string | undefined;
  /** The span of ids that rise in the order of the file: UUIDv7; undefined: there are none. */
  readonly sortedFirstId: string | undefined;
  readonly lastId: string | undefined;
  /** Entries whose ids do not rise stand in it: made by another program, or by hand. */
  readonly hasUnsorted: boolean;
  /** Lowest and highest event time. */
  readonly timeRange: { readonly minMs: number; readonly maxMs: number } | undefined;
}

let segmentCount = 0;

export abstract class Segment {
  /** Tells it from all others of this run. */
  readonly number = segmentCount++;
  abstract readonly summary: SegmentSummary;

  /** In the order of the file. */
  abstract blocks(): Promise<readonly Block[]>;

  /** The text of a block; shorter or empty where the file does not hold it any more. */
  abstract read(block: Block): Promise<Buffer>;

  abstract clientTotals(): Promise<ReadonlyMap<string, ClientTotal>>;

  /** Lets go of files. */
  abstract close(): Promise<void>;

  /** Whether an entry of that id can be here. */
  mayHold(id: string): boolean {
    const { sortedFirstId, lastId, hasUnsorted } = this.summary;
    if (hasUnsorted) return true;
    return sortedFirstId !== undefined && lastId !== undefined && id >= sortedFirstId && id <= lastId;
  }

  /** The entries of these ids, as far as they are here. Each block is read at most once. */
  async find(ids: Iterable<string>): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    const possible = [...ids].filter((id) => this.mayHold(id));
    if (possible.length === 0) return found;
    const blocks = await this.blocks();
    const byBlock = new Map<Block, string[]>();
    const elsewhere = new Set<string>();
    for (const id of possible) {
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
    if (!this.summary.hasUnsorted) return found;
    for (const block of blocks) {
      if (elsewhere.size === 0) break;
      if (!block.isSorted) findAllInText(await this.read(block), elsewhere, found);
    }
    return found;
  }

  /** The entries behind an id, in the order of the file; all of them when the id sorts before all. */
  async after(id: string, { countMax, bytesMax }: { countMax: number; bytesMax: number }): Promise<EntriesAfter> {
    const blocks = await this.blocks();
    const from = await this.#placeOf(blocks, id);
    const found: Entry[] = [];
    let byteCount = 0;
    for (let at = from.block; at < blocks.length; at++) {
      if (found.length >= countMax || byteCount >= bytesMax) return { entries: found, byteCount, reachedEnd: false };
      const block = blocks[at];
      if (block === undefined) break;
      const bytes = await this.read(block);
      const starts = splitEntries(bytes);
      const skipped = at === from.block ? entriesUpTo(bytes, starts, from) : 0;
      for (let index = skipped; index < starts.length - 1; index++) {
        if (found.length >= countMax || byteCount >= bytesMax) return { entries: found, byteCount, reachedEnd: false };
        const start = starts[index] ?? 0;
        const end = starts[index + 1] ?? bytes.length;
        const head = readHead(bytes, start);
        if (head) found.push(readEntry(bytes, head, end));
        byteCount += end - start;
      }
    }
    return { entries: found, byteCount, reachedEnd: true };
  }

  /** The block in which what follows an id begins, and how to find the place in it. */
  async #placeOf(blocks: readonly Block[], id: string): Promise<Place> {
    if (id === ID_NONE) return { block: 0, after: 'start' };
    const block = findSorted(blocks, id);
    if (block === undefined && this.summary.hasUnsorted) {
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

export interface EntriesAfter {
  readonly entries: readonly Entry[];
  /** Of their text. */
  readonly byteCount: number;
  /** The segment holds no more behind them. */
  readonly reachedEnd: boolean;
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
