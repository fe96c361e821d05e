/**
 * The end of a file that grows by groups: what could not be written and synced as a whole is cut off again, and until
 * that has succeeded nothing more is written. So a torn group never stands in front of a later one.
 */
import type { AppendFile } from '../../system/files.ts';
import { SCAN_BYTES } from './limits.ts';
import type { Piece } from './patched-bytes.ts';

/** What an earlier run left behind the whole groups. */
export interface Leftover {
  /** Bytes that are whole groups. */
  readonly size: number;
  /** Called before it is cut off; when it fails, nothing is, and it is called again the next time. */
  readonly beforeCut: () => Promise<void>;
}

export class Tail {
  readonly #file: AppendFile;
  /** Bytes that are whole groups. */
  #size: number;
  #isTorn = false;
  /** Syncs that failed, and of them those that were made up for. */
  #failedSyncs = 0;
  #madeUpFor = 0;
  #beforeCut: (() => Promise<void>) | undefined;

  constructor(file: AppendFile, leftover?: Leftover) {
    this.#file = file;
    this.#size = leftover?.size ?? file.size;
    this.#isTorn = leftover !== undefined;
    this.#beforeCut = leftover?.beforeCut;
  }

  get size(): number {
    return this.#size;
  }

  /** What was written last does not count, and `cutBack` is due. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** A sync has failed: what was written and not synced before may not be there though it can be read. */
  get isInDoubt(): boolean {
    return this.#failedSyncs > this.#madeUpFor;
  }

  /** Appends and, if wished, syncs. After an error `cutBack` must be called. */
  async write(bytes: Uint8Array, isSynced: boolean): Promise<void> {
    if (this.#isTorn) throw new Error('BUG: a group is written behind a torn one');
    this.#isTorn = true;
    await (isSynced ? this.#doubting(this.#file.appendSynced(bytes)) : this.#file.append(bytes));
  }

  /** Room for what will be written. */
  reserve(byteCount: number): Promise<void> {
    return this.#file.reserve(byteCount);
  }

  /** What was written counts. */
  keep(): void {
    this.#size = this.#file.size;
    this.#isTorn = false;
  }

  /** Takes away what was written since the last `keep`, for good: synced, lest a crash bring it back. */
  async cutBack(): Promise<void> {
    if (!this.#isTorn) return;
    await this.#beforeCut?.();
    this.#beforeCut = undefined;
    await this.#file.truncate(this.#size);
    await this.sync();
    this.#isTorn = false;
  }

  sync(): Promise<void> {
    return this.#doubting(this.#file.sync());
  }

  /**
   * Writes once more what stands between two offsets, and syncs: then nothing is in doubt.
   * @param pieces what is known of it otherwise than by reading it back
   */
  async syncAnew({ from, end }: { from: number; end: number }, pieces: readonly Piece[]): Promise<void> {
    const failedBefore = this.#failedSyncs;
    for (let at = from; at < end; at += SCAN_BYTES) {
      const bytes = await this.#file.read(at, Math.min(SCAN_BYTES, end - at));
      await this.#file.writeAt(at, bytes);
    }
    for (const { at, bytes } of pieces) await this.#file.writeAt(at, bytes);
    await this.sync();
    this.#madeUpFor = failedBefore;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #doubting(syncing: Promise<void>): Promise<void> {
    try {
      await syncing;
    } catch (error) {
      this.#failedSyncs++;
      throw error;
    }
  }
}
