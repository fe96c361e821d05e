/**
 * What is too old, or too much, is given up: whole sealed segments, oldest first. Entries that are pinned or tickets stay.
 * Age counts by the time of receipt, size by the bytes on disk.
 */
import { join } from 'node:path';
import { idTimeMs } from '../../entry/id.ts';
import type { Clock } from '../../system/clock.ts';
import type { Files } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { describeError } from './disk-error.ts';
import { RETENTION_LOOK_MS } from './limits.ts';
import { sealedName, segmentIndexName } from './names.ts';
import type { KnownSealed } from './segment-list.ts';

const DAY_MS = 86_400_000;

export interface RetentionBounds {
  readonly days?: number | undefined;
  /** Of the whole data folder. */
  readonly bytes?: number | undefined;
}

export interface RetentionOptions {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly bounds: RetentionBounds;
  /** Oldest first. */
  readonly sealed: readonly KnownSealed[];
  /** Of the whole data folder. */
  readonly totalBytes: () => number;
  /** Takes the oldest sealed segment out of the store, but for what is pinned or a ticket. */
  readonly drop: () => Promise<void>;
  /** Called at every look, before it. */
  readonly onLook: () => void;
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Looks now and then from now on; without bounds, never. */
  begin(): void {
    const { days, bytes } = this.#options.bounds;
    if (days !== undefined || bytes !== undefined) this.#watching = this.#watch();
  }

  /** Gives up what is beyond the bounds. Resolves when that is done. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#dropAll());
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#looking;
  }

  async #watch(): Promise<void> {
    const { clock, onLook } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      onLook();
      await this.look();
      await clock.sleep(RETENTION_LOOK_MS, signal);
    }
  }

  async #dropAll(): Promise<void> {
    const { sealed, drop, reporter } = this.#options;
    for (let oldest = sealed[0]; oldest && this.#isBeyond(oldest); oldest = sealed[0]) {
      if (this.#stop.signal.aborted) return;
      try {
        await drop();
        await this.#remove(oldest);
      } catch (error) {
        const message = `cannot give up ${sealedName(oldest.segment.segmentId)} (${describeError(error)}); it is tried again`;
        reporter({ severity: 'warning', event: 'retention-failed', message });
        return;
      }
    }
  }

  #isBeyond({ segment }: KnownSealed): boolean {
    const { bounds, totalBytes, clock } = this.#options;
    if (bounds.bytes !== undefined && totalBytes() > bounds.bytes) return true;
    if (bounds.days === undefined) return false;
    const { lastId, timeRange } = segment.summary;
    // Entries of another program do not say when they were received.
    const newestMs = lastId === undefined ? (timeRange?.maxMs ?? 0) : idTimeMs(lastId);
    return newestMs < clock.nowMs() - bounds.days * DAY_MS;
  }

  /** The text first: an index without its text is deleted at the next start. */
  async #remove({ segment, bytes }: KnownSealed): Promise<void> {
    const { folder, files, reporter } = this.#options;
    const name = sealedName(segment.segmentId);
    await files.remove(join(folder, name));
    await files.remove(join(folder, segmentIndexName(segment.segmentId)));
    const { entryCount } = segment.summary;
    const message = `gave up ${name} by retention: ${entryCount} entries, ${bytes} bytes on disk`;
    reporter({ severity: 'info', event: 'segment-dropped', message });
  }
}
