/**
 * What is known of a segment's text by block of about BLOCK_BYTES: where it is, its times, its levels, its clients.
 * A block ends where an entry ends. Filled while entries are appended, or from a scan of the text.
 */
import type { Batch } from '../../entry/batch.ts';
import { ID_LENGTH, idTimeMs } from '../../entry/id.ts';
import { LEVELS } from '../../entry/level.ts';
import { BLOCK_BYTES } from './limits.ts';
import type { FrameSpan } from './zstd.ts';

export interface Block {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  readonly firstId: string;
  readonly lastId: string;
  /** Its ids rise strictly and are greater than those of every sorted block before it. */
  readonly isSorted: boolean;
  /** Event times. */
  readonly minMs: number;
  readonly maxMs: number;
  /** By index in LEVELS. */
  readonly counts: readonly number[];
  /** Indexes of the clients that have entries in it, rising. */
  readonly clients: readonly number[];
  /** In a sealed segment: the frame that holds it. */
  readonly frame?: FrameSpan | undefined;
}

/** What a block holds of one client. */
export interface ClientShare {
  readonly client: number;
  /** Time of receipt of its newest entry. */
  readonly lastSeenMs: number;
  /** By index in LEVELS. */
  readonly counts: readonly number[];
}

export interface ClientTotal {
  lastSeenMs: number;
  readonly counts: number[];
}

export interface BlockWithShares {
  readonly block: Block;
  readonly shares: readonly ClientShare[];
}

/** An entry as a scan finds it. */
export interface ScannedEntry {
  readonly offset: number;
  readonly length: number;
  readonly id: string;
  readonly timeMs: number;
  readonly level: number;
  readonly clientId: string;
}

interface OpenBlock {
  offset: number;
  length: number;
  count: number;
  firstId: string;
  lastId: string;
  isSorted: boolean;
  minMs: number;
  maxMs: number;
  readonly counts: number[];
  readonly shares: Map<number, { lastSeenMs: number; readonly counts: number[] }>;
}

export class BlockIndex {
  /** Without the block that is still growing. */
  readonly complete: Block[] = [];
  readonly clientNames: string[] = [];
  entryCount = 0;
  /** By index in LEVELS. */
  readonly levelTotals: number[] = LEVELS.map(() => 0);
  /** The greatest UUIDv7 of the segment. */
  lastId: string | undefined;
  /** The first id in the segment's text, of whatever version. */
  firstId: string | undefined;
  hasUnsorted = false;
  readonly #clientIndex = new Map<string, number>();
  readonly #totals: ClientTotal[] = [];
  readonly #onComplete: (block: BlockWithShares) => void;
  #growing: OpenBlock | undefined;

  readonly #blockBytes: number;

  /** @param onComplete told of each block that grows no more */
  constructor(onComplete: (block: BlockWithShares) => void, blockBytes = BLOCK_BYTES) {
    this.#onComplete = onComplete;
    this.#blockBytes = blockBytes;
  }

  /** All blocks; the last may still grow. */
  get blocks(): Block[] {
    return this.#growing ? [...this.complete, toBlock(this.#growing)] : this.complete;
  }

  /** The block that still grows, as it is now. */
  get growing(): Block | undefined {
    return this.#growing && toBlock(this.#growing);
  }

  /** Bytes from the segment's start that are in blocks. */
  get end(): number {
    const last = this.#growing ?? this.complete.at(-1);
    return last ? last.offset + last.length : 0;
  }

  /** The least UUIDv7 that is found by its order. */
  get sortedFirstId(): string | undefined {
    const sorted = this.complete.find(({ isSorted }) => isSorted);
    if (sorted) return sorted.firstId;
    return this.#growing?.isSorted ? this.#growing.firstId : undefined;
  }

  get timeRange(): { minMs: number; maxMs: number } | undefined {
    let range: { minMs: number; maxMs: number } | undefined;
    for (const { minMs, maxMs } of this.blocks) {
      range = range ? { minMs: Math.min(range.minMs, minMs), maxMs: Math.max(range.maxMs, maxMs) } : { minMs, maxMs };
    }
    return range;
  }

  clientNumber(clientId: string): number {
    let client = this.#clientIndex.get(clientId);
    if (client === undefined) {
      client = this.clientNames.push(clientId) - 1;
      this.#clientIndex.set(clientId, client);
    }
    return client;
  }

  *clientTotals(): Generator<[string, ClientTotal]> {
    for (const [client, total] of this.#totals.entries()) yield [this.clientNames[client] ?? '', total];
  }

  /** Takes a block that was known from an earlier run. Its clients are already numbered. */
  restore({ block, shares }: BlockWithShares): void {
    this.complete.push(block);
    this.entryCount += block.count;
    for (const [level, count] of block.counts.entries()) this.#addToLevel(level, count);
    this.firstId ??= block.firstId;
    if (block.isSorted) this.lastId = block.lastId;
    else this.hasUnsorted = true;
    for (const share of shares) this.#addToTotal(share);
  }

  /** Takes entries that were appended at an offset, from what their batch knows of them. Their ids are filled in. */
  addBatch(batch: Batch, offset: number): void {
    if (batch.count === 0) return;
    const clients = batch.clients.map((clientId) => this.clientNumber(clientId));
    const lastSeenMs = idTimeMs(idAt(batch, batch.count - 1));
    let block: OpenBlock | undefined;
    let rows: (number[] | undefined)[] = [];
    for (let index = 0; index < batch.count; index++) {
      const start = batch.starts[index] ?? 0;
      if (block === undefined || block.length >= this.#blockBytes) {
        if (block) block.lastId = idAt(batch, index - 1);
        block = this.#blockFor(offset + start, idAt(batch, index));
        rows = [];
      }
      const timeMs = batch.timesMs[index] ?? 0;
      const level = batch.levels[index] ?? 0;
      const clientOf = batch.clientOf[index] ?? 0;
      let row = rows[clientOf];
      if (row === undefined) {
        row = shareRow(block, clients[clientOf] ?? 0, lastSeenMs);
        rows[clientOf] = row;
      }
      block.length += (batch.starts[index + 1] ?? 0) - start;
      block.count++;
      if (timeMs < block.minMs) block.minMs = timeMs;
      if (timeMs > block.maxMs) block.maxMs = timeMs;
      block.counts[level] = (block.counts[level] ?? 0) + 1;
      row[level] = (row[level] ?? 0) + 1;
      this.#addToLevel(level, 1);
    }
    const lastId = idAt(batch, batch.count - 1);
    if (block) block.lastId = lastId;
    this.lastId = lastId;
    this.entryCount += batch.count;
  }

  /** Takes an entry that a scan found. */
  addScanned({ offset, length, id, timeMs, level, clientId }: ScannedEntry): void {
    const block = this.#blockFor(offset, id);
    const isOurs = id[14] === '7' && (this.lastId === undefined || id > this.lastId);
    if (isOurs) this.lastId = id;
    else {
      block.isSorted = false;
      this.hasUnsorted = true;
    }
    const row = shareRow(block, this.clientNumber(clientId), id[14] === '7' ? idTimeMs(id) : timeMs);
    block.lastId = id;
    block.length = offset + length - block.offset;
    block.count++;
    block.minMs = Math.min(block.minMs, timeMs);
    block.maxMs = Math.max(block.maxMs, timeMs);
    block.counts[level] = (block.counts[level] ?? 0) + 1;
    row[level] = (row[level] ?? 0) + 1;
    this.#addToLevel(level, 1);
    this.entryCount++;
  }

  /** Ends the growing block when its ids are not in order, so that what is appended from now on is found by its order. */
  separate(): void {
    if (this.#growing && !this.#growing.isSorted) this.#complete(this.#growing);
  }

  /** Ends the growing block: the segment takes no more entries, or the next ones stand in another frame. */
  endBlock(): void {
    if (this.#growing) this.#complete(this.#growing);
  }

  /** The growing block, or a fresh one when it is full. */
  #blockFor(offset: number, firstId: string): OpenBlock {
    if (this.#growing && this.#growing.length >= this.#blockBytes) this.#complete(this.#growing);
    this.firstId ??= firstId;
    this.#growing ??= {
      offset,
      length: 0,
      count: 0,
      firstId,
      lastId: firstId,
      isSorted: true,
      minMs: Number.POSITIVE_INFINITY,
      maxMs: Number.NEGATIVE_INFINITY,
      counts: LEVELS.map(() => 0),
      shares: new Map(),
    };
    return this.#growing;
  }

  #complete(growing: OpenBlock): void {
    this.#growing = undefined;
    const block = toBlock(growing);
    const shares = [...growing.shares].map(([client, { lastSeenMs, counts }]) => ({ client, lastSeenMs, counts }));
    this.complete.push(block);
    for (const share of shares) this.#addToTotal(share);
    this.#onComplete({ block, shares });
  }

  /** Totals of complete blocks and of the one that grows. */
  totalsNow(): Map<string, ClientTotal> {
    const totals = new Map<string, ClientTotal>();
    for (const [clientId, { lastSeenMs, counts }] of this.clientTotals()) {
      totals.set(clientId, { lastSeenMs, counts: [...counts] });
    }
    for (const [client, share] of this.#growing?.shares ?? []) {
      const clientId = this.clientNames[client] ?? '';
      const total = totals.get(clientId) ?? { lastSeenMs: 0, counts: LEVELS.map(() => 0) };
      addShare(total, share);
      totals.set(clientId, total);
    }
    return totals;
  }

  #addToLevel(level: number, count: number): void {
    this.levelTotals[level] = (this.levelTotals[level] ?? 0) + count;
  }

  #addToTotal({ client, lastSeenMs, counts }: ClientShare): void {
    while (this.#totals.length <= client) this.#totals.push({ lastSeenMs: 0, counts: LEVELS.map(() => 0) });
    const total = this.#totals[client];
    if (total) addShare(total, { lastSeenMs, counts });
  }
}

function addShare(
  total: ClientTotal,
  share: { readonly lastSeenMs: number; readonly counts: readonly number[] },
): void {
  total.lastSeenMs = Math.max(total.lastSeenMs, share.lastSeenMs);
  for (const [level, count] of share.counts.entries()) total.counts[level] = (total.counts[level] ?? 0) + count;
}

function toBlock({ shares, ...block }: OpenBlock): Block {
  return { ...block, counts: [...block.counts], clients: [...shares.keys()].sort((a, b) => a - b) };
}

function shareRow(block: OpenBlock, client: number, lastSeenMs: number): number[] {
  let share = block.shares.get(client);
  if (share === undefined) {
    share = { lastSeenMs, counts: LEVELS.map(() => 0) };
    block.shares.set(client, share);
  }
  if (lastSeenMs > share.lastSeenMs) share.lastSeenMs = lastSeenMs;
  return share.counts;
}

function idAt(batch: Batch, index: number): string {
  const at = batch.idAt[index] ?? 0;
  return Buffer.from(batch.text.buffer, batch.text.byteOffset + at, ID_LENGTH).toString('latin1');
}
