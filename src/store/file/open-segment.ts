/**
 * Opening a segment whose text stands as it is, at a start: what of it counts, what its index already knows, and the rest by
 * a scan. Of the active one the commit journal says what counts; a rotated one was whole when it was rotated.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../system/clock.ts';
import type { AppendFile, Files } from '../../system/files.ts';
import { giveBack } from '../../system/memory.ts';
import type { Reporter } from '../../system/reporter.ts';
import type { ProducerMark } from '../producers.ts';
import { StoreError } from '../store.ts';
import { BlockIndex, type BlockWithShares } from './block-index.ts';
import { type BoundedBytes, openByteSource } from './byte-source.ts';
import { decodeJournal, type JournalRead } from './commit-journal.ts';
import { createCutKeeper } from './cut-keeper.ts';
import { isDiskFull } from './disk-error.ts';
import { HEAD_BYTES_MAX, readHead, readId } from './head.ts';
import { createIndexFile, type IndexFile, loadIndex } from './index-file.ts';
import { COMMITS_NAME, INDEX_NAME, LOG_NAME, rotatedName, segmentIndexName } from './names.ts';
import type { Piece } from './patched-bytes.ts';
import { PlainSegment } from './plain-segment.ts';
import { marksOf, recoverLog, segmentOf } from './recovery.ts';
import { scanEntries } from './scan.ts';
import { Tail } from './tail.ts';

export interface ActiveSegment {
  readonly segment: PlainSegment;
  readonly tail: Tail;
  readonly indexFile: IndexFile;
}

export interface OpenSegment extends ActiveSegment {
  readonly producers: readonly (readonly [string, ProducerMark])[];
}

export interface OpenSegmentOptions {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly blockBytes: number;
}

/**
 * @param isRotated whether there is a rotated or sealed segment of that id
 * @throws StoreError `newer-format`; the operating system's errors
 */
export async function openActiveSegment(
  options: OpenSegmentOptions,
  isRotated: (segmentId: string) => boolean,
): Promise<OpenSegment> {
  const { folder, files, clock, reporter, blockBytes } = options;
  const journal = await readJournal(files, join(folder, COMMITS_NAME));
  const path = join(folder, LOG_NAME);
  const file = await files.openAppend(path);
  if (file.size === 0 && journal?.kind === 'read' && isRotated(segmentOf(journal) ?? '')) {
    // It was rotated and the program ended before the journal said so: whole, as every rotated segment is.
    const { segment, tail, indexFile } = await beginSegment(options, file);
    const producers = [...journal.checkpoint.producers, ...marksOf(journal)];
    return { segment, tail, indexFile, producers };
  }
  // Until it is known what counts, all of it is read; afterwards the index says where entries are.
  const source = await openByteSource(path);
  try {
    const recovered = await recoverLog({ size: file.size, read: source.read }, journal);
    for (const report of recovered.reports) reporter(report);
    await writeMissing(file, recovered.missing);
    // Blocks that the scan completes wait until it is known which of the index file counts.
    const early: BlockWithShares[] = [];
    let add = (block: BlockWithShares): void => {
      early.push(block);
    };
    const bounded = { size: recovered.size, read: source.read };
    const indexPath = join(folder, INDEX_NAME);
    const known = await readIndex({ path: indexPath, files, blockBytes, onComplete: (block) => add(block) }, bounded);
    const { index, keptBytes, keptClients } = known;
    const { clientNames } = index;
    const indexFile = createIndexFile({ files, path: indexPath, reporter, clientNames, keptBytes, keptClients });
    if (keptBytes < known.fileBytes) indexFile.trim();
    for (const block of early) indexFile.add(block);
    add = (block) => indexFile.add(block);
    const segment = new PlainSegment({ index, source });
    const { cut, size } = recovered;
    const beforeCut = cut && createCutKeeper({ folder, files, clock, reporter, source, from: size, cut });
    const tail = new Tail(file, beforeCut && { size, beforeCut });
    return { segment, tail, indexFile, producers: recovered.producers };
  } catch (error) {
    await source.close();
    await file.close();
    throw error;
  }
}

/** @throws StoreError `unusable` on a full disk; the operating system's errors */
async function writeMissing(file: AppendFile, missing: readonly Piece[]): Promise<void> {
  try {
    for (const { at, bytes } of missing) await file.writeAt(at, bytes);
    if (missing.length > 0) await file.sync();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const reason = `the disk is full: entries that ${COMMITS_NAME} has cannot be written to ${LOG_NAME}; make room and start again, nothing is lost`;
    throw new StoreError('unusable', reason, { cause: error });
  }
}

/** An active segment without entries, in a file that is empty. */
export async function beginSegment(
  { folder, files, reporter, blockBytes }: OpenSegmentOptions,
  file: AppendFile,
): Promise<ActiveSegment> {
  const index: BlockIndex = new BlockIndex((block) => indexFile.add(block), blockBytes);
  const { clientNames } = index;
  const path = join(folder, INDEX_NAME);
  const indexFile = createIndexFile({ files, path, reporter, clientNames, keptBytes: 0, keptClients: 0 });
  try {
    const source = await openByteSource(join(folder, LOG_NAME));
    return { segment: new PlainSegment({ index, source }), tail: new Tail(file), indexFile };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A segment that takes no more entries and is still to be sealed. */
export async function openRotatedSegment(
  { folder, files, blockBytes }: Pick<OpenSegmentOptions, 'folder' | 'blockBytes'> & { files: Pick<Files, 'read'> },
  segmentId: string,
): Promise<{ segment: PlainSegment; bytes: number }> {
  const path = join(folder, rotatedName(segmentId));
  const { size } = await stat(path);
  const source = await openByteSource(path);
  try {
    const onComplete = () => {
      // The index beside it is not written any more: sealing writes the last one.
    };
    const indexPath = join(folder, segmentIndexName(segmentId));
    const { index } = await readIndex({ path: indexPath, files, blockBytes, onComplete }, { size, read: source.read });
    index.endBlock();
    return { segment: new PlainSegment({ index, source }), bytes: size };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Undefined: there is none. @throws StoreError `newer-format` */
export async function readJournal(files: Pick<Files, 'read'>, path: string): Promise<JournalRead | undefined> {
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  const journal = decodeJournal(bytes);
  if (journal.kind !== 'newer') return journal;
  throw new StoreError(
    'newer-format',
    `the data folder was written by a newer logd (form ${journal.version} of ${COMMITS_NAME}); use that one, or give another folder with --data`,
  );
}

interface IndexRead {
  readonly index: BlockIndex;
  /** Of the index file: what counts, all, and the clients named in what counts. */
  readonly keptBytes: number;
  readonly fileBytes: number;
  readonly keptClients: number;
}

export interface ReadIndexOptions {
  /** Of the index file. */
  readonly path: string;
  readonly files: Pick<Files, 'read'>;
  readonly blockBytes: number;
  /** Told of each block that is not in the index file. */
  readonly onComplete: (block: BlockWithShares) => void;
}

/** The index of a segment: what its file says, as far as that is right, and the rest by a scan. */
export async function readIndex(
  { path, files, blockBytes, onComplete }: ReadIndexOptions,
  source: BoundedBytes,
): Promise<IndexRead> {
  const bytes = (await files.read(path)) ?? Buffer.alloc(0);
  let index = new BlockIndex(onComplete, blockBytes);
  let keptBytes = loadIndex(bytes, index, source.size);
  const fileBytes = bytes.length;
  giveBack(bytes);
  if (!(await isAbout(index, source))) {
    index = new BlockIndex(onComplete, blockBytes);
    keptBytes = 0;
  }
  const keptClients = index.clientNames.length;
  await scanEntries(source, { from: index.end, to: source.size }, (entry) => index.addScanned(entry));
  index.separate();
  return { index, keptBytes, fileBytes, keptClients };
}

/**
 * Whether an index is about this file: its first block is where it says, and its last is in every part what it says. When
 * text was cut off and written anew since a block was noted, the last block is one of those that are wrong.
 */
async function isAbout({ complete, clientNames }: BlockIndex, source: BoundedBytes): Promise<boolean> {
  const first = complete[0];
  const last = complete.at(-1);
  if (first === undefined || last === undefined) return true;
  const bytes = await source.read(first.offset, HEAD_BYTES_MAX);
  const head = readHead(bytes, 0);
  if (head === undefined || readId(bytes, head.idAt) !== first.firstId) return false;
  const found = new BlockIndex(() => {}, Number.POSITIVE_INFINITY);
  for (const name of clientNames) found.clientNumber(name);
  const end = last.offset + last.length;
  await scanEntries(source, { from: last.offset, to: end }, (entry) => found.addScanned(entry));
  return isDeepStrictEqual({ ...found.growing, isSorted: last.isSorted }, last);
}
