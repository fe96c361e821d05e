/**
 * Reading a file by offset and length.
 */
import { open } from 'node:fs/promises';
import { readFully } from '../../system/files.ts';

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
