/**
 * A file as it is to be: its bytes with pieces put over them, which may go beyond its end. Pure.
 */
import type { BoundedBytes } from './byte-source.ts';

export interface Piece {
  /** Offset of its first byte. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** @param pieces none begins behind the end that the file has with those before it */
export function patchBytes(source: BoundedBytes, pieces: readonly Piece[]): BoundedBytes {
  if (pieces.length === 0) return source;
  const size = pieces.reduce((end, { at, bytes }) => Math.max(end, at + bytes.length), source.size);
  return {
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      const read = Buffer.alloc(Math.max(0, end - offset));
      const inFile = Math.min(end, source.size) - offset;
      if (inFile > 0) (await source.read(offset, inFile)).copy(read);
      for (const { at, bytes } of pieces) {
        const from = Math.max(at, offset);
        const to = Math.min(at + bytes.length, end);
        if (from < to) read.set(bytes.subarray(from - at, to - at), from - offset);
      }
      return read;
    },
  };
}
