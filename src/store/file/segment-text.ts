/**
 * Reading a segment's text from another thread, which knows it by its first id: the file may be active, rotated or sealed by
 * now, and moves on from one to the next at any moment. Reads synchronously.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ID_LENGTH } from '../../entry/id.ts';
import { hasCode } from '../../system/files.ts';
import type { Block } from './block-index.ts';
import { HEAD_BYTES_MAX, readHead, readId } from './head.ts';
import { LOG_NAME, rotatedName, sealedName, segmentIndexName } from './names.ts';
import { readSealedBlocks } from './sealed-index.ts';
import { unpackText } from './zstd.ts';

/** Where a segment's text is found. */
export interface SegmentPlace {
  readonly folder: string;
  /** The first id in the text. */
  readonly segmentId: string;
  /** Offset of that entry. */
  readonly firstAt: number;
}

export interface SegmentText {
  /**
   * Into `room` where it is not packed and fits there.
   * @returns bytes that are good until the next read of any segment on this thread
   * @throws Error when the block is damaged
   */
  read(block: Block, room?: Buffer): Buffer;
  close(): void;
}

/** Undefined: there is no such segment any more. */
export function openSegmentText(place: SegmentPlace): SegmentText | undefined {
  const { folder, segmentId } = place;
  // In the order in which it moves on; each name is looked at after the one before was not it.
  return (
    openActive(place) ??
    openPlain(join(folder, rotatedName(segmentId))) ??
    openSealedText(join(folder, sealedName(segmentId)), () => readFileSync(join(folder, segmentIndexName(segmentId))))
  );
}

function openActive({ folder, segmentId, firstAt }: SegmentPlace): SegmentText | undefined {
  const file = openIfThere(join(folder, LOG_NAME));
  if (file === undefined) return undefined;
  const bytes = Buffer.allocUnsafe(HEAD_BYTES_MAX + ID_LENGTH);
  const head = bytes.subarray(0, readFully(file, bytes, firstAt));
  const found = readHead(head, 0);
  if (found && readId(head, found.idAt) === segmentId) return new PlainText(file);
  closeSync(file);
  return undefined;
}

function openPlain(path: string): SegmentText | undefined {
  const file = openIfThere(path);
  return file === undefined ? undefined : new PlainText(file);
}

/** @param readIndex asked only for a block whose frame is not known */
export function openSealedText(path: string, readIndex: () => Buffer): SegmentText | undefined {
  const file = openIfThere(path);
  return file === undefined ? undefined : new SealedText(file, readIndex);
}

class PlainText implements SegmentText {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  read({ offset, length }: Block, room?: Buffer): Buffer {
    const bytes = room !== undefined && room.length >= length ? room : Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, readFully(this.#file, bytes.subarray(0, length), offset));
  }

  close(): void {
    closeSync(this.#file);
  }
}

class SealedText implements SegmentText {
  readonly #file: number;
  readonly #readIndex: () => Buffer;
  #blocks: ReadonlyMap<number, Block> | undefined;

  constructor(file: number, readIndex: () => Buffer) {
    this.#file = file;
    this.#readIndex = readIndex;
  }

  read(block: Block): Buffer {
    // The segment was sealed since the block was told: it stands where it stood, and may have grown before.
    const sealed = block.frame ? block : this.#sealedBlock(block);
    const frame = sealed?.frame;
    if (sealed === undefined || frame === undefined) return Buffer.alloc(0);
    const bytes = frameRoom(frame.length);
    // The memory of the last block goes back at once: the collector would let hundreds of them gather.
    unpacked?.transfer(0);
    const text = unpackText(bytes.subarray(0, readFully(this.#file, bytes, frame.at)), sealed.length);
    unpacked = text.buffer;
    return text.subarray(0, block.length);
  }

  close(): void {
    closeSync(this.#file);
  }

  #sealedBlock({ offset }: Block): Block | undefined {
    this.#blocks ??= new Map(readSealedBlocks(this.#readIndex()).map((block) => [block.offset, block]));
    return this.#blocks.get(offset);
  }
}

/** Of the block that was unpacked last. */
let unpacked: ArrayBuffer | undefined;

let frameBytes = Buffer.alloc(0);

/** A frame is unpacked at once, so all are read into the same room. */
function frameRoom(length: number): Buffer {
  if (frameBytes.length < length) frameBytes = Buffer.allocUnsafeSlow(length);
  return frameBytes.subarray(0, length);
}

function readFully(file: number, bytes: Buffer, at: number): number {
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(file, bytes, filled, bytes.length - filled, at + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
