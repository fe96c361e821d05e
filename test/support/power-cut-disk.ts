/**
 * A disk that loses power: beside what a `FaultyDisk` does, the last step of putting a file in place (the sync of its
 * folder) may fail or never come, and names that were not synced, new, replaced or removed, may be as they were before.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { FaultyDisk, type Random } from './faulty-files.ts';

export class PowerCutDisk extends FaultyDisk {
  readonly #choose: Random;
  /** By path, what a power loss may bring back; undefined: that there was no such file. */
  readonly #before = new Map<string, Buffer | undefined>();
  /** Share of replacements whose folder cannot be synced. */
  readonly #failingShare: number;

  constructor(random: Random, failingShare: number) {
    super(random);
    this.#choose = random;
    this.#failingShare = failingShare;
  }

  override async replace(path: string, bytes: Uint8Array | string): Promise<void> {
    const before = this.#before.has(path) ? this.#before.get(path) : contentOf(path);
    this.#before.set(path, before);
    try {
      await super.replace(path, bytes);
    } catch (error) {
      // The process ended while the new file was being written.
      const isCut = this.isKilled && !existsSync(`${path}.new`) && this.#choose() < 0.3;
      if (isCut)
        writeFileSync(`${path}.new`, Buffer.from(bytes).subarray(0, Math.floor(this.#choose() * bytes.length)));
      throw error;
    }
    if (this.#choose() < this.#failingShare) throw Object.assign(new Error('EIO: made for a test'), { code: 'EIO' });
    this.#before.delete(path);
  }

  override async remove(path: string): Promise<void> {
    if (!this.#before.has(path) && existsSync(path)) this.#before.set(path, contentOf(path));
    await super.remove(path);
  }

  override loseUnsynced(): void {
    super.loseUnsynced();
    for (const [path, before] of this.#before) {
      if (this.#choose() < 0.5) continue;
      if (before === undefined) rmSync(path, { force: true });
      else writeFileSync(path, before);
    }
  }

  override restart(): void {
    super.restart();
    this.#before.clear();
  }
}

function contentOf(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
