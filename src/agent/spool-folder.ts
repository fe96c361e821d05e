/**
 * What stands in the spool's folder, read without changing anything: by the spool when it opens, and by whoever looks at
 * it while an agent runs. A file that is gone when it is read was removed meanwhile, which is no damage.
 */
import { open } from 'node:fs/promises';
import { hasCode } from '../system/files.ts';
import { type BatchHeader, type BatchRead, decodeBatch, decodeBatchHeader } from './batch-file.ts';
import { DISK_BLOCK_BYTES } from './limits.ts';
import { type BatchState, parseBatchName } from './state-files.ts';

export interface NamedBatch {
  readonly sequence: number;
  readonly state: BatchState;
}

/** Which batches are behind them: those need not be sent, whatever files of them are still there. */
export interface DoneBatches {
  /** The server answered all up to this one. */
  readonly acknowledged: number;
  /** All up to `upTo` are done but that one. */
  readonly dropped: { readonly upTo: number; readonly kept: number };
}

export const NONE_DONE: DoneBatches = { acknowledged: 0, dropped: { upTo: 0, kept: 0 } };

export function isDone(sequence: number, { acknowledged, dropped }: DoneBatches): boolean {
  return sequence <= acknowledged || (sequence <= dropped.upTo && sequence !== dropped.kept);
}

/** The batches among those names, oldest first. */
export function batchesIn(names: readonly string[]): NamedBatch[] {
  return names.flatMap((name) => parseBatchName(name) ?? []).sort((a, b) => a.sequence - b.sequence);
}

/** Room a file takes on disk. */
export function onDisk(bytes: number): number {
  return Math.ceil(bytes / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
}

export type HeaderOfFile =
  | { readonly ok: true; readonly header: BatchHeader; readonly bytes: number; readonly writtenMs: number }
  | { readonly ok: false; readonly reason: string; readonly bytes: number; readonly writtenMs: number };

const HEADER_READ_BYTES = 4 * 1024;

/** Only the beginning of the file is read. Undefined: it is gone. @throws what else the system says */
export async function readHeader(path: string): Promise<HeaderOfFile | undefined> {
  return withFile(path, async (handle) => {
    const { size: bytes, mtimeMs: writtenMs } = await handle.stat();
    let wanted = HEADER_READ_BYTES;
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, 0);
      const read = decodeBatchHeader(buffer.subarray(0, bytesRead));
      if (read.ok) return { ok: true, header: read.header, bytes, writtenMs };
      if ('reason' in read) return { ok: false, reason: read.reason, bytes, writtenMs };
      if (bytesRead < wanted) return { ok: false, reason: 'it is too short', bytes, writtenMs };
      wanted = read.needBytes;
    }
  });
}

/** The whole batch, its lengths and checksums looked at. Undefined: it is gone. @throws what else the system says */
export async function readBatch(path: string): Promise<BatchRead | undefined> {
  return withFile(path, async (handle) => decodeBatch(await handle.readFile()));
}

async function withFile<T>(
  path: string,
  use: (handle: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
