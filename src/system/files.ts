/**
 * Writing files so that a crash at any moment leaves them whole. The store and the spool write through this interface
 * alone, so that a test can put a layer in its place that fails, fills up or forgets what was not synced.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface AppendFile {
  /** Bytes in the file. */
  readonly size: number;
  /** Writes all of it at the end, or throws with `size` telling how much arrived. */
  append(bytes: Uint8Array): Promise<void>;
  /** `append`, then `sync` of what was appended; in one step where the system can. */
  appendSynced(bytes: Uint8Array): Promise<void>;
  /** Fewer bytes only at the end of the file. */
  read(at: number, length: number): Promise<Buffer>;
  /** Writes within the file, not synced. */
  writeAt(at: number, bytes: Uint8Array): Promise<void>;
  /**
   * Makes room behind the end, filled with NULs and synced, so that appending there need not let the file grow, which costs
   * as much again as writing. `size` does not count it; whoever opens the file later finds the NULs.
   */
  reserve(byteCount: number): Promise<void>;
  /** fdatasync: what was appended survives a power loss. */
  sync(): Promise<void>;
  /** Cuts the file to that many bytes. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /** Opens for appending; creates the file (mode 0640) and syncs its folder when there is none. */
  openAppend(path: string): Promise<AppendFile>;
  /** Puts a file in place whole or not at all: write-new, sync, rename, sync the folder. */
  replace(path: string, bytes: Uint8Array | string): Promise<void>;
  /** Undefined when there is no such file. */
  read(path: string): Promise<Buffer | undefined>;
  /** Renames and syncs the folder. */
  move(from: string, to: string): Promise<void>;
  /** No error when there is no such file. Not synced: a removal that a crash undoes must be harmless. */
  remove(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** With those above it; each that is made is there for good. */
  makeFolder(path: string): Promise<void>;
}

/** Where O_DSYNC is as good as fdatasync: macOS leaves the disk's own cache unflushed, Windows does not know it. */
const HAS_SYNCED_WRITES = process.platform === 'linux';
const FILE_MODE = 0o640;
const FOLDER_MODE = 0o750;

export const realFiles: Files = {
  async openAppend(path) {
    const isNew = (await sizeOf(path)) === undefined;
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
    try {
      const { size } = await handle.stat();
      if (isNew) await syncFolder(dirname(path));
      const synced = HAS_SYNCED_WRITES ? await open(path, constants.O_WRONLY | constants.O_DSYNC) : undefined;
      return new RealAppendFile(handle, synced, size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  },

  async replace(path, bytes) {
    const fresh = `${path}.new`;
    try {
      const handle = await open(fresh, 'w', FILE_MODE);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      // What could not be written whole must not take up room on a disk that may be full.
      await realFiles.remove(fresh);
      throw error;
    }
    await rename(fresh, path);
    await syncFolder(dirname(path));
  },

  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  },

  async move(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },

  async remove(path) {
    try {
      await unlink(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  },

  list: (folder) => readdir(folder),

  makeFolder,
};

/** Not by `recursive`: where a folder cannot hold others (/proc), Node tries on for ever. */
async function makeFolder(given: string): Promise<void> {
  const path = resolve(given);
  try {
    await mkdir(path, { mode: FOLDER_MODE });
    await syncFolder(dirname(path));
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (!hasCode(error, 'ENOENT') || parent === path || (await exists(parent))) throw error;
    await makeFolder(parent);
    await makeFolder(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await sizeOf(path)) !== undefined;
}

class RealAppendFile implements AppendFile {
  readonly #handle: FileHandle;
  /** The same file, opened so that a write returns when it is on the disk; undefined where there is no such thing. */
  readonly #synced: FileHandle | undefined;
  size: number;
  /** The end of the room that was made. */
  #reservedTo = 0;
  /** The end of what is being appended. */
  #appendingTo = 0;
  /** Until all room that was asked for is there, or has failed. */
  #reserving: Promise<void> | undefined;

  constructor(handle: FileHandle, synced: FileHandle | undefined, size: number) {
    this.#handle = handle;
    this.#synced = synced;
    this.size = size;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#write(this.#handle, bytes);
  }

  async appendSynced(bytes: Uint8Array): Promise<void> {
    await this.#write(this.#synced ?? this.#handle, bytes);
    if (!this.#synced) await this.sync();
  }

  read(at: number, length: number): Promise<Buffer> {
    return readFully(this.#handle, at, Math.max(0, Math.min(length, this.size - at)));
  }

  async writeAt(at: number, bytes: Uint8Array): Promise<void> {
    await writeFully(this.#handle, bytes, at);
    this.size = Math.max(this.size, at + bytes.length);
  }

  reserve(byteCount: number): Promise<void> {
    const reserving = (this.#reserving ?? Promise.resolve()).then(() => this.#fillUp(byteCount));
    const settled = reserving
      .catch(() => {
        // Whoever asked for it hears of it.
      })
      .then(() => {
        if (this.#reserving === settled) this.#reserving = undefined;
      });
    this.#reserving = settled;
    return reserving;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async truncate(size: number): Promise<void> {
    await this.#settled();
    await this.#handle.truncate(size);
    this.size = size;
    this.#reservedTo = 0;
  }

  async close(): Promise<void> {
    await this.#settled();
    await this.#synced?.close();
    await this.#handle.close();
  }

  async #fillUp(byteCount: number): Promise<void> {
    const from = Math.max(this.size, this.#appendingTo, this.#reservedTo);
    this.#reservedTo = from;
    await writeFully(this.#handle, Buffer.alloc(byteCount), from);
    await this.#handle.datasync();
    this.#reservedTo = from + byteCount;
  }

  async #write(handle: FileHandle, bytes: Uint8Array): Promise<void> {
    // What is appended must not get in front of the NULs and be written over.
    while (this.#reserving && this.size + bytes.length > this.#reservedTo) await this.#reserving;
    this.#appendingTo = this.size + bytes.length;
    try {
      await writeFully(handle, bytes, this.size, (bytesWritten) => {
        this.size += bytesWritten;
      });
    } finally {
      this.#appendingTo = 0;
    }
  }

  /** No room is being made. */
  async #settled(): Promise<void> {
    while (this.#reserving) await this.#reserving;
  }
}

/** @returns fewer bytes only at the end of the file */
export async function readFully(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function writeFully(
  handle: FileHandle,
  bytes: Uint8Array,
  at: number,
  onWritten?: (byteCount: number) => void,
): Promise<void> {
  let from = 0;
  while (from < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, from, bytes.length - from, at + from);
    from += bytesWritten;
    onWritten?.(bytesWritten);
  }
}

/** Whether an error is the operating system's error of that code. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A new or renamed file is only there for good once its folder is synced. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    // One that may be written and not read cannot be synced from here.
    if (hasCode(error, 'EACCES')) return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
