/**
 * The form of the index beside a sealed segment: all that is known of it, so that a start reads no text and a search only
 * the blocks that matter. Rebuilt from the text when it is missing, damaged or of an older version.
 *
 *   logd segment 1
 *   {"packedBytes":…,"textBytes":…,…,"sections":{"blocks":[at,length],…},"crc":…}     a record, see record.ts
 *   the sections, each packed by zstd, `at` counted from the end of that line; `crc` is of all of them
 */
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Block, BlockIndex, ClientTotal } from './block-index.ts';
import type { BlockDigest, Shape, ShapeBook } from './digest.ts';
import { NumberReader, NumberWriter } from './numbers.ts';
import { encodeHeader, encodeRecord, readHeader, readRecords } from './record.ts';
import type { SegmentSummary } from './segment.ts';

const KIND = 'segment';
const VERSION = 1;
/** Sections are rarely larger, so they are unpacked in one piece. */
const SECTION_BYTES = 256 * 1024;

export interface SealedSummary extends SegmentSummary {
  /** Bytes of the sealed text, and of what it unpacks to. */
  readonly packedBytes: number;
  readonly textBytes: number;
  readonly blockCount: number;
}

/** What is read of an index only when it is asked for. */
export interface SealedIndex {
  readonly summary: SealedSummary;
  readonly blocks: readonly Block[];
  readonly clients: readonly (readonly [string, ClientTotal])[];
  readonly book: ShapeBook;
  /** By block. */
  readonly digests: readonly BlockDigest[];
}

type SectionName = 'blocks' | 'clients' | 'book' | 'digests';

interface HeadRecord extends SealedSummary {
  readonly sections: Readonly<Record<SectionName, readonly [at: number, length: number]>>;
  readonly crc: number;
}

export function encodeSealedIndex({ summary, blocks, clients, book, digests }: SealedIndex): Buffer {
  const packed: Readonly<Record<SectionName, Buffer>> = {
    blocks: zstdCompressSync(JSON.stringify(blocks)),
    clients: zstdCompressSync(JSON.stringify(clients)),
    book: zstdCompressSync(JSON.stringify(bookToJson(book))),
    digests: zstdCompressSync(encodeDigests(digests)),
  };
  const sections: Record<string, readonly [number, number]> = {};
  let at = 0;
  for (const [name, bytes] of Object.entries(packed)) {
    sections[name] = [at, bytes.length];
    at += bytes.length;
  }
  const body = Buffer.concat(Object.values(packed));
  const head = encodeRecord({ ...summary, sections, crc: crc32(body) });
  return Buffer.concat([Buffer.from(encodeHeader(KIND, VERSION) + head), body]);
}

export type SealedIndexRead =
  | { readonly kind: 'whole'; readonly summary: SealedSummary }
  /** Missing parts, damaged, of an older version or of something else: it must be rebuilt. */
  | { readonly kind: 'unusable' }
  | { readonly kind: 'newer'; readonly version: number };

/** Checks an index file as a whole. What is `whole` can be read by the functions below without a fault. */
export function checkSealedIndex(bytes: Buffer): SealedIndexRead {
  const header = readHeader(bytes, KIND, VERSION);
  if (header.kind === 'newer') return header;
  const found = header.kind === 'known' ? readHeadRecord(bytes, header.end) : undefined;
  if (found === undefined || crc32(found.body) !== found.head.crc) return { kind: 'unusable' };
  const { sections: _, crc: __, ...summary } = found.head;
  return { kind: 'whole', summary };
}

/** Reads one section. @throws Error when the bytes are no whole index */
export function readSealedBlocks(bytes: Buffer): Block[] {
  return readSection(bytes, 'blocks', (section) => JSON.parse(section.toString()) as Block[]);
}

export function readSealedClients(bytes: Buffer): [string, ClientTotal][] {
  return readSection(bytes, 'clients', (section) => JSON.parse(section.toString()) as [string, ClientTotal][]);
}

export function readSealedBook(bytes: Buffer): ShapeBook {
  return readSection(bytes, 'book', (section) => bookFromJson(JSON.parse(section.toString()) as BookJson));
}

export function readSealedDigests(bytes: Buffer): BlockDigest[] {
  return readSection(bytes, 'digests', decodeDigests);
}

/** What an index that takes no more entries says of its segment. */
export function summaryOf(
  index: BlockIndex,
  { packedBytes, textBytes }: Pick<SealedSummary, 'packedBytes' | 'textBytes'>,
): SealedSummary {
  const { entryCount, levelTotals, firstId, sortedFirstId, lastId, hasUnsorted, timeRange } = index;
  const blockCount = index.complete.length;
  return {
    packedBytes,
    textBytes,
    blockCount,
    entryCount,
    levelTotals,
    firstId,
    sortedFirstId,
    lastId,
    hasUnsorted,
    timeRange,
  };
}

function readHeadRecord(bytes: Buffer, at: number): { head: HeadRecord; body: Buffer } | undefined {
  for (const { value, end } of readRecords(bytes, at)) return { head: value as HeadRecord, body: bytes.subarray(end) };
  return undefined;
}

/** @param read takes what it needs and keeps nothing of the bytes */
function readSection<Read>(bytes: Buffer, name: SectionName, read: (section: Buffer) => Read): Read {
  const header = readHeader(bytes, KIND, VERSION);
  const found = header.kind === 'known' ? readHeadRecord(bytes, header.end) : undefined;
  if (found === undefined) throw new Error('the index of a sealed segment is damaged');
  const [at, length] = found.head.sections[name];
  const section = zstdDecompressSync(found.body.subarray(at, at + length), { chunkSize: SECTION_BYTES });
  const result = read(section);
  // Of hundreds of indexes that are read one after the other the collector would let most gather.
  if (section.buffer instanceof ArrayBuffer && section.length > 0) section.buffer.transfer(0);
  return result;
}

interface BookJson {
  readonly shapes: readonly (readonly [level: number, hasAttributes: 0 | 1, text: string | null, letterMask: number])[];
  readonly letterGrams: readonly number[];
}

function bookToJson({ shapes, letterMasks, letterGrams }: ShapeBook): BookJson {
  return {
    shapes: shapes.map(({ level, hasAttributes, text }, number) => {
      return [level, hasAttributes ? 1 : 0, text ?? null, letterMasks[number] ?? 0];
    }),
    letterGrams: [...letterGrams],
  };
}

function bookFromJson({ shapes, letterGrams }: BookJson): ShapeBook {
  return {
    shapes: shapes.map(([level, flag, text]): Shape => ({ level, hasAttributes: flag === 1, text: text ?? undefined })),
    letterMasks: Uint32Array.from(shapes, ([, , , letterMask]) => letterMask),
    letterGrams: Uint32Array.from(letterGrams),
  };
}

function encodeDigests(digests: readonly BlockDigest[]): Buffer {
  const writer = new NumberWriter();
  writer.add(digests.length);
  for (const { shapes, shapeCounts, clientCounts, spanMs, spanStartMs, spanCounts } of digests) {
    writer.addAll(stepsOf(shapes));
    writer.addAll(shapeCounts);
    writer.addAll(clientCounts);
    writer.add(spanMs);
    // Times before 1970 too.
    writer.add(spanStartMs < 0 ? 1 : 0);
    writer.add(Math.abs(spanStartMs));
    writer.addAll(spanCounts);
  }
  return writer.finish();
}

function decodeDigests(bytes: Buffer): BlockDigest[] {
  const reader = new NumberReader(bytes);
  return Array.from({ length: reader.next() }, () => {
    const shapes = reader.nextSums();
    const shapeCounts = reader.nextAll();
    const clientCounts = reader.nextAll();
    const spanMs = reader.next();
    const sign = reader.next() === 1 ? -1 : 1;
    return {
      shapes,
      shapeCounts,
      clientCounts,
      spanMs,
      spanStartMs: sign * reader.next(),
      spanCounts: reader.nextAll(),
    };
  });
}

/** Rising numbers as steps, which are small. */
function stepsOf(numbers: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(numbers, (number, index) => number - (index === 0 ? 0 : (numbers[index - 1] ?? 0)));
}
