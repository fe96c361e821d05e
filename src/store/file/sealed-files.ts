/**
 * Sealed segments at a start: the index beside each is checked, and made again from the text when it is missing, damaged or of
 * an older version.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from '../../system/files.ts';
import { giveBack } from '../../system/memory.ts';
import type { Reporter } from '../../system/reporter.ts';
import { StoreError } from '../store.ts';
import { type Block, BlockIndex } from './block-index.ts';
import { describeError } from './disk-error.ts';
import { sealedName, segmentIndexName } from './names.ts';
import type { Packer } from './packer.ts';
import { scanEntries } from './scan.ts';
import { checkSealedIndex, type SealedSummary, summaryOf } from './sealed-index.ts';
import { findFrames, unpackAny } from './zstd.ts';

/** Unpacked size of a frame. A frame of ours holds one block, which one entry of the largest size can make that long. */
const FRAME_TEXT_BYTES_MAX = 64 * 1024 * 1024;

export interface SealedFiles {
  readonly summary: SealedSummary;
  readonly indexBytes: number;
  /** The index, when it could not be put beside the text. */
  readonly index: Buffer | undefined;
}

export interface OpenSealedOptions {
  readonly folder: string;
  readonly files: Pick<Files, 'read'>;
  /** Puts a new index in place; undefined: the folder is only read. */
  readonly replace: Files['replace'] | undefined;
  readonly packer: Packer;
  readonly reporter: Reporter;
}

/** @param packedBytes size of the sealed text @throws StoreError `newer-format` */
export async function openSealedFiles(
  options: OpenSealedOptions,
  { segmentId, packedBytes }: { segmentId: string; packedBytes: number },
): Promise<SealedFiles> {
  const { folder, files, reporter } = options;
  const name = segmentIndexName(segmentId);
  const bytes = await files.read(join(folder, name));
  const checked = bytes && checkSealedIndex(bytes);
  if (checked?.kind === 'newer') {
    throw new StoreError(
      'newer-format',
      `the data folder was written by a newer logd (form ${checked.version} of ${name}); use that one, or give another folder with --data`,
    );
  }
  if (bytes && checked?.kind === 'whole' && checked.summary.packedBytes === packedBytes) {
    const indexBytes = bytes.length;
    giveBack(bytes);
    return { summary: checked.summary, indexBytes, index: undefined };
  }
  const reason = bytes === undefined ? 'is missing' : 'does not fit its text (damaged, or of another version)';
  reporter({
    severity: 'warning',
    event: 'index-rebuilt',
    message: `the index ${name} ${reason}: it is made again from ${sealedName(segmentId)}`,
  });
  return rebuild(options, segmentId);
}

async function rebuild(
  { folder, replace, packer, reporter }: OpenSealedOptions,
  segmentId: string,
): Promise<SealedFiles> {
  const name = sealedName(segmentId);
  const packed = await readFile(join(folder, name));
  const { index, blocks, textBytes, damagedBytes } = await readFrames(packed);
  if (damagedBytes > 0) {
    reporter({
      severity: 'error',
      event: 'segment-damaged',
      message: `${name} was damaged from outside: ${damagedBytes} of its ${packed.length} bytes cannot be unpacked and their entries are lost; check the disk`,
    });
  }
  const summary = summaryOf(index, { packedBytes: packed.length, textBytes });
  const clients = [...index.totalsNow()];
  const place = { folder, segmentId, firstAt: 0 };
  const made = await packer.index(place, { summary, blocks, clients, clientNames: index.clientNames });
  const bytes = Buffer.from(made.buffer, made.byteOffset, made.byteLength);
  try {
    if (replace === undefined) return { summary, indexBytes: 0, index: bytes };
    await replace(join(folder, segmentIndexName(segmentId)), bytes);
    return { summary, indexBytes: bytes.length, index: undefined };
  } catch (error) {
    reporter({
      severity: 'warning',
      event: 'index-not-written',
      message: `cannot write ${segmentIndexName(segmentId)} (${describeError(error)}); it is made again at the next start`,
    });
    return { summary, indexBytes: 0, index: bytes };
  }
}

interface FramesRead {
  readonly index: BlockIndex;
  readonly blocks: readonly Block[];
  readonly textBytes: number;
  readonly damagedBytes: number;
}

async function readFrames(packed: Buffer): Promise<FramesRead> {
  const index = new BlockIndex(() => {}, Number.POSITIVE_INFINITY);
  const blocks: Block[] = [];
  const frames = findFrames(packed);
  let textBytes = 0;
  let damagedBytes = packed.length - frames.reduce((sum, { length }) => sum + length, 0);
  for (const frame of frames) {
    let text: Buffer;
    try {
      text = unpackAny(packed.subarray(frame.at, frame.at + frame.length), FRAME_TEXT_BYTES_MAX);
    } catch {
      // Its checksum says so; the others are whole.
      damagedBytes += frame.length;
      continue;
    }
    const base = textBytes;
    const source = {
      size: text.length,
      read: async (offset: number, length: number) => text.subarray(offset, offset + length),
    };
    await scanEntries(source, { from: 0, to: text.length }, (entry) =>
      index.addScanned({ ...entry, offset: base + entry.offset }),
    );
    index.endBlock();
    const block = index.complete.at(-1);
    // What stands before the first entry is a frame of its own and no block.
    if (block && block.offset >= base) blocks.push({ ...block, frame });
    textBytes += text.length;
  }
  return { index, blocks, textBytes, damagedBytes };
}
