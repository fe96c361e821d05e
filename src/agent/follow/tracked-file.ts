/**
 * One file held open and read block by block as it grows. Sees when it was truncated or written anew: a block counts only
 * when the bytes before it, read in the same call, are still those that were read before.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { decoderFor } from '../../decode/joining-decoder.ts';
import { detectEncoding, type LineDecoder } from '../../decode/lines.ts';
import { type Chunk, type PositionChanges, slices } from '../chunk.ts';
import type { ChunkWriter } from '../chunk-writer.ts';
import { JOIN_QUIET_MS } from '../limits.ts';
import type { DescribeLine } from '../line-entry.ts';
import { headOf, type RotatedFile } from './content.ts';
import { type FilePosition, hashHead, hashTail, toPositionValue } from './file-position.ts';
import { BLOCK_BYTES, HEAD_BYTES_MAX, TAIL_BYTES_MAX } from './limits.ts';

export interface ReadingOptions {
  readonly describe: DescribeLine;
  /** Lines that belong together become one entry. */
  readonly joinsLines: boolean;
  /** Lines may be taken as bytes: the writer's way to do so says the same as `describe`. */
  readonly mayTakeBytes: boolean;
  readonly lineBytesMax: number;
  /** Beyond: the rest of a block is read again as the next one. */
  readonly chunkBytesMax: number;
  readonly nowMs: () => number;
  /** Where blocks are read into: a source reads one file at a time, and at the same time as other sources. */
  readonly room: Buffer;
  /** A writer for the entries of that file. */
  readonly writerFor: (path: string) => ChunkWriter;
}

export type BlockRead =
  | { readonly kind: 'nothing' }
  /** `isMore`: there was more than one block. */
  | { readonly kind: 'read'; readonly chunk: Chunk | undefined; readonly cut: CutLines; readonly isMore: boolean }
  /** What is in the file now is not what was read. */
  | { readonly kind: 'rewritten' };

export interface CutLines {
  readonly lines: number;
  readonly bytes: number;
}

const EMPTY = Buffer.alloc(0);

export function createRoom(): Buffer {
  return Buffer.allocUnsafeSlow(TAIL_BYTES_MAX + BLOCK_BYTES);
}

export class TrackedFile {
  readonly key: string;
  path: string;
  readonly dev: string;
  readonly ino: string;
  readonly #handle: FileHandle;
  readonly #options: ReadingOptions;
  #writer: ChunkWriter;
  #decoder: LineDecoder | undefined;
  #head: Buffer = EMPTY;
  #headHash = '';
  /** Bytes before the place of reading. */
  #readTail: Buffer = EMPTY;
  /** Bytes before `offset`. */
  #tail: Buffer = EMPTY;
  /** Behind the last finished line. */
  offset: number;
  #readAt: number;
  /** When something was read last, ms since the epoch. */
  #readMs = 0;
  #size = 0;
  /** As of the last look at what is behind `readAt`; -1: none yet. */
  #mtimeNs = -1n;
  #seenMtimeMs = 0;
  #cut: CutLines = { lines: 0, bytes: 0 };

  /** Set when its path was taken by another file or is gone: monotonic ms. */
  leftMs: number | undefined;
  /** Its successor may be read. */
  isLingering = false;
  /** The file that had its path before: read first. */
  predecessor: TrackedFile | undefined;
  /** Last time something was read: monotonic ms. */
  activeMs = 0;
  nextPollMs = 0;

  private constructor(
    key: string,
    path: string,
    handle: FileHandle,
    identity: { dev: string; ino: string },
    offset: number,
    options: ReadingOptions,
  ) {
    this.key = key;
    this.path = path;
    this.#handle = handle;
    this.dev = identity.dev;
    this.ino = identity.ino;
    this.offset = offset;
    this.#readAt = offset;
    this.#options = options;
    this.#writer = options.writerFor(path);
  }

  /**
   * @param from where to begin; `end`: behind the last finished line there is now
   * @throws what the system says
   */
  static async open(
    at: { readonly key: string; readonly path: string; readonly from: number | 'end' },
    options: ReadingOptions,
  ): Promise<TrackedFile> {
    const handle = await open(at.path, 'r');
    try {
      const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
      const from = at.from === 'end' ? await findLineStart(handle, Number(size)) : at.from;
      const identity = { dev: String(dev), ino: String(ino) };
      const file = new TrackedFile(at.key, at.path, handle, identity, from, options);
      file.#size = Number(size);
      file.#seenMtimeMs = Number(mtimeNs / 1_000_000n);
      // What is behind the offset has not been looked at.
      file.#mtimeNs = from === Number(size) ? mtimeNs : -1n;
      await file.#learn();
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Goes on at a stored position. What was looked at before the opening may have changed since: only what is open counts.
   * @returns undefined when the file does not hold what was read of it
   * @throws what the system says
   */
  static async resume(
    { key, path, position }: { readonly key: string; readonly path: string; readonly position: FilePosition },
    options: ReadingOptions,
  ): Promise<TrackedFile | undefined> {
    const file = await TrackedFile.open({ key, path, from: position.offset }, options);
    if (file.#holds(position)) {
      // Nothing has been seen of it since: copies that are made of it from then on are unseen.
      if (file.isUnknown) file.#seenMtimeMs = position.mtimeMs;
      return file;
    }
    await file.close();
    return undefined;
  }

  get position(): FilePosition {
    return {
      path: this.path,
      dev: this.dev,
      ino: this.ino,
      headBytes: this.#head.length,
      headHash: this.#headHash,
      offset: this.offset,
      tailBytes: this.#tail.length,
      tailHash: hashTail(this.#tail),
      hasLeft: this.isLingering,
      size: this.#size,
      mtimeMs: this.#seenMtimeMs,
    };
  }

  get change(): PositionChanges {
    return { [this.key]: toPositionValue(this.position) };
  }

  /** Bytes known to be there and not read. */
  get unreadBytes(): number {
    return Math.max(0, this.#size - this.#readAt);
  }

  /** Nothing of it has ever been seen. */
  get isUnknown(): boolean {
    return this.#head.length === 0;
  }

  /** Its predecessor has come to its end, or is not in the way any more. */
  get mayBeRead(): boolean {
    return !this.predecessor || this.predecessor.isLingering || this.predecessor.leftMs === undefined;
  }

  get hasPartialLine(): boolean {
    return (this.#decoder?.pendingBytes ?? 0) > 0;
  }

  /** Whether these bytes are the first ones of this file too, as far as both are known. */
  beginsLike(head: Uint8Array): boolean {
    const length = Math.min(head.length, this.#head.length);
    return length > 0 && this.#head.subarray(0, length).equals(head.subarray(0, length));
  }

  /** How often the file is linked; 0: only this agent and its writers still hold it. */
  async linkCount(): Promise<number> {
    return (await this.#handle.stat()).nlink;
  }

  /** Looks at the first bytes of one that was empty. False: it still is. */
  async learnHead(): Promise<boolean> {
    const { mtimeMs } = await this.#handle.stat();
    this.#setHead(await this.#readAtPlace(0, HEAD_BYTES_MAX));
    if (this.isUnknown) return false;
    this.#seenMtimeMs = Math.floor(mtimeMs);
    return true;
  }

  /** Whether its last name went when it was packed into that file. */
  async isPackedAs(file: RotatedFile): Promise<boolean> {
    if ((await this.linkCount()) > 0) return false;
    const head = await this.#readAtPlace(0, HEAD_BYTES_MAX);
    return head.length > 0 && head.equals(await headOf(file, HEAD_BYTES_MAX));
  }

  /** What is there and not read, without reading it. One that is being closed has nothing. */
  async lookAhead(): Promise<{ readonly unreadBytes: number; readonly writtenMs: number }> {
    try {
      const { size, mtimeMs } = await this.#handle.stat();
      return { unreadBytes: Math.max(0, size - this.#readAt), writtenMs: mtimeMs };
    } catch {
      // Its reading tells what is wrong.
      return { unreadBytes: 0, writtenMs: 0 };
    }
  }

  /** @throws what the system says */
  async readBlock(): Promise<BlockRead> {
    const { size: bigSize, mtimeNs } = await this.#handle.stat({ bigint: true });
    const size = Number(bigSize);
    if (size === this.#readAt && mtimeNs === this.#mtimeNs) return this.#settle();
    if (size < this.#readAt || !(await this.#isSameHead())) return { kind: 'rewritten' };
    const { room } = this.#options;
    const tailBytes = this.#readTail.length;
    const wanted = Math.min(BLOCK_BYTES, size - this.#readAt);
    const { bytesRead } = await this.#handle.read(room, 0, tailBytes + wanted, this.#readAt - tailBytes);
    if (bytesRead < tailBytes || !room.subarray(0, tailBytes).equals(this.#readTail)) return { kind: 'rewritten' };
    this.#size = size;
    this.#mtimeNs = mtimeNs;
    // One that is empty again may have been filled and copied meanwhile: its copy is newer than what was seen.
    if (!this.isUnknown) this.#seenMtimeMs = Number(mtimeNs / 1_000_000n);
    if (bytesRead === tailBytes) return { kind: 'nothing' };
    return this.#take(room.subarray(0, bytesRead), tailBytes);
  }

  /** The unfinished last line as a line of its own; undefined: there is none. */
  takePartialLine(): Chunk | undefined {
    if (!this.#decoder || !this.hasPartialLine) return undefined;
    this.#decoder.end((line) => this.#writer.add(this.#options.describe(line, this.#options.nowMs())));
    this.offset = this.#readAt;
    this.#tail = this.#readTail;
    return this.#writer.take(this.change);
  }

  /** Gives an entry of several lines that nothing is added to any more. */
  #settle(): BlockRead {
    const { describe, nowMs } = this.#options;
    const now = nowMs();
    if (!this.#decoder?.holdsEntry || now - this.#readMs < JOIN_QUIET_MS) return { kind: 'nothing' };
    this.#decoder.settle((entry) => this.#writer.add(describe(entry, now)));
    this.offset = this.#readAt;
    this.#tail = this.#readTail;
    return { kind: 'read', chunk: this.#writer.take(this.change), cut: { lines: 0, bytes: 0 }, isMore: false };
  }

  /** Begins anew at the file's first byte: it was written anew. */
  async startOver(): Promise<void> {
    this.offset = 0;
    this.#readAt = 0;
    this.#decoder = undefined;
    this.#cut = { lines: 0, bytes: 0 };
    this.#mtimeNs = -1n;
    const { size, mtimeMs } = await this.#handle.stat();
    this.#size = size;
    this.#seenMtimeMs = Math.floor(mtimeMs);
    await this.#learn();
  }

  rename(path: string): void {
    this.path = path;
    this.#writer = this.#options.writerFor(path);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #take(block: Buffer, tailBytes: number): BlockRead {
    this.#decoder ??= this.#createDecoder();
    if (!this.#decoder) return { kind: 'nothing' };
    const { describe, mayTakeBytes, joinsLines, nowMs, chunkBytesMax } = this.#options;
    const now = nowMs();
    const takesBytes = mayTakeBytes && !joinsLines ? this.#writer.takesBytes(now) : undefined;
    let fed = tailBytes;
    for (const slice of slices(block.subarray(tailBytes), chunkBytesMax)) {
      this.#decoder.feed(slice, (line) => this.#writer.add(describe(line, now)), takesBytes);
      fed += slice.length;
      if (this.#writer.bytes >= chunkBytesMax) break;
    }
    const bytes = block.subarray(0, fed);
    this.#readAt += fed - tailBytes;
    this.#readMs = now;
    this.#readTail = Buffer.from(bytes.subarray(-TAIL_BYTES_MAX));
    const offset = this.#readAt - this.#decoder.pendingBytes;
    const isMore = this.#size > this.#readAt;
    const { cutLines, cutBytes } = this.#decoder.counts;
    const cut = { lines: cutLines - this.#cut.lines, bytes: cutBytes - this.#cut.bytes };
    this.#cut = { lines: cutLines, bytes: cutBytes };
    if (offset === this.offset) return { kind: 'read', chunk: undefined, cut, isMore };
    const end = bytes.length - this.#decoder.pendingBytes;
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, end - TAIL_BYTES_MAX), end));
    this.offset = offset;
    return { kind: 'read', chunk: this.#writer.take(this.change), cut, isMore };
  }

  /** Undefined while there are too few bytes to tell the encoding. */
  #createDecoder(): LineDecoder | undefined {
    const encoding = detectEncoding(this.#head);
    if (encoding === undefined) return undefined;
    const { lineBytesMax, joinsLines } = this.#options;
    return decoderFor({ encoding, lineBytesMax, joinsLines, atStart: this.offset === 0 });
  }

  async #isSameHead(): Promise<boolean> {
    const before = this.#head;
    const now = await this.#readAtPlace(0, HEAD_BYTES_MAX);
    if (!now.subarray(0, before.length).equals(before)) return false;
    if (now.length > before.length) this.#setHead(now);
    return true;
  }

  async #learn(): Promise<void> {
    this.#setHead(await this.#readAtPlace(0, HEAD_BYTES_MAX));
    const tailBytes = Math.min(TAIL_BYTES_MAX, this.offset);
    this.#tail = await this.#readAtPlace(this.offset - tailBytes, tailBytes);
    this.#readTail = this.#tail;
  }

  #holds({ headBytes, headHash, offset, tailBytes, tailHash }: FilePosition): boolean {
    if (this.#head.length < headBytes || hashHead(this.#head.subarray(0, headBytes)) !== headHash) return false;
    const tail = this.#tail.subarray(Math.max(0, this.#tail.length - tailBytes));
    return this.#tail.length === Math.min(TAIL_BYTES_MAX, offset) && hashTail(tail) === tailHash;
  }

  #setHead(head: Buffer): void {
    this.#head = head;
    this.#headHash = hashHead(head);
  }

  async #readAtPlace(from: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  }
}

/** Behind the last LF before that size: a line that is being written just now will be read whole. */
async function findLineStart(handle: FileHandle, size: number): Promise<number> {
  const { buffer: head } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isWide = detectEncoding(head) === 'utf16le';
  const lineBreak = isWide ? Buffer.from('\n', 'utf16le') : Buffer.from('\n');
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - BLOCK_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - from), 0, end - from, from);
    let found = buffer.subarray(0, bytesRead).lastIndexOf(lineBreak);
    while (isWide && found > 0 && (from + found) % 2 === 1) found = buffer.lastIndexOf(lineBreak, found - 1);
    if (found !== -1) return from + found + lineBreak.length;
    end = from;
  }
  return 0;
}
