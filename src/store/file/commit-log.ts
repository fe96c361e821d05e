/**
 * The one writer of entries. Batches that arrive while a flush runs wait for the next: one write of the text and, beside it,
 * of the commit journal, one flush of both, then all their answers. Little text stands in the journal too, and is flushed
 * with that alone.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '../../entry/batch.ts';
import type { IdMaker } from '../../entry/id.ts';
import type { Clock } from '../../system/clock.ts';
import { type Files, hasCode } from '../../system/files.ts';
import { giveBack } from '../../system/memory.ts';
import type { Reporter } from '../../system/reporter.ts';
import type { Producers } from '../producers.ts';
import { type AppendResult, type BatchOrigin, StoreError } from '../store.ts';
import { type CommitGroup, makeGroup, type StoredBatch } from './commit-group.ts';
import { encodeCheckpoint, encodeGroup } from './commit-journal.ts';
import { describeError, toStoreError } from './disk-error.ts';
import { JournalRoom } from './journal-room.ts';
import { GROUP_BYTES_MAX, JOURNAL_ROOM_MIN, UNCOVERED_BYTES_MAX } from './limits.ts';
import { LogSync } from './log-sync.ts';
import { Tail } from './tail.ts';

/** `group`: before the answer. `interval`: every second. `off`: when the system likes. */
export type Fsync = 'group' | 'interval' | 'off';

export interface CommitLogOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  /** The active segment, open at its end. */
  readonly log: Tail;
  readonly journalPath: string;
  /** What the journal may grow by before it is rewritten as a checkpoint. */
  readonly journalBytesMax: number;
  /** Text of a group that is flushed with the journal instead of app.log. */
  readonly journaledBytesMax: number;
  readonly producers: Producers;
  readonly ids: IdMaker;
  /** First id of the active segment, once it has one. */
  readonly segmentId: string | undefined;
  /** Text of the segment, as things stand. Beyond: it is rotated. */
  readonly segmentBytesMax: () => number;
  /** Moves the active segment, which is whole and synced, out of the way. When it fails, nothing has changed. */
  readonly putAside: () => Promise<void>;
  /** Begins another in its place. @returns its end, in an empty file */
  readonly beginSegment: () => Promise<Tail>;
  /** What was flushed, in the order of ids; called before the appends resolve. */
  readonly onStored: (batches: readonly StoredBatch[]) => void;
}

interface Waiting {
  readonly batch: Batch;
  readonly origin: BatchOrigin | undefined;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: StoreError) => void;
}

const CANNOT_STORE = 'cannot store the entries';

export class CommitLog {
  readonly #options: CommitLogOptions;
  #log: Tail;
  /** The active segment is put aside, and the next one is still to be begun. */
  #isRotating = false;
  #isRotationAsked = false;
  #journal: Tail | undefined;
  /** Size of the journal right after its checkpoint, and what it covered. */
  #checkpointSize = 0;
  #coveredSize = 0;
  readonly #logSync: LogSync;
  readonly #room: JournalRoom;
  /** One that was due has failed. */
  #isCheckpointOwed = false;
  /** The disk is full, and a checkpoint would make room. */
  #isJournalInTheWay = false;
  #segmentId: string | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;
  /** Producers with a batch under way: the next of the same one waits for its outcome. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: CommitLogOptions) {
    this.#options = options;
    this.#log = options.log;
    const { clock, files, journalPath } = options;
    this.#logSync = new LogSync(options.log, {
      clock,
      files,
      journalPath,
      onFailed: (reason) => this.#onUnsynced(reason),
    });
    this.#room = new JournalRoom(options.journalBytesMax);
    this.#segmentId = options.segmentId;
  }

  get journalSize(): number {
    return this.#journal?.size ?? 0;
  }

  async append(batch: Batch, origin: BatchOrigin | undefined): Promise<AppendResult> {
    if (origin === undefined) {
      if (batch.count === 0) return { kind: 'stored' };
      return this.#enqueue(batch, undefined);
    }
    for (;;) {
      const underWay = this.#underWay.get(origin.producer);
      if (underWay === undefined) break;
      await underWay;
    }
    const repeat = this.#options.producers.judge(origin);
    if (repeat) return repeat;
    const stored = this.#enqueue(batch, origin);
    const settled = stored.then(
      () => this.#underWay.delete(origin.producer),
      () => this.#underWay.delete(origin.producer),
    );
    this.#underWay.set(origin.producer, settled);
    return stored;
  }

  /** Makes the journal describe what is there. Must have succeeded before entries are taken; tried again until then. */
  async begin(): Promise<void> {
    if (this.#journal !== undefined) return;
    // A journal that describes only what counts must not be there before the rest is gone.
    await this.#log.cutBack();
    await this.#checkpoint(false);
  }

  /** Rotates the active segment, soon, unless it is empty. */
  rotate(): void {
    if (this.#isClosed) return;
    this.#isRotationAsked = true;
    this.#running ??= this.#run();
  }

  /** Flushes what waits and leaves a journal that says so. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running) await this.#running;
    await this.#logSync.close();
    try {
      await this.#log.cutBack();
      await this.#checkpoint(true);
    } catch (error) {
      this.#report(
        'checkpoint-failed',
        `cannot close the commit journal (${describeError(error)}); the next start mends it`,
      );
    }
    await this.#journal?.close();
    await this.#log.close();
  }

  #enqueue(batch: Batch, origin: BatchOrigin | undefined): Promise<AppendResult> {
    if (this.#isClosed) {
      return Promise.reject(new StoreError('closed', `${CANNOT_STORE}: the store is closed`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, origin, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    let writing: Promise<Written> | undefined;
    while (writing || this.#waiting.length > 0) {
      // Whatever arrives in the same turn of the loop goes along.
      if (!writing) await nextTurn();
      const written: Written = await (writing ?? this.#write(this.#takeGroup()));
      // What has gathered meanwhile is on its way to the disk before anybody is answered, so that the disk never waits.
      writing = this.#waiting.length > 0 && !this.#isUpkeepDue() ? this.#write(this.#takeGroup()) : undefined;
      this.#settle(written);
      if (!writing) await this.#keepUp();
    }
    await this.#rotateIfDue();
    this.#running = undefined;
    // One that arrived during the last steps.
    if (this.#waiting.length > 0) this.#running = this.#run();
  }

  #takeGroup(): Waiting[] {
    let byteCount = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      byteCount += batch.text.length;
      if (count > 0 && byteCount > GROUP_BYTES_MAX) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Tells of a group whoever listens, and answers it. */
  #settle({ group, stored }: Written): void {
    if (stored instanceof StoreError) {
      for (const { reject } of group) reject(stored);
      return;
    }
    for (const { origin, result } of stored.outcomes) {
      if (!origin) continue;
      const { producer, sequence, bodyHash } = origin;
      this.#options.producers.set(producer, { sequence, bodyHash, ...result });
    }
    if (stored.batches.length > 0) this.#options.onStored(stored.batches);
    for (const [index, { resolve }] of group.entries()) {
      const outcome = stored.outcomes[index];
      if (outcome) resolve({ kind: 'stored', ...outcome.result });
    }
  }

  /** Never rejects. */
  async #write(group: readonly Waiting[]): Promise<Written> {
    try {
      const isSound =
        this.#journal?.isTorn === false && !this.#log.isTorn && !this.#isRotating && !this.#isCheckpointOwed;
      if (!isSound) await this.#mend();
      return { group, stored: await this.#writeGroup(group) };
    } catch (error) {
      return { group, stored: toStoreError(error, CANNOT_STORE) };
    }
  }

  async #writeGroup(group: readonly Waiting[]): Promise<CommitGroup> {
    const journal = this.#journal;
    if (journal === undefined) throw new Error('BUG: the commit journal has not been begun');
    const { ids, fsync } = this.#options;
    const at = this.#log.size;
    const made = makeGroup(group, { ids, at });
    const { batches, marks, text } = made;
    const segment = this.#segmentId === undefined ? batches[0]?.firstId : undefined;
    const isSynced = fsync === 'group';
    const isJournaled = isSynced && text.length <= this.#options.journaledBytesMax;
    const synced = this.#logSync.syncedSize;
    const record = encodeGroup({ at, synced, segment, batches: marks, text: isJournaled ? text : undefined });
    // Side by side: recovery compares the two, so neither must be there before the other.
    const written = await Promise.allSettled([
      journal.write(Buffer.from(record), isSynced),
      text.length > 0 ? this.#writeText(text, isSynced && !isJournaled) : undefined,
    ]);
    if (group.length > 1) giveBack(text);
    const failed = written.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      await this.#cutBack(journal);
      // What the journal takes up is room too.
      this.#isJournalInTheWay =
        hasCode(failed.reason, 'ENOSPC') && journal.size - this.#checkpointSize > JOURNAL_ROOM_MIN;
      throw failed.reason;
    }
    journal.keep();
    this.#log.keep();
    this.#segmentId ??= segment;
    if (isJournaled) {
      this.#logSync.syncSoon();
      this.#room.keepAhead(journal, journal.size - this.#checkpointSize);
    } else if (isSynced) this.#logSync.noteAllSynced();
    else if (fsync === 'interval') this.#logSync.syncSoon(() => this.#journal?.sync());
    return made;
  }

  async #writeText(text: Uint8Array, isSynced: boolean): Promise<void> {
    // What stands before it and is not synced does not get so by a write that is.
    const isAlone = isSynced && this.#logSync.isAllSynced;
    const end = this.#log.size + text.length;
    await this.#log.write(text, isAlone);
    if (isSynced && !(isAlone && !this.#log.isInDoubt)) await this.#logSync.sync(end);
  }

  /** Finishes what an earlier failure left undone. */
  async #mend(): Promise<void> {
    if (this.#isRotating) await this.#rotate();
    // The journal first: without its record the bytes of the log are nobody's, should it end here.
    await this.#journal?.cutBack();
    await this.#log.cutBack();
    if (this.#isCheckpointOwed) await this.#checkpoint(false);
    await this.begin();
  }

  async #cutBack(journal: Tail): Promise<void> {
    try {
      await journal.cutBack();
      await this.#log.cutBack();
    } catch (error) {
      this.#report(
        'cut-back-failed',
        `a write failed and what it left cannot be taken away yet (${describeError(error)}); no entries are taken until it can`,
      );
    }
  }

  #isUpkeepDue(): boolean {
    return this.#isCheckpointDue() || this.#isRotationDue();
  }

  async #keepUp(): Promise<void> {
    if (this.#isCheckpointDue()) await this.#checkpointOrTell();
    await this.#rotateIfDue();
  }

  #isCheckpointDue(): boolean {
    const grown = this.journalSize - this.#checkpointSize;
    if (this.#isJournalInTheWay) return true;
    return grown >= this.#options.journalBytesMax || this.#log.size - this.#coveredSize >= UNCOVERED_BYTES_MAX;
  }

  #isRotationDue(): boolean {
    const { size } = this.#log;
    return this.#isRotating || (size > 0 && (this.#isRotationAsked || size >= this.#options.segmentBytesMax()));
  }

  async #checkpointOrTell(): Promise<void> {
    try {
      await this.#checkpoint(false);
    } catch (error) {
      // Or the journal would grow without end.
      this.#isCheckpointOwed = true;
      this.#report(
        'checkpoint-failed',
        `cannot rewrite the commit journal (${describeError(error)}); no entries are taken until it can be`,
      );
    }
  }

  async #rotateIfDue(): Promise<void> {
    const isDue = this.#isRotationDue();
    this.#isRotationAsked = false;
    if (!isDue) return;
    try {
      await this.#rotate();
    } catch (error) {
      this.#report(
        'rotation-failed',
        `cannot begin a new segment (${describeError(error)}); it is tried again with the next entries`,
      );
    }
  }

  /** A journal that covers the old segment is in place before that moves, and one for the new before that takes entries. */
  async #rotate(): Promise<void> {
    if (!this.#isRotating) {
      await this.begin();
      await this.#log.cutBack();
      await this.#checkpoint(false);
      await this.#logSync.settled();
      await this.#options.putAside();
      this.#isRotating = true;
    }
    this.#log = await this.#options.beginSegment();
    this.#isRotating = false;
    this.#segmentId = undefined;
    this.#logSync.turnTo(this.#log);
    await this.#checkpoint(false);
  }

  /** Puts a journal in place that covers all that is stored. */
  async #checkpoint(isClean: boolean): Promise<void> {
    const { files, journalPath, producers } = this.#options;
    this.#isJournalInTheWay = false;
    // What a checkpoint covers is not verified again, so it must be on the disk.
    if (!this.#logSync.isAllSynced) await this.#logSync.sync();
    const covered = this.#log.size;
    const segment = this.#segmentId ?? null;
    // If this fails half-way, the open file may no longer be the one of that name: nothing more is written to it.
    const old = this.#journal;
    this.#journal = undefined;
    await old?.close();
    await files.replace(
      journalPath,
      encodeCheckpoint({ covered, segment, isClean, producers: [...producers.marks()] }),
    );
    this.#journal = new Tail(await files.openAppend(journalPath));
    this.#checkpointSize = this.#journal.size;
    this.#room.begin();
    this.#coveredSize = covered;
    this.#isCheckpointOwed = false;
    this.#logSync.noteCheckpoint();
  }

  #onUnsynced(reason: string): void {
    const outcome =
      this.#options.fsync === 'group' ? 'the commit journal has them meanwhile' : 'a power loss may take them';
    this.#report('sync-failed', `cannot flush entries to the disk (${reason}); ${outcome}`);
  }

  #report(event: string, message: string): void {
    this.#options.reporter({ severity: 'warning', event, message });
  }
}

/** A group that is stored, or why none of it is. */
interface Written {
  readonly group: readonly Waiting[];
  readonly stored: CommitGroup | StoreError;
}
