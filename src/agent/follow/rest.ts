/**
 * Files that were rotated, copied or packed while nobody looked: which of them holds the text of a position, and reading
 * one to its end.
 */
import { type FileHandle, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { decoderFor } from '../../decode/joining-decoder.ts';
import { detectEncoding } from '../../decode/lines.ts';
import { type Chunk, type PositionChanges, positionsOnly, slices } from '../chunk.ts';
import { headOf, holdsPosition, openFound, type RotatedFile, readContent, readRange } from './content.ts';
import { type FilePosition, hashHead, hashTail, toPositionValue } from './file-position.ts';
import { hasInodeOf, look } from './find-files.ts';
import { HEAD_BYTES_MAX, TAIL_BYTES_MAX } from './limits.ts';
import { rotatedNames } from './rotated-names.ts';
import type { CutLines, ReadingOptions } from './tracked-file.ts';

/** Looks at a folder again when it was rotated meanwhile. */
const TRIES_MAX = 5;
const MTIME_ERROR_MS_MAX = 2;

/** A file, where its position is kept, and what is read of it. */
export interface Part {
  readonly file: RotatedFile;
  readonly key: string;
  readonly position: FilePosition;
}

/** The rotated files of a path, the oldest first. */
async function listRotated(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // A folder that is gone or closed to us holds nothing for us; the scan tells why.
    return [];
  }
  const rotated: RotatedFile[] = [];
  const all = new Set(names);
  for (const { name, packing } of rotatedNames(basename(path), names)) {
    // It is being packed: the packed form is the same text, and not whole yet.
    if (packing !== 'plain' && all.has(name.slice(0, -extname(name).length))) continue;
    const found = await look(join(folder, name), new Map());
    if (found) rotated.push({ ...found, packing });
  }
  return rotated;
}

export interface Holder {
  /** The file itself under another name, or a copy of it; undefined: there is none. */
  readonly holder: RotatedFile | undefined;
  /** Written after it, the oldest first. Without a holder: changed after the position was last seen. */
  readonly later: readonly RotatedFile[];
}

/** Where among the rotated files of its path the text of a position is now. */
export async function findHolder(position: FilePosition, isCandidate = (_: RotatedFile) => true): Promise<Holder> {
  let rotated = await listRotated(position.path);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const holder = await holderAmong(position, rotated.filter(isCandidate));
    const now = await listRotated(position.path);
    if (isSameList(rotated, now)) {
      const later = holder
        ? rotated.slice(rotated.indexOf(holder) + 1)
        : rotated.filter(({ mtimeMs }) => mtimeMs > position.mtimeMs);
      return { holder, later };
    }
    rotated = now;
  }
  return { holder: undefined, later: [] };
}

async function holderAmong(position: FilePosition, files: readonly RotatedFile[]): Promise<RotatedFile | undefined> {
  const itself = files.find((file) => hasInodeOf(file, position));
  // It was empty when it was last seen: there is nothing else to know it by.
  if (itself && position.headBytes === 0) return itself;
  const candidates = itself ? [itself, ...files.filter((file) => file !== itself)] : files;
  for (const file of candidates) {
    // What was last written to before the position was last seen has another text, however alike they begin.
    if (latestMtimeMs(file) < position.mtimeMs) continue;
    if (await holdsPosition(file, position)) return file;
  }
  return undefined;
}

/** Packers hand the time on, some in whole seconds, some as a floating point number. */
function latestMtimeMs({ mtimeMs }: RotatedFile): number {
  return mtimeMs + (mtimeMs % 1_000 === 0 ? 999 : MTIME_ERROR_MS_MAX);
}

function isSameList(a: readonly RotatedFile[], b: readonly RotatedFile[]): boolean {
  return a.length === b.length && a.every(({ path, inode }, at) => b[at]?.path === path && b[at]?.inode === inode);
}

export interface RestOptions {
  readonly part: Part;
  readonly reading: ReadingOptions;
  readonly put: (chunk: Chunk) => Promise<void>;
  /** Asked for when its end is reached: the positions that become safe together with its last line. */
  readonly then: () => Promise<PositionChanges>;
  readonly stop: AbortSignal;
}

export type RestRead =
  | { readonly kind: 'read'; readonly cut: CutLines }
  | { readonly kind: 'stopped' }
  /** It ends before its end: what came behind could not be read. */
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads from the position to the end of the file; an unfinished last line is a line of its own. */
export async function readRest({ part, reading, put, then, stop }: RestOptions): Promise<RestRead> {
  const opened = await openWherever(part);
  if (!opened) {
    await put(positionsOnly(await then()));
    return { kind: 'damaged', reason: 'it is gone or cannot be opened' };
  }
  try {
    return await readOpen(opened.handle, { part: { ...part, file: opened.file }, reading, put, then, stop });
  } finally {
    await opened.handle.close();
  }
}

async function readOpen(handle: FileHandle, { part, reading, put, then, stop }: RestOptions): Promise<RestRead> {
  const { position, key, file } = part;
  const writer = reading.writerFor(position.path);
  const { lineBytesMax, joinsLines, describe, mayTakeBytes, nowMs, chunkBytesMax } = reading;
  const onLine = (line: string) => writer.add(describe(line, nowMs()));
  let decoder = decoderFor({ encoding: 'utf8', lineBytesMax, joinsLines, atStart: position.offset === 0 });
  let readAt = position.offset;
  let recent = Buffer.alloc(0);
  let safe = position;
  const safePosition = (): FilePosition => {
    // Behind a line longer than what is remembered the place before it stays.
    if (decoder.pendingBytes >= recent.length) return safe;
    const tail = recent.subarray(0, recent.length - decoder.pendingBytes).subarray(-TAIL_BYTES_MAX);
    safe = { ...position, offset: readAt - decoder.pendingBytes, tailBytes: tail.length, tailHash: hashTail(tail) };
    return safe;
  };
  let damage: string | undefined;
  try {
    const encoding = detectEncoding(await readRange(handle, file.packing, 0, 2)) ?? 'utf8';
    decoder = decoderFor({ encoding, lineBytesMax, joinsLines, atStart: position.offset === 0 });
    for await (const piece of readContent(handle, file.packing, position.offset)) {
      let fed = Math.min(TAIL_BYTES_MAX, recent.length);
      const around = Buffer.concat([recent.subarray(-TAIL_BYTES_MAX), piece]);
      const takesBytes = mayTakeBytes && !joinsLines ? writer.takesBytes(nowMs()) : undefined;
      for (const slice of slices(piece, chunkBytesMax)) {
        if (stop.aborted) return { kind: 'stopped' };
        decoder.feed(slice, onLine, takesBytes);
        readAt += slice.length;
        fed += slice.length;
        recent = around.subarray(0, fed);
        if (fed < around.length && writer.bytes < chunkBytesMax) continue;
        await put(writer.take({ [key]: toPositionValue(safePosition()) }));
      }
    }
  } catch (error) {
    damage = error instanceof Error ? error.message : String(error);
  }
  decoder.end(onLine);
  const tail = recent.subarray(-TAIL_BYTES_MAX);
  const read = tail.length === 0 ? safe : { offset: readAt, tailBytes: tail.length, tailHash: hashTail(tail) };
  const atEnd: FilePosition = { ...position, ...read, hasLeft: true };
  await put(writer.take({ [key]: toPositionValue(atEnd), ...(await then()) }));
  const { cutLines, cutBytes } = decoder.counts;
  return damage === undefined
    ? { kind: 'read', cut: { lines: cutLines, bytes: cutBytes } }
    : { kind: 'damaged', reason: damage };
}

/** Opens a file under the name it has now, or what it was packed into meanwhile. */
async function openWherever({
  file,
  position,
}: Part): Promise<{ readonly handle: FileHandle; readonly file: RotatedFile } | undefined> {
  let found: RotatedFile | undefined = file;
  for (let tries = 0; tries < TRIES_MAX && found; tries++) {
    try {
      const handle = await openFound(found);
      if (handle) return { handle, file: found };
    } catch {
      // Told as a file that could not be read.
      return undefined;
    }
    const rotated = await listRotated(position.path);
    found = rotated.find(({ inode }) => inode === file.inode) ?? (await findHolder(position)).holder;
  }
  return undefined;
}

/** The position before the first byte of a file. */
export async function positionAtStart(path: string, file: RotatedFile): Promise<FilePosition> {
  const head = await headOf(file, HEAD_BYTES_MAX);
  const [dev = '', ino = ''] = file.inode.split(':');
  return {
    path,
    dev,
    ino,
    headBytes: head.length,
    headHash: hashHead(head),
    offset: 0,
    tailBytes: 0,
    tailHash: hashTail(Buffer.alloc(0)),
    hasLeft: false,
    size: file.size,
    mtimeMs: file.mtimeMs,
  };
}
