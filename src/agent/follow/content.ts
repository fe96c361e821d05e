/**
 * The plain text of a file, packed or not: for what was rotated away and is read to its end once. Files are found by name
 * and opened a moment later, when rotation may have given the name to another one: only the file that was found counts.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { hasCode } from '../../system/files.ts';
import { type FilePosition, hashHead, hashTail } from './file-position.ts';
import { type FoundFile, inodeOf } from './find-files.ts';
import { BLOCK_BYTES } from './limits.ts';
import type { Packing } from './rotated-names.ts';

export interface RotatedFile extends FoundFile {
  readonly packing: Packing;
}

/** Undefined when the name is another file's by now, or nobody's. @throws what else the system says */
export async function openFound({ path, inode }: FoundFile): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const { dev, ino } = await handle.stat({ bigint: true });
  if (inodeOf(String(dev), String(ino)) === inode) return handle;
  await handle.close();
  return undefined;
}

/** Pieces of the text from that byte on. @throws where a packed file is damaged or still being written */
export async function* readContent(handle: FileHandle, packing: Packing, from: number): AsyncGenerator<Buffer> {
  if (packing === 'unreadable') return;
  if (packing === 'plain') {
    yield* readBlocks(handle, from);
    return;
  }
  const packed = Readable.from(readBlocks(handle, 0));
  const unpacked = packed.pipe(
    packing === 'gzip' ? createGunzip({ chunkSize: BLOCK_BYTES }) : createZstdDecompress({ chunkSize: BLOCK_BYTES }),
  );
  packed.on('error', (error) => unpacked.destroy(error));
  let toSkip = from;
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      if (toSkip < piece.length) yield piece.subarray(toSkip);
      toSkip = Math.max(0, toSkip - piece.length);
    }
  } finally {
    packed.destroy();
  }
}

async function* readBlocks(handle: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** The first bytes of its text, at most so many; fewer when the file is gone or cannot be read. */
export async function headOf(file: RotatedFile, bytesMax: number): Promise<Buffer> {
  return (await withFile(file, (handle) => readRange(handle, file.packing, 0, bytesMax))) ?? Buffer.alloc(0);
}

/** Whether a file holds the text that the position is in: the same first bytes, and the same bytes before the offset. */
export async function holdsPosition(file: RotatedFile, position: FilePosition): Promise<boolean> {
  const { headBytes, headHash, offset, tailBytes, tailHash } = position;
  if (headBytes === 0) return false;
  const holds = await withFile(file, async (handle) => {
    const head = await readRange(handle, file.packing, 0, headBytes);
    if (head.length !== headBytes || hashHead(head) !== headHash) return false;
    const tail = await readRange(handle, file.packing, offset - tailBytes, tailBytes);
    return tail.length === tailBytes && hashTail(tail) === tailHash;
  });
  return holds === true;
}

async function withFile<T>(file: RotatedFile, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await openFound(file);
    return handle && (await use(handle));
  } catch {
    // Not readable, or not packed as its name says: it has nothing for us.
    return undefined;
  } finally {
    await handle?.close();
  }
}

export async function readRange(handle: FileHandle, packing: Packing, from: number, length: number): Promise<Buffer> {
  if (packing === 'plain') {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  }
  const pieces: Buffer[] = [];
  let have = 0;
  if (length === 0) return Buffer.alloc(0);
  for await (const piece of readContent(handle, packing, from)) {
    pieces.push(Buffer.from(piece.subarray(0, length - have)));
    have += pieces.at(-1)?.length ?? 0;
    if (have >= length) break;
  }
  return Buffer.concat(pieces);
}
