/**
 * Reading a file by offset and length.
 */
import { type FileHandle, open } from 'node:fs/promises';

export interface ByteSource {
  /** Fewer bytes only at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Bytes of which it is known how many there are. */
export interface BoundedBytes extends ByteSource {
  readonly size: number;
}

export async function openByteSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, 'r');
  return {
    read: (offset, length) => readFully(handle, offset, length),
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
