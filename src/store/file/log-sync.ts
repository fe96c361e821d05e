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
  /** The journal is about this log, and not what an earlier run left. */
  #isJournalOurs = false;
  /** Settles when no sync runs. */
  #last: Promise<void> = Promise.resolve();
  #later: Promise<void> | undefined;

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

  /** A journal of this run is in place. */
  noteCheckpoint(): void {
    this.#isJournalOurs = true;
  }

  /**
   * One after another: of two at once, only one would hear that the disk has given up what is for both.
   * @param end bytes of the log that are to be on the disk: what counts, or with what was appended to it
   * @throws the operating system's error; then the next call begins with what the journal has
   */
  sync(end?: number): Promise<void> {
    const log = this.#log;
    const synced = this.#last.then(() => this.#sync(log, end ?? log.size));
    this.#last = synced.catch(() => {
      // Whoever asked for it hears of it.
    });
    return synced;
  }

  /** Within FSYNC_INTERVAL_MS, unless it is on its way. */
  syncSoon(also?: () => Promise<void> | undefined): void {
    this.#later ??= this.#syncLater(also);
  }

  /** Nothing is synced any more by itself, and no sync runs. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }

  /** Before the log is closed. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #sync(log: Tail, end: number): Promise<void> {
    // Put aside meanwhile, and synced before that.
    if (log !== this.#log) return;
    if (log.isInDoubt) await this.#syncAnew(log, end);
    else await log.sync();
    if (log.isInDoubt) throw new Error('what was written beside it could not be flushed');
    if (log === this.#log) this.#syncedSize = Math.max(this.#syncedSize, Math.min(end, log.size));
  }

  async #syncLater(also?: () => Promise<void> | undefined): Promise<void> {
    const { clock, onFailed } = this.#options;
    await clock.sleep(FSYNC_INTERVAL_MS, this.#stop.signal);
    if (!this.#stop.signal.aborted) {
      try {
        await Promise.all([this.sync(), also?.()]);
      } catch (error) {
        onFailed(describeError(error));
      }
    }
    this.#later = undefined;
    if (!this.#stop.signal.aborted && !this.isAllSynced) this.syncSoon(also);
  }

  /** After a sync that failed the system may hold for written what it has given up: it is written once more. */
  async #syncAnew(log: Tail, end: number): Promise<void> {
    const { files, journalPath } = this.#options;
    const bytes = this.#isJournalOurs ? await files.read(journalPath) : undefined;
    const journal = bytes && decodeJournal(bytes);
    const groups = journal?.kind === 'read' ? journal.groups : [];
    const pieces = groups.flatMap(({ at, text }) =>
      text && at >= this.#syncedSize && at + text.length <= end ? { at, bytes: text } : [],
    );
    await log.syncAnew({ from: this.#syncedSize, end }, pieces);
  }
}
