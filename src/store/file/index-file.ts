/**
 * The index beside a segment: its complete blocks, appended as they fill. It may be deleted or damaged at any time:
 * what it does not say is scanned again at the next start.
 */
import type { AppendFile, Files } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import type { Block, BlockIndex, BlockWithShares, ClientShare } from './block-index.ts';
import { encodeHeader, encodeRecord, readHeader, readRecords } from './record.ts';

const KIND = 'index';
const VERSION = 1;

export interface IndexFile {
  readonly size: number;
  /** Writes it behind the others, soon; what fails is tried again with the next. */
  add(block: BlockWithShares): void;
  /** Takes away what does not count, lest a later start believe it. */
  trim(): void;
  /** Writes what was added, as far as it can. */
  close(): Promise<void>;
}

interface BlockRecord extends Omit<Block, 'clients'> {
  /** Of each client: its number, when it was last seen, its counts by level. */
  readonly shares: readonly (readonly [number, number, readonly number[]])[];
  /** Clients that get the next numbers. */
  readonly newClients?: readonly string[];
}

/**
 * Fills an empty index from the bytes of an index file, as far as they are right and lie within the segment.
 * @returns the bytes of the file that count
 */
export function loadIndex(bytes: Buffer, index: BlockIndex, segmentSize: number): number {
  const header = readHeader(bytes, KIND, VERSION);
  if (header.kind !== 'known') return 0;
  let end = header.end;
  for (const record of readRecords(bytes, header.end)) {
    const { shares, newClients = [], ...block } = record.value as BlockRecord;
    const isNext = index.complete.length === 0 || block.offset === index.end;
    if (!isNext || block.offset + block.length > segmentSize) break;
    for (const name of newClients) index.clientNumber(name);
    index.restore({
      block: { ...block, clients: shares.map(([client]) => client).sort((a, b) => a - b) },
      shares: shares.map(([client, lastSeenMs, counts]) => ({ client, lastSeenMs, counts })),
    });
    end = record.end;
  }
  return end;
}

export interface IndexFileOptions {
  readonly files: Files;
  readonly path: string;
  readonly reporter: Reporter;
  /** Names by number, as the index has them. */
  readonly clientNames: readonly string[];
  /** What `loadIndex` returned; 0: the file is begun anew. */
  readonly keptBytes: number;
  /** Clients named in those bytes. */
  readonly keptClients: number;
}

/** Never throws: without the file the store works, and starts more slowly. */
export function createIndexFile({
  files,
  path,
  reporter,
  clientNames,
  keptBytes,
  keptClients,
}: IndexFileOptions): IndexFile {
  let file: AppendFile | undefined;
  let goodSize = keptBytes;
  let namedClients = keptClients;
  let waiting: BlockWithShares[] = [];
  let work: Promise<void> = Promise.resolve();
  let hasFailed = false;

  async function writeWaiting(): Promise<void> {
    const blocks = waiting;
    let named = namedClients;
    const parts = blocks.map((block) => {
      const highest = block.shares.reduce((most, { client }) => Math.max(most, client), -1);
      const newClients = clientNames.slice(named, Math.max(named, highest + 1));
      named += newClients.length;
      return encodeRecord(toRecord(block, newClients));
    });
    try {
      file ??= await files.openAppend(path);
      // Also takes away what an earlier failure, or an earlier run, left half written.
      if (file.size !== goodSize) await file.truncate(goodSize);
      const header = goodSize === 0 && blocks.length > 0 ? encodeHeader(KIND, VERSION) : '';
      if (blocks.length > 0) await file.append(Buffer.from(header + parts.join('')));
      goodSize = file.size;
      namedClients = named;
      waiting = waiting.slice(blocks.length);
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) reportFailure(error);
      hasFailed = true;
    }
  }

  function reportFailure(error: unknown): void {
    reporter({
      severity: 'warning',
      event: 'index-not-written',
      message: `cannot write the index beside the log (${error instanceof Error ? error.message : String(error)}); the next start takes longer`,
    });
  }

  return {
    get size() {
      return goodSize;
    },
    add(block) {
      waiting.push(block);
      work = work.then(writeWaiting);
    },
    trim() {
      work = work.then(writeWaiting);
    },
    async close() {
      await work;
      await file?.close();
    },
  };
}

function toRecord({ block, shares }: BlockWithShares, newClients: readonly string[]): BlockRecord {
  const { clients: _, ...rest } = block;
  return { ...rest, shares: shares.map(toShareRecord), ...(newClients.length > 0 ? { newClients } : {}) };
}

function toShareRecord({ client, lastSeenMs, counts }: ClientShare): readonly [number, number, readonly number[]] {
  return [client, lastSeenMs, counts];
}
