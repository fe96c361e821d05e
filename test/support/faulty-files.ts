/**
 * A disk that fails: it forgets what was not synced, fills up, answers a sync with an error, or the process ends in the
 * middle of a step. It keeps real files in a real folder, so that whatever reads them reads what is there.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AppendFile, Files } from '../../src/system/files.ts';

/** What this disk gives at once, so that small tests write over its end. */
const ROOM_BYTES_MAX = 500;

/** 0 ≤ x < 1, from a seed. */
export type Random = () => number;

/** Small, seeded, good enough to choose with (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class FaultyDisk implements Files {
  readonly #random: Random;
  /** By path, what a power loss leaves at least. */
  readonly #durable = new Map<string, Buffer>();
  /** By path, what a failed sync has given up: it can be read, and is on the disk only when it is written again. */
  readonly #lost = new Map<string, { from: number; to: number }[]>();
  /** Bytes that still fit. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** So many syncs from now on fail. */
  failingSyncs = 0;
  /** So many steps from now the process ends; in the middle of that step. */
  stepsToKill = Number.POSITIVE_INFINITY;
  isKilled = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes away what a power loss can take: of each file on its own, anything that was written since its last sync. */
  loseUnsynced(): void {
    for (const [path, durable] of this.#durable) {
      if (!existsSync(path)) continue;
      const current = readFileSync(path);
      writeFileSync(path, this.#afterPowerLoss(durable, current));
    }
  }

  /** The same disk after a restart: what is there is there. */
  restart(): void {
    this.isKilled = false;
    this.stepsToKill = Number.POSITIVE_INFINITY;
    this.failingSyncs = 0;
    this.roomBytes = Number.POSITIVE_INFINITY;
    this.#durable.clear();
    this.#lost.clear();
  }

  async openAppend(path: string): Promise<AppendFile> {
    await this.#step();
    const handle = openSync(path, constants.O_RDWR | constants.O_CREAT);
    if (!this.#durable.has(path)) this.#durable.set(path, readFileSync(path));
    return new FaultyFile(this, path, handle);
  }

  async replace(path: string, bytes: Uint8Array | string): Promise<void> {
    const data = Buffer.from(bytes);
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    const oldSize = existsSync(path) ? statSync(path).size : 0;
    // The old one is there until the new one is whole.
    if (data.length > this.roomBytes) throw diskError('ENOSPC');
    if (this.#takesFailure()) throw diskError('EIO');
    this.roomBytes += oldSize - data.length;
    writeFileSync(`${path}.new`, data);
    renameSync(`${path}.new`, path);
    this.#durable.set(path, data);
    if (isEnding) throw this.#killed();
  }

  async read(path: string): Promise<Buffer | undefined> {
    await this.#step();
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  async move(from: string, to: string): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    if (this.#takesFailure()) throw diskError('EIO');
    renameSync(from, to);
    // The name is there for good; of what is in the file, only what was synced.
    this.#durable.set(to, this.#durable.get(from) ?? readFileSync(to));
    this.#durable.delete(from);
    if (isEnding) throw this.#killed();
  }

  async remove(path: string): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    if (existsSync(path)) this.roomBytes += statSync(path).size;
    rmSync(path, { force: true });
    this.#durable.delete(path);
    if (isEnding) throw this.#killed();
  }

  async list(folder: string): Promise<string[]> {
    await this.#step();
    return readdirSync(folder);
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step();
    mkdirSync(path, { recursive: true });
  }

  /** @returns how many were written; `error`: why not all */
  async write(
    path: string,
    handle: number,
    at: number,
    bytes: Uint8Array,
  ): Promise<{ written: number; error?: Error }> {
    const isEnding = await this.#step();
    const wanted = isEnding ? Math.floor(this.#random() * (bytes.length + 1)) : bytes.length;
    const size = statSync(path).size;
    const written = Math.min(wanted, Math.max(0, size - at) + this.roomBytes);
    writeSync(handle, bytes, 0, written, at);
    this.#forgetLost(path, at, at + written);
    this.roomBytes -= Math.max(0, at + written - size);
    if (isEnding) return { written, error: this.#killed() };
    return written < bytes.length ? { written, error: diskError('ENOSPC') } : { written };
  }

  async sync(path: string): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    const content = readFileSync(path);
    const lost = this.#lost.get(path) ?? [];
    if (this.#takesFailure()) {
      // The system gives up what it could not write, and holds it for written from now on.
      const durable = this.#durable.get(path) ?? Buffer.alloc(0);
      if (this.#random() < 0.5) lost.push({ from: commonLength(durable, content), to: content.length });
      this.#lost.set(path, lost);
      throw diskError('EIO');
    }
    for (const { from, to } of lost) content.fill(0, from, to);
    this.#durable.set(path, content);
    if (isEnding) throw this.#killed();
  }

  async truncate(path: string, size: number): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    this.roomBytes += statSync(path).size - size;
    truncateSync(path, size);
    this.#forgetLost(path, size, Number.POSITIVE_INFINITY);
    if (isEnding) throw this.#killed();
  }

  /** @returns whether the process ends in this step */
  async #step(): Promise<boolean> {
    // Steps of several files interleave as they like.
    for (let turns = Math.floor(this.#random() * 3); turns > 0; turns--) await nextTurn();
    if (this.isKilled) throw this.#killed();
    this.stepsToKill--;
    if (this.stepsToKill > 0) return false;
    this.isKilled = true;
    return true;
  }

  #takesFailure(): boolean {
    if (this.failingSyncs === 0) return false;
    this.failingSyncs--;
    return true;
  }

  #killed(): Error {
    this.isKilled = true;
    return new Error('the process has ended');
  }

  #forgetLost(path: string, from: number, to: number): void {
    const left = (this.#lost.get(path) ?? []).flatMap((range) => [
      { from: range.from, to: Math.min(range.to, from) },
      { from: Math.max(range.from, to), to: range.to },
    ]);
    this.#lost.set(
      path,
      left.filter((range) => range.from < range.to),
    );
  }

  #afterPowerLoss(durable: Buffer, current: Buffer): Buffer {
    const same = commonLength(durable, current);
    if (this.#random() < 0.2) return durable;
    const kept = Buffer.from(current.subarray(0, same + Math.floor(this.#random() * (current.length - same + 1))));
    // The size has reached the disk and the bytes have not.
    if (this.#random() < 0.3) kept.fill(0, same + Math.floor(this.#random() * (kept.length - same + 1)));
    // Of what was written over, some is as it was.
    return this.#random() < 0.5 ? kept : Buffer.concat([kept, durable.subarray(kept.length)]);
  }
}

class FaultyFile implements AppendFile {
  readonly #disk: FaultyDisk;
  readonly #path: string;
  readonly #handle: number;
  size: number;
  #last: Promise<void> = Promise.resolve();

  constructor(disk: FaultyDisk, path: string, handle: number) {
    this.#disk = disk;
    this.#path = path;
    this.#handle = handle;
    this.size = statSync(path).size;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#write(this.size, bytes));
  }

  appendSynced(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write(this.size, bytes);
      await this.#disk.sync(this.#path);
    });
  }

  async read(at: number, length: number): Promise<Buffer> {
    return readFileSync(this.#path).subarray(at, at + length);
  }

  writeAt(at: number, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#write(at, bytes));
  }

  reserve(byteCount: number): Promise<void> {
    return this.#inTurn(async () => {
      const { size } = this;
      const bytes = Buffer.alloc(Math.min(byteCount, ROOM_BYTES_MAX));
      try {
        await this.#write(statSync(this.#path).size, bytes);
      } finally {
        this.size = size;
      }
      await this.#disk.sync(this.#path);
    });
  }

  sync(): Promise<void> {
    return this.#disk.sync(this.#path);
  }

  truncate(size: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#disk.truncate(this.#path, size);
      this.size = size;
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => closeSync(this.#handle));
  }

  async #write(at: number, bytes: Uint8Array): Promise<void> {
    const { written, error } = await this.#disk.write(this.#path, this.#handle, at, bytes);
    this.size = Math.max(this.size, at + written);
    if (error) throw error;
  }

  /** Writing steps of one file come one after another. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => {});
    return done;
  }
}

function commonLength(one: Buffer, other: Buffer): number {
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same++;
  return same;
}

function diskError(code: 'ENOSPC' | 'EIO'): Error {
  return Object.assign(new Error(`${code}: made for a test`), { code });
}
