/**
 * What of the active segment is on the disk, and how the rest gets there. The text of small groups is flushed with the
 * commit journal alone, and here a moment later; until then the journal can write it again.
 */
import type { Clock } from '../../system/clock.ts';
import type { Files } from '../../system/files.ts';
import { decodeJournal } from './commit-journal.ts';
import { describeError } from './disk-error.ts';
import { FSYNC_INTERVAL_MS } from './limits.ts';
import type { Tail } from './tail.ts';

export interface LogSyncOptions {
  readonly clock: Clock;
  readonly files: Files;
  readonly journalPath: string;
  readonly onFailed: (reason: string) => void;
}

export class LogSync {
  readonly #options: LogSyncOptions;
  readonly #stop = new AbortController();
  #log: Tail;
  /** Bytes of the log that are known to be on the disk. Of what an earlier run left, none are. */
  #syncedSize = 0;
  #syncing: Promise<void> | undefined;

  constructor(log: Tail, options: LogSyncOptions) {
    this.#log = log;
    this.#options = options;
  }

  get syncedSize(): number {
    return this.#syncedSize;
  }

  get isAllSynced(): boolean {
    return this.#syncedSize === this.#log.size && !this.#log.isInDoubt;
  }

  /** Another segment is the active one, and empty. */
  turnTo(log: Tail): void {
    this.#log = log;
    this.#syncedSize = 0;
  }

  /** All of it was written synced. */
  noteAllSynced(): void {
    this.#syncedSize = this.#log.size;
  }

  /** @throws the operating system's error; then the next call begins with what the journal has */
  async sync(): Promise<void> {
    const log = this.#log;
    const size = log.size;
    if (log.isInDoubt) await this.#syncAnew(log);
    else await log.sync();
    if (log === this.#log) this.#syncedSize = Math.max(this.#syncedSize, size);
  }

  /** Within FSYNC_INTERVAL_MS, unless it is on its way. */
  syncSoon(also?: () => Promise<void> | undefined): void {
    this.#syncing ??= this.#syncLater(also);
  }

  /** Nothing is synced any more by itself. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#syncing;
  }

  async #syncLater(also?: () => Promise<void> | undefined): Promise<void> {
    const { clock, onFailed } = this.#options;
    await clock.sleep(FSYNC_INTERVAL_MS, this.#stop.signal);
    this.#syncing = undefined;
    try {
      await Promise.all([this.sync(), also?.()]);
    } catch (error) {
      onFailed(describeError(error));
    }
  }

  /** After a sync that failed the system may hold for written what it has given up: it is written once more. */
  async #syncAnew(log: Tail): Promise<void> {
    const { files, journalPath } = this.#options;
    const bytes = await files.read(journalPath);
    const journal = bytes && decodeJournal(bytes);
    const groups = journal?.kind === 'read' ? journal.groups : [];
    const pieces = groups.flatMap(({ at, text }) =>
      text && at >= this.#syncedSize && at < log.size ? { at, bytes: text } : [],
    );
    await log.syncAnew(this.#syncedSize, pieces);
  }
}
