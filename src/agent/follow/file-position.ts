/**
 * Where a followed file is read up to, and how it is known again: by device and inode while it keeps them, by its first
 * bytes when it was copied or packed, and by the bytes before the offset that it is still the same text.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PositionValue } from '../chunk.ts';
import { HEAD_BYTES_MAX, TAIL_BYTES_MAX } from './limits.ts';

export interface FilePosition {
  /** The name under which it is, or was, followed. */
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  /** The first bytes, up to HEAD_BYTES_MAX, as many as there were. */
  readonly headBytes: number;
  readonly headHash: string;
  /** Behind the last line that was handed over, in bytes of the plain text. */
  readonly offset: number;
  /** The bytes before the offset. */
  readonly tailBytes: number;
  readonly tailHash: string;
  /** It was moved or removed and read to its end; its successor has a position of its own. */
  readonly hasLeft: boolean;
  /** As last seen. */
  readonly size: number;
  readonly mtimeMs: number;
}

export function hashHead(head: Uint8Array): string {
  return createHash('sha256').update(head).digest('hex').slice(0, 32);
}

export function hashTail(tail: Uint8Array): string {
  return crc32(tail).toString(16);
}

export function toPositionValue(position: FilePosition): PositionValue {
  return { ...position };
}

/** Undefined when it is not the position of a file. */
export function parsePosition(value: PositionValue): FilePosition | undefined {
  const { path, dev, ino, headBytes, headHash, offset, tailBytes, tailHash, size, mtimeMs } = value;
  const texts = [path, dev, ino, headHash, tailHash];
  const numbers = [headBytes, offset, tailBytes, size, mtimeMs];
  if (!texts.every((text) => typeof text === 'string') || !numbers.every((number) => isCount(number))) return undefined;
  const position = value as unknown as FilePosition;
  const isPossible =
    position.headBytes <= HEAD_BYTES_MAX &&
    position.tailBytes <= Math.min(TAIL_BYTES_MAX, position.offset) &&
    position.path !== '';
  return isPossible ? position : undefined;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
