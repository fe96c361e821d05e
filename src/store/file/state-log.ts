/**
 * The one writer of states. Changes that arrive while a flush runs wait for the next, and see what came before them.
 * A change is computed when it is written, so one that could not be written has never been seen by anybody.
 */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry } from '../../entry/entry.ts';
import { applyChange, type FullState, type StateChange } from '../../entry/state.ts';
import type { Clock } from '../../system/clock.ts';
import type { Files } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { StoreError } from '../store.ts';
import type { Fsync } from './commit-log.ts';
import { describeError, toStoreError } from './disk-error.ts';
import { loadStates } from './load-states.ts';
import { STATE_DAMAGED_NAME, STATE_JOURNAL_NAME, STATE_NAME } from './names.ts';
import type { StateBook } from './state-book.ts';
import { encodeStateChange, encodeStateFile, encodeStateJournalStart } from './state-file.ts';
import { recordOf, type StateRecord } from './state-record.ts';
import { Tail } from './tail.ts';

export interface StateLogOptions {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  readonly book: StateBook;
  /** What the journal may grow to before it is folded in. */
  readonly journalBytesMax: number;
  /** Called for each change that is safe, before the call that made it resolves. */
  readonly onState: (id: string, state: FullState) => void;
}

interface Waiting {
  /** Looked up meanwhile; changes are made in the order in which they were asked for. */
  readonly lookedUp: Promise<[PromiseSettledResult<readonly Entry[]>]>;
  /** `keep`: the states stay as they are and are marked. */
  readonly change: ((before: FullState | undefined) => StateChange) | 'keep';
  readonly resolve: (states: Map<string, FullState>) => void;
  readonly reject: (error: StoreError) => void;
}

type Found = Omit<Waiting, 'lookedUp'> & { readonly entries: readonly Entry[] };

const CANNOT_CHANGE = 'cannot change the state';

export class StateLog {
  readonly #options: StateLogOptions;
  #journal: Tail | undefined;
  #stateSize = 0;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;
  #hasChanges = false;

  constructor(options: StateLogOptions) {
    this.#options = options;
  }

  /** Bytes of both files. */
  get size(): number {
    return this.#stateSize + (this.#journal?.size ?? 0);
  }

  /** Reads both files into the book. @throws StoreError `newer-format` */
  async load(): Promise<void> {
    const { folder, files, book } = this.#options;
    const { stateSize, hasChanges, isJournalWhole, damaged } = await loadStates(folder, files, book);
    this.#stateSize = stateSize;
    this.#hasChanges = hasChanges;
    if (damaged) await this.#keepDamaged(damaged.file, damaged.stateCount);
    if (!isJournalWhole) {
      this.#report(
        'state-journal-cut',
        `a line of ${STATE_JOURNAL_NAME} was torn or damaged and is left out; the others count`,
      );
    }
  }

  /**
   * Changes the states of stored entries, after all changes that were asked for before. Resolves when the change is safe
   * and has been told.
   */
  change(
    lookUp: () => Promise<readonly Entry[]>,
    change: (before: FullState | undefined) => StateChange,
  ): Promise<Map<string, FullState>> {
    return this.#add(lookUp, change);
  }

  /** Marks entries as kept, whose segment is about to be given up. Resolves when that is safe. */
  async keep(lookUp: () => Promise<readonly Entry[]>): Promise<void> {
    await this.#add(lookUp, 'keep');
  }

  /** Resolves when all changes that were asked for before have been made, or refused. */
  async settled(): Promise<void> {
    await this.#add(async () => [], 'keep');
  }

  #add(lookUp: () => Promise<readonly Entry[]>, change: Waiting['change']): Promise<Map<string, FullState>> {
    if (this.#isClosed) return Promise.reject(new StoreError('closed', `${CANNOT_CHANGE}: the store is closed`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lookedUp: Promise.allSettled([lookUp()]), change, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** The book has learned what the files do not say; they get it with the next fold. */
  foldAtClose(): void {
    this.#hasChanges = true;
  }

  /** Writes what waits and folds the journal in. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running) await this.#running;
    if (this.#hasChanges) await this.#foldOrReport();
    await this.#journal?.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      const group: Found[] = [];
      for (const { lookedUp, ...waiting } of this.#waiting.splice(0)) {
        const [outcome] = await lookedUp;
        if (outcome.status === 'fulfilled') group.push({ ...waiting, entries: outcome.value });
        else waiting.reject(toStoreError(outcome.reason, CANNOT_CHANGE));
      }
      await this.#flush(group);
    }
    this.#running = undefined;
  }

  async #flush(group: readonly Found[]): Promise<void> {
    const { book, clock, onState } = this.#options;
    const fresh = new Map<string, StateRecord>();
    const lines: string[] = [];
    const answers: Map<string, FullState>[] = [];
    for (const { entries, change } of group) {
      const answer = new Map<string, FullState>();
      for (const entry of entries) {
        const before = fresh.get(entry.id) ?? book.get(entry.id);
        const record = changed(entry, before, change, clock.nowMs());
        fresh.set(entry.id, record);
        lines.push(encodeStateChange(entry.id, record));
        answer.set(entry.id, record.state);
      }
      answers.push(answer);
    }
    try {
      await this.#write(Buffer.from(lines.join('')));
    } catch (error) {
      const failure = toStoreError(error, CANNOT_CHANGE);
      for (const { reject } of group) reject(failure);
      return;
    }
    for (const [id, record] of fresh) {
      const before = book.get(id)?.state;
      book.set(id, record);
      if (record.state !== before) onState(id, record.state);
    }
    for (const [index, { resolve }] of group.entries()) resolve(answers[index] ?? new Map());
    const journalSize = this.#journal?.size ?? 0;
    if (journalSize > Math.max(this.#options.journalBytesMax, this.#stateSize)) await this.#foldOrReport();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    await this.#journal?.cutBack();
    // A journal of an earlier run is folded in first, so that nothing is written behind a torn line.
    if (this.#journal === undefined) await this.#fold();
    const journal = this.#journal;
    if (journal === undefined) throw new Error('BUG: the state journal has not been begun');
    try {
      await journal.write(bytes, this.#options.fsync !== 'off');
      journal.keep();
      this.#hasChanges = true;
    } catch (error) {
      await this.#cutBack(journal);
      throw error;
    }
  }

  async #cutBack(journal: Tail): Promise<void> {
    try {
      await journal.cutBack();
    } catch (error) {
      this.#report(
        'cut-back-failed',
        `a change of state failed and what it left cannot be taken away yet (${describeError(error)}); no changes are taken until it can`,
      );
    }
  }

  async #foldOrReport(): Promise<void> {
    try {
      await this.#fold();
    } catch (error) {
      this.#report(
        'fold-failed',
        `cannot fold ${STATE_JOURNAL_NAME} into ${STATE_NAME} (${describeError(error)}); both are kept, and it is tried again`,
      );
    }
  }

  /** The state file first: until it is in place the journal must stay. Read twice, a change is the same change. */
  async #fold(): Promise<void> {
    const { files, book } = this.#options;
    await this.#journal?.cutBack();
    if (this.#hasChanges) {
      const text = encodeStateFile(book.entries());
      await files.replace(this.#path(STATE_NAME), text);
      this.#stateSize = Buffer.byteLength(text);
    }
    const old = this.#journal;
    this.#journal = undefined;
    await old?.close();
    await files.replace(this.#path(STATE_JOURNAL_NAME), encodeStateJournalStart());
    this.#hasChanges = false;
    this.#journal = new Tail(await files.openAppend(this.#path(STATE_JOURNAL_NAME)));
  }

  /** The damaged file stays in place until the next fold, and for good under another name. */
  async #keepDamaged(file: Buffer, count: number): Promise<void> {
    this.#hasChanges = true;
    this.#report(
      'state-damaged',
      `${STATE_NAME} is damaged: ${count} states could be read of it; it is kept as ${STATE_DAMAGED_NAME}`,
    );
    try {
      await this.#options.files.replace(this.#path(STATE_DAMAGED_NAME), file);
    } catch (error) {
      this.#report('state-damaged', `cannot keep the damaged ${STATE_NAME} (${describeError(error)})`);
    }
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  #report(event: string, message: string): void {
    this.#options.reporter({ severity: 'warning', event, message });
  }
}

function changed(entry: Entry, before: StateRecord | undefined, change: Waiting['change'], nowMs: number): StateRecord {
  if (change === 'keep') return { ...(before ?? recordOf(entry, applyChange(undefined, {}, nowMs))), isKept: true };
  const state = applyChange(before?.state, change(before?.state), nowMs);
  return { ...recordOf(entry, state), ...(before?.isKept ? { isKept: true } : {}) };
}
