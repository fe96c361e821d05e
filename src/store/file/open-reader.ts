/**
 * A data folder opened for reading alone: no lock, nothing written, with its server stopped or running. What is stored
 * later is not seen.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, realClock } from '../../system/clock.ts';
import { hasCode, realFiles } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { StoreError, type StoreReader } from '../store.ts';
import { BlockIndex } from './block-index.ts';
import { openByteSource } from './byte-source.ts';
import { describeError } from './disk-error.ts';
import { refreshKept } from './kept-segment.ts';
import { BLOCK_BYTES } from './limits.ts';
import { loadStates } from './load-states.ts';
import { COMMITS_NAME, INDEX_NAME, LOG_NAME } from './names.ts';
import { readIndex, readJournal } from './open-segment.ts';
import { damageReport, openOlder, sealedSegmentsOf, sortFiles } from './open-segments.ts';
import { createInlinePacker } from './packer.ts';
import { patchBytes } from './patched-bytes.ts';
import { PlainSegment } from './plain-segment.ts';
import { FileReader, type FileReaderOptions } from './reader.ts';
import { recoverLog } from './recovery.ts';
import type { OnDamage } from './searched-segment.ts';
import { SegmentList } from './segment-list.ts';
import { createStateBook } from './state-book.ts';

/** How often a running server may move a file between two looks at the folder. */
const TRIES_MAX = 10;
/** Before the second of them, twice that before the third, and so on. */
const TRY_AGAIN_MS = 20;

/** @throws StoreError `unusable` when there is no log to read, `newer-format` */
export async function openFileReader(
  folder: string,
  { clock = realClock, reporter = () => {} }: { clock?: Clock; reporter?: Reporter } = {},
): Promise<StoreReader> {
  const onDamage = damageReport(reporter);
  const list = await openList(folder, { reporter, onDamage });
  try {
    const book = createStateBook();
    await loadStates(folder, realFiles, book);
    await refreshKept(book, list);
    const reader = new OpenReader({ clock, folder, segments: list, book, onDamage });
    await reader.lookUpStates();
    return reader;
  } catch (error) {
    await closeAll(list);
    throw error;
  }
}

class OpenReader extends FileReader {
  readonly #segments: SegmentList;

  constructor(options: FileReaderOptions) {
    super(options);
    this.#segments = options.segments;
  }

  override async close(): Promise<void> {
    await super.close();
    await closeAll(this.#segments);
  }
}

async function closeAll(list: SegmentList): Promise<void> {
  for (const segment of list.all) await segment.close();
}

interface Told {
  readonly reporter: Reporter;
  readonly onDamage: OnDamage;
}

/** A running server rotates and seals meanwhile: what is gone under one name is there under another. */
async function openList(folder: string, told: Told): Promise<SegmentList> {
  for (let tries = 1; ; tries++) {
    try {
      return await openListOnce(folder, told);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      if (tries === TRIES_MAX) {
        const reason = `the server of ${folder} moves its files faster than they can be read: ask it with --server`;
        throw new StoreError('unusable', reason, { cause: error });
      }
      await pause(tries * TRY_AGAIN_MS);
    }
  }
}

async function openListOnce(folder: string, told: Told): Promise<SegmentList> {
  const list = await openOlderSegments(folder, told);
  const active = await openActive(folder, list.ids.size > 0);
  // Rotated between the two looks: it is active and among the others.
  const isTwice = active.index.firstId !== undefined && list.ids.has(active.index.firstId);
  if (!isTwice && (await isUnchanged(folder, list.ids))) return new SegmentList({ ...list, active });
  await active.close();
  for (const { segment } of [...list.sealed, ...list.rotated]) await segment.close();
  throw Object.assign(new Error('files were moved meanwhile'), { code: 'ENOENT' });
}

async function openOlderSegments(folder: string, { reporter, onDamage }: Told) {
  const found = sortFiles(await listFolder(folder));
  const packer = createInlinePacker();
  const toSealed = sealedSegmentsOf(folder, realFiles, onDamage);
  const options = { folder, files: realFiles, replace: undefined, packer, reporter };
  const older = await openOlder(options, found, toSealed, BLOCK_BYTES);
  return { ...older, ids: new Set([...found.sealedIds, ...found.rotatedIds]) };
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await realFiles.list(folder);
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

async function isUnchanged(folder: string, ids: ReadonlySet<string>): Promise<boolean> {
  const { sealedIds, rotatedIds } = sortFiles(await realFiles.list(folder));
  return [...sealedIds, ...rotatedIds].every((id) => ids.has(id));
}

/** @param hasOlder then there may be no active segment, as when a server ended while it began the next one */
async function openActive(folder: string, hasOlder: boolean): Promise<PlainSegment> {
  const path = join(folder, LOG_NAME);
  // The journal before the log: what a running server stores between the two is not yet seen, rather than seen torn.
  const journal = await readJournal(realFiles, join(folder, COMMITS_NAME));
  const size = await sizeOf(path, folder, hasOlder);
  if (size === undefined) return emptySegment();
  const source = await openByteSource(path);
  try {
    const log = { size, read: source.read };
    const recovered = await recoverLog(log, journal);
    // Whoever only reads sees what a start would write.
    const { read } = patchBytes(log, recovered.missing);
    const bounded = { size: recovered.size, read };
    const onComplete = () => {
      // Only who holds the lock writes the index file.
    };
    const indexPath = join(folder, INDEX_NAME);
    const { index } = await readIndex(
      { path: indexPath, files: realFiles, blockBytes: BLOCK_BYTES, onComplete },
      bounded,
    );
    // The search threads look into the file themselves.
    const text = recovered.missing.length > 0 ? await read(0, recovered.size) : undefined;
    return new PlainSegment({ index, source: { read, close: source.close }, text });
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Undefined: there is none, which may be. */
async function sizeOf(path: string, folder: string, mayBeMissing: boolean): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (mayBeMissing && hasCode(error, 'ENOENT')) return undefined;
    throw cannotRead(folder, error);
  }
}

function cannotRead(folder: string, cause: unknown): StoreError {
  const reason = hasCode(cause, 'ENOENT') ? `there is no ${LOG_NAME} in it` : describeError(cause);
  return new StoreError('unusable', `cannot read the data folder ${folder}: ${reason}; give a server's with --data`, {
    cause,
  });
}

function emptySegment(): PlainSegment {
  const source = { read: async () => Buffer.alloc(0), async close() {} };
  return new PlainSegment({ index: new BlockIndex(() => {}), source });
}
