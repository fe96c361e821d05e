/**
 * Gathers what the sources give into batches: small while it is quiet, so that a line is shown at once; large when there
 * is much, so that syncing and sending cost little. Sources wait while what they gave is on its way to the spool.
 */
import type { Clock } from '../system/clock.ts';
import { createEvent } from '../system/event.ts';
import type { Chunk, PositionChanges, PositionValue } from './chunk.ts';
import { BATCH_AGE_BEHIND, BATCH_AGE_MS_MAX, BATCH_LINES_MAX, BATCH_QUIET_MS, BATCHES_CLOSED_MAX } from './limits.ts';

export interface ClosedBatch {
  /** NDJSON, in pieces. */
  readonly lines: readonly Uint8Array[];
  readonly count: number;
  readonly notices: number;
  readonly positions: PositionChanges;
}

export interface BatcherOptions {
  /** Called one after the other, in the order of closing; does not reject. */
  readonly write: (batch: ClosedBatch) => Promise<void>;
  /** Of an open batch; a single chunk is always taken. Beyond: it is closed. */
  readonly bytesMax: number;
  /** Batches that wait for the server. */
  readonly depth: () => number;
  readonly clock: Clock;
}

export class Batcher {
  readonly #write: BatcherOptions['write'];
  readonly #bytesMax: number;
  readonly #depth: BatcherOptions['depth'];
  readonly #clock: Clock;
  #lines: Uint8Array[] = [];
  #length = 0;
  #count = 0;
  #notices = 0;
  #positions = new Map<string, PositionValue | null>();
  #openedMs = 0;
  #changedMs = 0;
  #isTimed = false;
  /** Closed and not yet written. */
  #closedCount = 0;
  /** In those. */
  #closedLines = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #written = createEvent();

  constructor({ write, bytesMax, depth, clock }: BatcherOptions) {
    this.#write = write;
    this.#bytesMax = bytesMax;
    this.#depth = depth;
    this.#clock = clock;
  }

  /** Taken and not yet written. */
  get pendingLines(): number {
    return this.#count + this.#closedLines;
  }

  /** Takes the chunk at once; resolves when the source may go on. */
  async put(chunk: Chunk): Promise<void> {
    this.#makeRoom(chunk.lines);
    this.#add(chunk.lines, chunk.count);
    for (const [key, value] of Object.entries(chunk.positions ?? {})) this.#positions.set(key, value);
    this.#touch();
    while (this.#closedCount >= BATCHES_CLOSED_MAX) await this.#written.wait();
  }

  /** A line of the agent itself; never waits, as whoever says it may be what others wait for. */
  note(line: Uint8Array, positions: PositionChanges = {}): void {
    this.#makeRoom(line);
    this.#add(line, 1);
    this.#notices++;
    for (const [key, value] of Object.entries(positions)) this.#positions.set(key, value);
    this.#touch();
  }

  /** Closes what is open; resolves when all is written. */
  async flush(): Promise<void> {
    this.#close();
    await this.#writing;
  }

  /** Closes the open batch when these lines would make it too large. */
  #makeRoom(lines: Uint8Array): void {
    if (this.#count > 0 && this.#length + lines.length > this.#bytesMax) this.#close();
  }

  #add(lines: Uint8Array, count: number): void {
    if (count === 0) return;
    this.#lines.push(lines);
    this.#length += lines.length;
    this.#count += count;
  }

  #touch(): void {
    this.#changedMs = this.#clock.monotonicMs();
    if (this.#length >= this.#bytesMax || this.#count >= BATCH_LINES_MAX) this.#close();
    else if (!this.#isTimed) {
      this.#isTimed = true;
      this.#openedMs = this.#changedMs;
      void this.#closeInTime();
    }
  }

  async #closeInTime(): Promise<void> {
    while (this.#isTimed) {
      await this.#clock.sleep(BATCH_QUIET_MS);
      const nowMs = this.#clock.monotonicMs();
      const ageMax = this.#ageMsMax();
      const isQuiet = ageMax === BATCH_AGE_MS_MAX && nowMs - this.#changedMs >= BATCH_QUIET_MS;
      // While a batch is being written, the next one may as well grow.
      if (this.#closedCount === 0 && (isQuiet || nowMs - this.#openedMs >= ageMax)) this.#close();
    }
  }

  #ageMsMax(): number {
    const depth = this.#depth();
    return BATCH_AGE_BEHIND.find((step) => depth >= step.depth)?.ageMs ?? BATCH_AGE_MS_MAX;
  }

  #close(): void {
    this.#isTimed = false;
    if (this.#count === 0 && this.#positions.size === 0) return;
    const batch: ClosedBatch = {
      lines: this.#lines,
      count: this.#count,
      notices: this.#notices,
      positions: Object.fromEntries(this.#positions),
    };
    this.#lines = [];
    this.#length = 0;
    this.#count = 0;
    this.#notices = 0;
    this.#positions = new Map();
    this.#closedCount++;
    this.#closedLines += batch.count;
    this.#writing = this.#writing
      .then(() => this.#write(batch))
      .then(() => {
        this.#closedCount--;
        this.#closedLines -= batch.count;
        this.#written.fire();
      });
  }
}
