/**
 * The store in a data folder: plain text that people can read, and beside it what makes it safe and fast. This file
 * wires: entries to the commit log, states to the state log, questions to the search threads.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Batch } from '../../entry/batch.ts';
import type { Entry } from '../../entry/entry.ts';
import { createIdMaker } from '../../entry/id.ts';
import type { FullState, StateChange } from '../../entry/state.ts';
import { type Clock, realClock } from '../../system/clock.ts';
import { type Files, realFiles } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { createProducers } from '../producers.ts';
import {
  type AppendResult,
  type BatchOrigin,
  type Store,
  StoreError,
  type StoreListener,
  type StoreSizes,
} from '../store.ts';
import { CommitLog, type Fsync, type StoredBatch } from './commit-log.ts';
import { enterFolder, unusable } from './data-folder.ts';
import { describeError } from './disk-error.ts';
import { LazyCommit } from './lazy-commit.ts';
import { BLOCK_BYTES, COMMITS_GROWTH_MAX, STATE_JOURNAL_BYTES_MAX } from './limits.ts';
import type { Lock } from './lock.ts';
import { COMMITS_NAME } from './names.ts';
import { type OpenSegment, openActiveSegment } from './open-segment.ts';
import { FileReader } from './reader.ts';
import { createStateBook, type StateBook } from './state-book.ts';
import { StateLog } from './state-log.ts';

export interface FileStoreOptions {
  readonly folder: string;
  readonly files?: Files;
  readonly clock?: Clock;
  readonly listener: StoreListener;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  /** For tests, which cannot wait for files to grow. */
  readonly sizes?: { readonly blockBytes: number; readonly journalBytesMax: number } | undefined;
}

/** @throws StoreError `locked`, `unusable`, `newer-format` */
export async function openFileStore(options: FileStoreOptions): Promise<Store> {
  const { folder, files = realFiles, clock = realClock, listener, reporter, fsync, sizes } = options;
  const lock = await enterFolder(folder, files);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const blockBytes = sizes?.blockBytes ?? BLOCK_BYTES;
    const open = await openActiveSegment({ folder, files, clock, reporter, blockBytes });
    opened.push(open.tail, open.source, open.indexFile);
    const book = createStateBook();
    const onState = (id: string, state: FullState) => listener.onState(id, state);
    const states = new StateLog({
      folder,
      files,
      clock,
      reporter,
      fsync,
      book,
      journalBytesMax: sizes?.journalBytesMax ?? STATE_JOURNAL_BYTES_MAX,
      onState,
    });
    await states.load();
    const store = new FileStore({ folder, files, clock, listener, reporter, fsync, sizes, lock, open, book, states });
    await store.begin();
    return store;
  } catch (error) {
    for (const part of opened) await part.close();
    await lock.release();
    throw error instanceof StoreError ? error : unusable(folder, error);
  }
}

interface Parts {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly listener: StoreListener;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  readonly sizes: FileStoreOptions['sizes'];
  readonly lock: Lock;
  readonly open: OpenSegment;
  readonly book: StateBook;
  readonly states: StateLog;
}

class FileStore extends FileReader implements Store {
  readonly #parts: Parts;
  readonly #commits: CommitLog;
  #isClosed = false;

  constructor(parts: Parts) {
    const { folder, files, clock, reporter, fsync, sizes, open, book } = parts;
    super({ clock, segment: open.segment, book });
    this.#parts = parts;
    const producers = createProducers();
    for (const [producer, mark] of open.producers) producers.set(producer, mark);
    const { index } = open.segment;
    this.#commits = new CommitLog({
      files,
      clock,
      reporter,
      fsync,
      log: open.tail,
      journalPath: join(folder, COMMITS_NAME),
      journalBytesMax: sizes?.journalBytesMax ?? COMMITS_GROWTH_MAX,
      producers,
      ids: createIdMaker({
        nowMs: () => clock.nowMs(),
        node: randomBytes(6).toString('hex'),
        after: index.lastId,
      }),
      segmentId: index.firstId,
      onStored: (batches) => this.#onStored(batches),
    });
  }

  /** What a start does once everything is read. On a full disk the store opens all the same, for reading. */
  async begin(): Promise<void> {
    const { reporter } = this.#parts;
    try {
      await this.#commits.begin();
    } catch (error) {
      reporter({
        severity: 'error',
        event: 'read-only',
        message: `cannot begin the commit journal (${describeError(error)}): the store opens for reading; entries are taken when the disk allows it`,
      });
    }
    if (await this.lookUpStates()) this.#parts.states.foldAtClose();
  }

  append(batch: Batch, origin?: BatchOrigin): Promise<AppendResult> {
    return this.#commits.append(batch, origin);
  }

  async changeState(
    ids: readonly string[],
    change: (before: FullState | undefined) => StateChange,
  ): Promise<Map<string, FullState>> {
    return this.#parts.states.change(() => this.#findAll(ids), change);
  }

  sizes(): StoreSizes {
    const { open, states } = this.#parts;
    const bytes = open.tail.size + this.#commits.journalSize + open.indexFile.size + states.size;
    return { entryCount: open.segment.index.entryCount, bytes };
  }

  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { open, states, lock, reporter } = this.#parts;
    const reading = { close: () => super.close() };
    for (const part of [reading, this.#commits, states, open.indexFile, open.source]) {
      try {
        await part.close();
      } catch (error) {
        reporter({
          severity: 'error',
          event: 'close-failed',
          message: `cannot close the store in order (${describeError(error)}); the next start mends it`,
        });
      }
    }
    await lock.release();
  }

  #onStored(batches: readonly StoredBatch[]): void {
    const { index } = this.#parts.open.segment;
    for (const { batch, offset } of batches) index.addBatch(batch, offset);
    this.#parts.listener.onCommit(new LazyCommit(batches));
  }

  async #findAll(ids: readonly string[]): Promise<readonly Entry[]> {
    const found = await this.find(new Set(ids));
    return [...found.values()];
  }
}
