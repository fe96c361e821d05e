/**
 * Reading a file by offset and length.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** The bytes of a file. */
export interface ByteSource {
  readonly size: number;
  /** Fewer bytes only at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

export interface OpenByteSource extends ByteSource {
  close(): Promise<void>;
}

/** @param sizeOf the bytes that count; what is behind them is not read */
export async function openByteSource(path: string, sizeOf: () => number): Promise<OpenByteSource> {
  const handle = await open(path, 'r');
  return {
    get size() {
      return sizeOf();
    },
    read: (offset, length) => readFully(handle, offset, Math.max(0, Math.min(length, sizeOf() - offset))),
    close: () => handle.close(),
  };
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
