/**
 * Files that were rotated, copied or packed while nobody looked: which of them holds the text of a position, which came
 * after it, and reading them to their end.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createLineDecoder, detectEncoding } from '../../decode/lines.ts';
import type { Chunk, PositionChanges } from '../chunk.ts';
import { holdsPosition, readContent, readHead } from './content.ts';
import { type FilePosition, hashHead, hashTail, toPositionValue } from './file-position.ts';
import { type FoundFile, look } from './find-files.ts';
import { HEAD_BYTES_MAX, TAIL_BYTES_MAX } from './limits.ts';
import { type Packing, rotatedNames } from './rotated-names.ts';
import type { CutLines, ReadingOptions } from './tracked-file.ts';

export interface RotatedFile extends FoundFile {
  readonly packing: Packing;
}

/** The rotated files of a path, the oldest first. */
export async function listRotated(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // A folder that is gone or closed to us holds nothing for us; the scan tells why.
    return [];
  }
  const rotated: RotatedFile[] = [];
  for (const { name, packing } of rotatedNames(basename(path), names)) {
    const found = await look(join(folder, name), new Map());
    if (found) rotated.push({ ...found, packing });
  }
  return rotated;
}

/** The one that holds the text of a position: the file itself under another name, or a copy of it. */
export async function findHolder(
  position: FilePosition,
  rotated: readonly RotatedFile[],
): Promise<RotatedFile | undefined> {
  const inode = `${position.dev}:${position.ino}`;
  const itself = rotated.find((file) => file.inode === inode);
  // It was empty when it was last seen: there is nothing else to know it by.
  if (itself && position.headBytes === 0) return itself;
  const candidates = itself ? [itself, ...rotated.filter((file) => file !== itself)] : rotated;
  for (const file of candidates) {
    if (await holdsPosition(file.path, file.packing, position)) return file;
  }
  return undefined;
}

export interface RestOptions {
  readonly file: RotatedFile;
  /** Key of its position. */
  readonly key: string;
  readonly position: FilePosition;
  readonly reading: ReadingOptions;
  readonly put: (chunk: Chunk) => Promise<void>;
  /** Positions that follow when it is read to its end: they become safe together with its last line. */
  readonly then: PositionChanges;
  readonly stop: AbortSignal;
}

export type RestRead =
  | { readonly kind: 'read'; readonly cut: CutLines }
  | { readonly kind: 'stopped' }
  /** It ends before its end: what came behind could not be read. */
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads from the position to the end of the file; an unfinished last line is a line of its own. */
export async function readRest({ file, key, position, reading, put, then, stop }: RestOptions): Promise<RestRead> {
  const writer = reading.writerFor(position.path);
  const encoding = detectEncoding(await readHead(file.path, file.packing, 2)) ?? 'utf8';
  const { lineBytesMax, describe, nowMs } = reading;
  const decoder = createLineDecoder({ encoding, lineBytesMax, atStart: position.offset === 0 });
  const onLine = (line: string) => writer.add(describe(line, nowMs()));
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
    for await (const piece of readContent(file.path, file.packing, position.offset)) {
      if (stop.aborted) return { kind: 'stopped' };
      decoder.feed(piece, onLine);
      readAt += piece.length;
      recent = Buffer.concat([recent.subarray(-TAIL_BYTES_MAX), piece]);
      await put(writer.take({ [key]: toPositionValue(safePosition()) }));
    }
  } catch (error) {
    damage = error instanceof Error ? error.message : String(error);
  }
  decoder.end(onLine);
  const tail = recent.subarray(-TAIL_BYTES_MAX);
  const atEnd: FilePosition =
    tail.length === 0 ? safe : { ...position, offset: readAt, tailBytes: tail.length, tailHash: hashTail(tail) };
  await put(writer.take({ [key]: toPositionValue(atEnd), ...then }));
  const { cutLines, cutBytes } = decoder.counts;
  return damage === undefined
    ? { kind: 'read', cut: { lines: cutLines, bytes: cutBytes } }
    : { kind: 'damaged', reason: damage };
}

/** The position before the first byte of a file. */
export async function positionAtStart(path: string, file: RotatedFile): Promise<FilePosition> {
  const head = await readHead(file.path, file.packing, HEAD_BYTES_MAX);
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
