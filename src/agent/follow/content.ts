/**
 * The plain text of a file from an offset on, packed or not: for what was rotated away and is read to its end once.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type FilePosition, hashHead, hashTail } from './file-position.ts';
import { BLOCK_BYTES } from './limits.ts';
import type { Packing } from './rotated-names.ts';

/** Pieces of the text from that byte on. Ends early where a packed file is damaged or still being written. */
export async function* readContent(path: string, packing: Packing, from: number): AsyncGenerator<Buffer> {
  if (packing === 'unreadable') return;
  const file = createReadStream(path, { highWaterMark: BLOCK_BYTES, start: packing === 'plain' ? from : 0 });
  if (packing === 'plain') {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const unpacked: Readable = file.pipe(
    packing === 'gzip' ? createGunzip({ chunkSize: BLOCK_BYTES }) : createZstdDecompress({ chunkSize: BLOCK_BYTES }),
  );
  file.on('error', (error) => unpacked.destroy(error));
  let toSkip = from;
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      if (toSkip < piece.length) yield piece.subarray(toSkip);
      toSkip = Math.max(0, toSkip - piece.length);
    }
  } finally {
    file.destroy();
  }
}

/** Whether a file holds the text that the position is in: the same first bytes, and the same bytes before the offset. */
export async function holdsPosition(path: string, packing: Packing, position: FilePosition): Promise<boolean> {
  const { headBytes, headHash, offset, tailBytes, tailHash } = position;
  if (headBytes === 0) return false;
  try {
    const head = await readRange(path, packing, 0, headBytes);
    if (head.length !== headBytes || hashHead(head) !== headHash) return false;
    const tail = await readRange(path, packing, offset - tailBytes, tailBytes);
    return tail.length === tailBytes && hashTail(tail) === tailHash;
  } catch {
    // Gone meanwhile, not readable, or not packed as its name says: it does not hold it.
    return false;
  }
}

/** The first bytes of its text, at most so many. */
export function readHead(path: string, packing: Packing, bytesMax: number): Promise<Buffer> {
  return readRange(path, packing, 0, bytesMax);
}

async function readRange(path: string, packing: Packing, from: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let have = 0;
  if (length === 0) return Buffer.alloc(0);
  for await (const piece of readContent(path, packing, from)) {
    pieces.push(Buffer.from(piece.subarray(0, length - have)));
    have += pieces.at(-1)?.length ?? 0;
    if (have >= length) break;
  }
  return Buffer.concat(pieces);
}
