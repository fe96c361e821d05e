/**
 * The store in a data folder: plain text that people can read, and beside it what makes it safe and fast. This file
 * wires: entries to the commit log, states to the state log, full segments to the sealer and from there to retention,
 * questions to the search threads.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../entry/batch.ts';
import { decodeEntry } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { createIdMaker, idTimeMs } from '../../entry/id.ts';
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
import { ByteRate } from './byte-rate.ts';
import type { StoredBatch } from './commit-group.ts';
import { CommitLog, type Fsync } from './commit-log.ts';
import { enterFolder, unusable } from './data-folder.ts';
import { DigestKeeper } from './digest-keeper.ts';
import { describeError } from './disk-error.ts';
import type { IndexFile } from './index-file.ts';
import { findUnkept, refreshKept } from './kept-segment.ts';
import { LazyCommit } from './lazy-commit.ts';
import {
  BLOCK_BYTES,
  BUSY_BYTES_PER_SECOND,
  BUSY_LOOK_MS,
  COMMITS_GROWTH_MAX,
  JOURNALED_BYTES_MAX,
  SEGMENT_AGE_MS_MAX,
  STATE_JOURNAL_BYTES_MAX,
  WAITING_SEGMENTS_MAX,
} from './limits.ts';
import type { Lock } from './lock.ts';
import { COMMITS_NAME, INDEX_NAME, LOG_NAME, rotatedName, segmentIndexName } from './names.ts';
import { beginSegment, type OpenSegmentOptions } from './open-segment.ts';
import { type OpenedSegments, openSegments } from './open-segments.ts';
import { createThreadPacker, type Packer } from './packer.ts';
import { FileReader } from './reader.ts';
import { Retention, type RetentionBounds } from './retention.ts';
import { Sealer } from './sealer.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import { type SegmentSize, segmentSizeFor } from './segment-size.ts';
import { createStateBook, type StateBook } from './state-book.ts';
import { StateLog } from './state-log.ts';
import type { Tail } from './tail.ts';

export interface FileStoreOptions {
  readonly folder: string;
  readonly files?: Files;
  readonly clock?: Clock;
  readonly listener: StoreListener;
  readonly reporter: Reporter;
  readonly fsync: Fsync;
  /** Text of one segment, about; without: see SEGMENT_SHARE. Beyond: it is rotated, and sealed in the background. */
  readonly segmentBytes?: number | undefined;
  readonly retain?: RetentionBounds | undefined;
  /** For tests, which cannot wait for files to grow. */
  readonly sizes?:
    | { readonly blockBytes: number; readonly journalBytesMax: number; readonly journaledBytesMax?: number }
    | undefined;
  readonly packer?: Packer | undefined;
}

/** @throws StoreError `locked`, `unusable`, `newer-format` */
export async function openFileStore(options: FileStoreOptions): Promise<Store> {
  const { folder, files = realFiles, clock = realClock, listener, reporter, fsync, sizes } = options;
  const lock = await enterFolder(folder, files);
  const packer = options.packer ?? createThreadPacker();
  const opened: { close(): Promise<void> }[] = [packer];
  try {
    const blockBytes = sizes?.blockBytes ?? BLOCK_BYTES;
    const segmentOptions = { folder, files, clock, reporter, blockBytes };
    const open = await openSegments({ ...segmentOptions, packer });
    opened.push(open.active.tail, open.active.indexFile, ...open.list.all);
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
    if (await refreshKept(book, open.list)) states.foldAtClose();
    const store = new FileStore({
      ...segmentOptions,
      listener,
      fsync,
      sizes,
      lock,
      packer,
      open,
      book,
      states,
      segmentBytes: options.segmentBytes,
      retain: options.retain ?? {},
    });
    await store.begin();
    return store;
  } catch (error) {
    for (const part of opened) await part.close();
    await lock.release();
    throw error instanceof StoreError ? error : unusable(folder, error);
  }
}

interface Parts extends OpenSegmentOptions {
  readonly listener: StoreListener;
  readonly fsync: Fsync;
  readonly sizes: FileStoreOptions['sizes'];
  readonly lock: Lock;
  readonly packer: Packer;
  readonly open: OpenedSegments;
  readonly book: StateBook;
  readonly states: StateLog;
  readonly segmentBytes: number | undefined;
  readonly retain: RetentionBounds;
}

class FileStore extends FileReader implements Store {
  readonly #parts: Parts;
  readonly #segments: SegmentList;
  readonly #commits: CommitLog;
  readonly #sealer: Sealer;
  readonly #retention: Retention;
  readonly #rate: ByteRate;
  #indexFile: IndexFile;
  #tail: Tail;
  /** Id of the segment that is put aside while the next is still to be begun. */
  #putAsideId: string | undefined;
  #segmentSize: SegmentSize;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: Parts) {
    const { folder, files, clock, reporter, fsync, sizes, open, book, packer, retain } = parts;
    super({ folder, clock, segments: open.list, book, onDamage: open.onDamage });
    this.#parts = parts;
    this.#segments = open.list;
    this.#rate = new ByteRate(() => clock.monotonicMs());
    this.#segmentSize = this.#sizeOfSegments();
    open.list.active.digests = new DigestKeeper({ folder, packer });
    this.#indexFile = open.active.indexFile;
    this.#tail = open.active.tail;
    const producers = createProducers();
    for (const [producer, mark] of open.producers) producers.set(producer, mark);
    const { lastId, active } = open.list;
    this.#commits = new CommitLog({
      files,
      clock,
      reporter,
      fsync,
      log: open.active.tail,
      journalPath: join(folder, COMMITS_NAME),
      journalBytesMax: sizes?.journalBytesMax ?? COMMITS_GROWTH_MAX,
      journaledBytesMax: sizes?.journaledBytesMax ?? JOURNALED_BYTES_MAX,
      producers,
      ids: createIdMaker({ nowMs: () => clock.nowMs(), node: randomBytes(6).toString('hex'), after: lastId }),
      segmentId: active.index.firstId,
      segmentBytesMax: () => (this.#isBusy() ? this.#segmentSize.busy : this.#segmentSize.quiet),
      putAside: () => this.#putAside(),
      beginSegment: () => this.#beginSegment(),
      onStored: (batches) => this.#onStored(batches),
    });
    this.#retention = new Retention({
      folder,
      files,
      clock,
      reporter,
      bounds: retain,
      sealed: open.list.sealed,
      totalBytes: () => this.sizes().bytes,
      drop: () => this.#dropOldest(),
      onLook: () => this.#rotateWhenOld(),
    });
    this.#sealer = new Sealer({
      folder,
      files,
      clock,
      reporter,
      packer,
      segments: open.list,
      toSealed: open.toSealed,
      shouldWait: () =>
        this.#isBusy() && retain.bytes === undefined && open.list.rotated.length <= WAITING_SEGMENTS_MAX,
      onSealed: () => void this.#retention.look(),
    });
  }

  /** What a start does once everything is read. On a full disk the store opens all the same, for reading. */
  async begin(): Promise<void> {
    const { reporter, states } = this.#parts;
    if (await this.lookUpStates()) states.foldAtClose();
    try {
      await this.#commits.begin();
    } catch (error) {
      reporter({
        severity: 'error',
        event: 'read-only',
        message: `cannot begin the commit journal (${describeError(error)}): the store opens for reading; entries are taken when the disk allows it`,
      });
    }
    this.#sealer.wake();
    this.#retention.begin();
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
    const { states } = this.#parts;
    const active = this.#tail.size + this.#commits.journalSize + this.#indexFile.size;
    return { entryCount: this.#segments.entryCount, bytes: active + states.size + this.#segments.bytes };
  }

  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop.abort();
    await this.#watching;
    const { states, lock, packer } = this.#parts;
    const reading = { close: () => super.close() };
    // Ingest first: what waits is written and answered, and may begin another segment.
    await this.#closeAll([this.#commits, reading, this.#retention, this.#sealer, packer, states]);
    await this.#closeAll([this.#indexFile, ...this.#segments.all]);
    await lock.release();
  }

  #sizeOfSegments(): SegmentSize {
    const { segmentBytes: asked, sizes, retain } = this.#parts;
    if (sizes && asked !== undefined) return { quiet: asked, busy: asked };
    return segmentSizeFor({ asked, sealed: this.#segments.sealedBytes, retain: retain.bytes });
  }

  /** After a busy time app.log may be larger than it is to be. */
  async #rotateWhenQuiet(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stop;
    while (this.#isBusy() && !signal.aborted) await clock.sleep(BUSY_LOOK_MS, signal);
    this.#watching = undefined;
    if (!signal.aborted && this.#tail.size >= this.#segmentSize.quiet) this.#commits.rotate();
  }

  #isBusy(): boolean {
    return this.#rate.perSecond > BUSY_BYTES_PER_SECOND;
  }

  async #closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
    for (const part of parts) {
      try {
        await part.close();
      } catch (error) {
        this.#parts.reporter({
          severity: 'error',
          event: 'close-failed',
          message: `cannot close the store in order (${describeError(error)}); the next start mends it`,
        });
      }
    }
  }

  #onStored(batches: readonly StoredBatch[]): void {
    const { index } = this.#segments.active;
    for (const { batch, offset } of batches) {
      index.addBatch(batch, offset);
      this.#rate.add(batch.text.length);
    }
    if (this.#segmentSize.quiet < this.#segmentSize.busy && this.#isBusy()) this.#watching ??= this.#rotateWhenQuiet();
    const commit = new LazyCommit(batches);
    this.#parts.listener.onCommit(commit);
    commit.release();
  }

  async #findAll(ids: readonly string[]): Promise<readonly Entry[]> {
    const found = await this.find(new Set(ids));
    return [...found.values()];
  }

  /** The text first: an index that is about another text is found to be so. */
  async #putAside(): Promise<void> {
    const { folder, files } = this.#parts;
    const id = this.#segments.active.index.firstId;
    if (id === undefined) throw new Error('BUG: a segment without entries is put aside');
    const to = join(folder, rotatedName(id));
    try {
      await files.move(join(folder, LOG_NAME), to);
    } catch (error) {
      // Renamed, and the folder not synced: the new file's creation syncs it, or fails too.
      if (!existsSync(to)) throw error;
    }
    this.#putAsideId = id;
  }

  async #beginSegment(): Promise<Tail> {
    const { folder, files, packer } = this.#parts;
    const { active } = this.#segments;
    const segmentId = this.#putAsideId;
    if (segmentId === undefined) throw new Error('BUG: a segment is begun before the old one was put aside');
    const file = await files.openAppend(join(folder, LOG_NAME));
    const bytes = this.#tail.size;
    // Its last block grows no more.
    active.index.endBlock();
    await this.#indexFile.close();
    await this.#moveIndex(segmentId);
    const fresh = await beginSegment(this.#parts, file);
    await this.#tail.close();
    this.#tail = fresh.tail;
    this.#indexFile = fresh.indexFile;
    this.#segments.rotate({ segmentId, segment: active, bytes }, fresh.segment);
    this.#putAsideId = undefined;
    this.#segmentSize = this.#sizeOfSegments();
    fresh.segment.digests = new DigestKeeper({ folder, packer });
    this.#sealer.wake();
    return fresh.tail;
  }

  /** Only to spare the next start a scan, should it come before the segment is sealed. */
  async #moveIndex(segmentId: string): Promise<void> {
    const { folder, files } = this.#parts;
    try {
      await files.move(join(folder, INDEX_NAME), join(folder, segmentIndexName(segmentId)));
    } catch {
      // It may be missing, or stay: then it is found to be about another text.
    }
  }

  /** So that what is too old does not stay because it shares a segment with what is not. */
  #rotateWhenOld(): void {
    const { retain, clock } = this.#parts;
    const { sortedFirstId } = this.#segments.active.summary;
    if (retain.days === undefined || sortedFirstId === undefined) return;
    if (clock.nowMs() - idTimeMs(sortedFirstId) > SEGMENT_AGE_MS_MAX) this.#commits.rotate();
  }

  async #dropOldest(): Promise<void> {
    const [oldest] = this.#segments.sealed;
    if (oldest === undefined) throw new Error('BUG: there is no segment to drop');
    // Marked before the text is deleted, and what is pinned between the two steps is marked too.
    await this.#keep(oldest.segment);
    this.#segments.sealed.shift();
    try {
      await this.#parts.states.settled();
      await this.#keep();
      if (await refreshKept(this.#parts.book, this.#segments)) this.#parts.states.foldAtClose();
    } catch (error) {
      this.#segments.sealed.unshift(oldest);
      throw error;
    }
    await oldest.segment.close();
  }

  async #keep(dropped?: Segment): Promise<void> {
    const { book, states } = this.#parts;
    const ids = await findUnkept(book, this.#segments, dropped);
    if (ids.length > 0) await states.keep(async () => ids.flatMap((id) => decodeEntry(book.get(id)?.text ?? '') ?? []));
  }
}
