/**
 * A disk that fails: it forgets what was not synced, fills up, answers a sync with an error, or the process ends in the
 * middle of a step. It keeps real files in a real folder, so that whatever reads them reads what is there.
 */
import {
  closeSync,
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
  }

  async openAppend(path: string): Promise<AppendFile> {
    await this.#step();
    const handle = openSync(path, 'a+');
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

  async append(handle: number, bytes: Uint8Array): Promise<void> {
    const isEnding = await this.#step();
    const wanted = isEnding ? Math.floor(this.#random() * (bytes.length + 1)) : bytes.length;
    const written = Math.min(wanted, this.roomBytes);
    writeSync(handle, bytes, 0, written);
    this.roomBytes -= written;
    if (isEnding) throw this.#killed();
    if (written < bytes.length) throw diskError('ENOSPC');
  }

  async sync(path: string): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    if (this.#takesFailure()) throw diskError('EIO');
    this.#durable.set(path, readFileSync(path));
    if (isEnding) throw this.#killed();
  }

  async truncate(path: string, size: number): Promise<void> {
    const isEnding = await this.#step();
    if (isEnding && this.#random() < 0.5) throw this.#killed();
    this.roomBytes += statSync(path).size - size;
    truncateSync(path, size);
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

  #afterPowerLoss(durable: Buffer, current: Buffer): Buffer {
    let same = 0;
    while (same < durable.length && same < current.length && durable[same] === current[same]) same++;
    if (this.#random() < 0.2) return durable;
    const kept = Buffer.from(current.subarray(0, same + Math.floor(this.#random() * (current.length - same + 1))));
    // The size has reached the disk and the bytes have not.
    if (this.#random() < 0.3) kept.fill(0, same + Math.floor(this.#random() * (kept.length - same + 1)));
    return kept;
  }
}

class FaultyFile implements AppendFile {
  readonly #disk: FaultyDisk;
  readonly #path: string;
  readonly #handle: number;

  constructor(disk: FaultyDisk, path: string, handle: number) {
    this.#disk = disk;
    this.#path = path;
    this.#handle = handle;
  }

  get size(): number {
    return statSync(this.#path).size;
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#disk.append(this.#handle, bytes);
  }

  async appendSynced(bytes: Uint8Array): Promise<void> {
    await this.append(bytes);
    await this.sync();
  }

  sync(): Promise<void> {
    return this.#disk.sync(this.#path);
  }

  truncate(size: number): Promise<void> {
    return this.#disk.truncate(this.#path, size);
  }

  async close(): Promise<void> {
    closeSync(this.#handle);
  }
}

function diskError(code: 'ENOSPC' | 'EIO'): Error {
  return Object.assign(new Error(`${code}: made for a test`), { code });
}
