/**
 * Seals rotated segments in the background, oldest first: packed block by block, put in place, and only then the plain text is
 * deleted. What a crash leaves half done is done again.
 */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../system/clock.ts';
import type { Files } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import type { Block } from './block-index.ts';
import { describeError } from './disk-error.ts';
import { BUSY_LOOK_MS, SEAL_RETRY_MS } from './limits.ts';
import { rotatedName, sealedName, segmentIndexName, UNFINISHED_SUFFIX } from './names.ts';
import type { Packer } from './packer.ts';
import { type SealedSummary, summaryOf } from './sealed-index.ts';
import type { KnownSealed, RotatedSegment, SegmentList } from './segment-list.ts';
import type { SegmentPlace } from './segment-text.ts';

export interface SealerOptions {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly packer: Packer;
  readonly segments: SegmentList;
  /** A sealed segment as the store reads it. */
  readonly toSealed: (segmentId: string, summary: SealedSummary, indexBytes: number) => KnownSealed;
  /** Whether sealing may wait and should. */
  readonly shouldWait: () => boolean;
  /** Called when one more is sealed. */
  readonly onSealed: () => void;
}

export class Sealer {
  readonly #options: SealerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Seals what is rotated, soon. */
  wake(): void {
    if (!this.#stop.signal.aborted) this.#running ??= this.#run();
  }

  /** Ends after the block under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { segments, clock } = this.#options;
    const { signal } = this.#stop;
    // Others may wait for the same turn of the loop, and `#running` must be set before it is taken back.
    await nextTurn();
    for (let next = segments.rotated[0]; next && !signal.aborted; next = segments.rotated[0]) {
      try {
        await this.#seal(next);
        this.#hasFailed = false;
      } catch (error) {
        if (signal.aborted) break;
        this.#report(next, error);
        // What is half written must not take up room on a disk that may be full.
        await this.#remove(`${sealedName(next.segmentId)}${UNFINISHED_SUFFIX}`);
        await clock.sleep(SEAL_RETRY_MS, signal);
      }
    }
    this.#running = undefined;
  }

  async #seal(rotated: RotatedSegment): Promise<void> {
    const { folder, files, packer, segments, toSealed, onSealed } = this.#options;
    const { segmentId, segment } = rotated;
    const { index } = segment;
    const first = index.complete[0];
    const place: SegmentPlace = { folder, segmentId, firstAt: first?.offset ?? 0 };
    const sealedPath = join(folder, sealedName(segmentId));
    const unfinished = `${sealedPath}${UNFINISHED_SUFFIX}`;
    const packed = await this.#pack(place, index.complete, unfinished);
    if (packed === undefined) return;
    const summary = summaryOf(index, { packedBytes: packed.bytes, textBytes: rotated.bytes });
    const { blocks } = packed;
    const clients = [...index.totalsNow()];
    const { clientNames } = index;
    const digested = segment.digests && { digests: [...segment.digests.digests], book: segment.digests.book };
    const indexBytes = await packer.index(place, { summary, blocks, clients, clientNames, digested });
    // Before the text: what is found sealed has its index.
    await files.replace(join(folder, segmentIndexName(segmentId)), indexBytes);
    await files.move(unfinished, sealedPath);
    const sealed = toSealed(segmentId, summary, indexBytes.length);
    segments.seal(sealed);
    // From here on it is there once more than it should be, and the next start would delete it too.
    await this.#remove(rotatedName(segmentId));
    await segment.supersede(sealed.segment);
    onSealed();
  }

  /** Undefined: it was told to stop. */
  async #pack(
    place: SegmentPlace,
    blocks: readonly Block[],
    path: string,
  ): Promise<{ bytes: number; blocks: Block[] } | undefined> {
    const { files, packer } = this.#options;
    const file = await files.openAppend(path);
    try {
      await file.truncate(0);
      const framed: Block[] = [];
      if (place.firstAt > 0) await file.append(await packer.pack(place, { offset: 0, length: place.firstAt }));
      for (const block of blocks) {
        await this.#waitWhileBusy();
        if (this.#stop.signal.aborted) return undefined;
        const frame = await packer.pack(place, block);
        framed.push({ ...block, frame: { at: file.size, length: frame.length } });
        await file.append(frame);
      }
      await file.sync();
      return { bytes: file.size, blocks: framed };
    } finally {
      await file.close();
    }
  }

  async #waitWhileBusy(): Promise<void> {
    const { shouldWait, clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted && shouldWait()) await clock.sleep(BUSY_LOOK_MS, signal);
  }

  async #remove(name: string): Promise<void> {
    const { folder, files, reporter } = this.#options;
    try {
      await files.remove(join(folder, name));
    } catch (error) {
      const message = `cannot delete ${name}, which is needed no more (${describeError(error)}); the next start tries again`;
      reporter({ severity: 'warning', event: 'not-deleted', message });
    }
  }

  #report({ segmentId }: RotatedSegment, error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.reporter({
      severity: 'warning',
      event: 'seal-failed',
      message: `cannot seal ${rotatedName(segmentId)} (${describeError(error)}); it stays as plain text and is tried again`,
    });
  }
}
