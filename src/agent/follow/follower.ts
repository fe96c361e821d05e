/**
 * Follows all files that some patterns name: each from where it was left, through rotation, truncation, removal and
 * return, none kept waiting by another. What was lost on the way is told.
 */
import { basename } from 'node:path';
import { createEvent } from '../../system/event.ts';
import { hasCode } from '../../system/files.ts';
import { positionsOnly } from '../chunk.ts';
import type { SourceContext, SourceEnd } from '../source.ts';
import { Chain } from './chain.ts';
import { type FilesFound, type FoundFile, findFiles, folderOf, hasInodeOf, inodeOf, look } from './find-files.ts';
import { watchForHints } from './hints.ts';
import { KnownFiles, type StoredPosition } from './known-files.ts';
import { createLagMeter } from './lag.ts';
import { LINGER_MS, POLL_MS, REOPEN_MS, ROTATION_GRACE_MS, SCAN_MS } from './limits.ts';
import { findHolder } from './rest.ts';
import { isRotatedNameOf, packingOf } from './rotated-names.ts';
import { Telling } from './telling.ts';
import { type ReadingOptions, TrackedFile } from './tracked-file.ts';
import { WaitingPut } from './waiting-put.ts';

export interface FollowOptions {
  /** The source's name: in reports and in the keys of positions. */
  readonly name: string;
  readonly patterns: readonly string[];
  /** Patterns of files that another source reads. */
  readonly except: readonly string[];
  /** Where a pattern never followed before begins. */
  readonly from: 'start' | 'end';
  readonly reading: ReadingOptions;
  /** Called once the files there are have been looked at: a line written from then on is read. */
  readonly onFollowing?: (() => void) | undefined;
  /** Times that a test makes shorter. */
  readonly timing?: Partial<FollowTiming> | undefined;
}

export interface FollowTiming {
  readonly pollMs: number;
  readonly scanMs: number;
  readonly rotationGraceMs: number;
  readonly lingerMs: number;
}

const TIMING = { pollMs: POLL_MS, scanMs: SCAN_MS, rotationGraceMs: ROTATION_GRACE_MS, lingerMs: LINGER_MS };

/** Follows until the stop; with `once`, reads what there is. */
export function follow(options: FollowOptions, context: SourceContext): Promise<SourceEnd> {
  return new Follower(options, context).run();
}

class Follower {
  readonly #options: FollowOptions;
  readonly #context: SourceContext;
  readonly #waitingPut: WaitingPut;
  readonly #timing: FollowTiming;
  readonly #telling: Telling;
  readonly #known: KnownFiles;
  readonly #chain: Chain;
  /** Paths that could not be opened: when to try again. */
  readonly #reopenMs = new Map<string, number>();
  readonly #hinted = createEvent();
  #nextScanMs = 0;

  constructor(options: FollowOptions, given: SourceContext) {
    this.#options = options;
    this.#waitingPut = new WaitingPut(given);
    const context: SourceContext = { ...given, put: this.#waitingPut.put };
    this.#context = context;
    this.#timing = { ...TIMING, ...options.timing };
    const { name, patterns, except, reading } = options;
    this.#telling = new Telling(context, { patterns, lineBytesMax: reading.lineBytesMax });
    this.#known = new KnownFiles({ name, wanted: { patterns, except }, context, telling: this.#telling });
    const { rotationGraceMs } = this.#timing;
    given.setMeter(createLagMeter(() => this.#known.followed, given.clock));
    this.#chain = new Chain({ known: this.#known, reading, context, telling: this.#telling, rotationGraceMs });
  }

  async run(): Promise<SourceEnd> {
    const { once, stop } = this.#context;
    const stopHints = once ? undefined : this.#watch();
    const ended = new AbortController();
    const holding = once ? undefined : this.#waitingPut.whileWaiting(this.#timing.scanMs, this.#holdNew, ended.signal);
    try {
      await this.#resume();
      this.#options.onFollowing?.();
      if (once) return await this.#readOnce();
      while (!stop.aborted) await this.#turn();
      return { kind: 'ended' };
    } finally {
      ended.abort();
      await stopHints?.();
      await holding;
      await Promise.all(this.#known.followed.map((file) => file.close()));
    }
  }

  #watch(): () => Promise<void> {
    const folders = [...new Set(this.#options.patterns.map(folderOf))];
    return watchForHints(folders, this.#context.clock, (hint, path) => {
      if (hint === 'appeared-or-gone') this.#nextScanMs = 0;
      else for (const file of this.#known.followed) if (file.path === path) file.nextPollMs = 0;
      this.#hinted.fire();
    });
  }

  // ---- One turn: look for files now and then, then one block of each that may have something.

  async #turn(): Promise<void> {
    if (this.#now() >= this.#nextScanMs) {
      this.#nextScanMs = this.#now() + this.#timing.scanMs;
      await this.#scan();
    }
    for (const file of this.#known.followed) {
      if (this.#context.stop.aborted) return;
      if (file.mayBeRead && this.#now() >= file.nextPollMs) await this.#poll(file);
    }
    await this.#rest();
  }

  /** Waits for the next thing due; a hint or the stop comes sooner. */
  async #rest(): Promise<void> {
    let dueMs = this.#nextScanMs;
    for (const file of this.#known.followed) if (file.mayBeRead) dueMs = Math.min(dueMs, file.nextPollMs);
    const waitMs = dueMs - this.#now();
    if (waitMs <= 0) return;
    const turn = new AbortController();
    const signal = AbortSignal.any([this.#context.stop, turn.signal]);
    await Promise.race([this.#hinted.wait(signal), this.#context.clock.sleep(waitMs, signal)]);
    turn.abort();
  }

  async #poll(file: TrackedFile): Promise<void> {
    const { pollMs } = this.#timing;
    const isActive = this.#now() - file.activeMs < SCAN_MS;
    file.nextPollMs = this.#now() + (isActive ? Math.min(pollMs, 50) : pollMs);
    try {
      const before = file.isUnknown ? file.position : undefined;
      const read = await file.readBlock();
      if (before && read.kind === 'read') await this.#chain.readUnseen(before);
      switch (read.kind) {
        case 'nothing':
          if (file.leftMs !== undefined) await this.#letGo(file, file.leftMs);
          return;
        case 'read':
          file.activeMs = this.#now();
          if (read.isMore) file.nextPollMs = 0;
          this.#telling.cut(file.path, read.cut);
          if (read.chunk) await this.#context.put(read.chunk);
          return;
        case 'rewritten':
          await this.#onRewritten(file);
          return;
        default:
          read satisfies never;
      }
    } catch (error) {
      this.#telling.trouble(file.path, error);
      file.nextPollMs = this.#now() + REOPEN_MS;
    }
  }

  // ---- Files that move, go, or are written anew.

  /** A file whose path is another's now, or nobody's: read on, then its successor may begin, then it is let go. */
  async #letGo(file: TrackedFile, leftMs: number): Promise<void> {
    const quietMs = this.#now() - Math.max(leftMs, file.activeMs);
    if (!file.isLingering) {
      if (quietMs >= this.#timing.rotationGraceMs) await this.#succeed(file);
      return;
    }
    const isVisible = [...this.#known.visible.values()].some(({ inode }) => inode === inodeOf(file.dev, file.ino));
    if (isVisible) return;
    if (quietMs >= this.#timing.lingerMs || (await file.linkCount()) === 0) await this.#known.forget(file);
  }

  /** Its last words, then those files that came and went unseen, then its successor from the beginning. */
  async #succeed(file: TrackedFile): Promise<void> {
    const partial = file.takePartialLine() ?? positionsOnly({});
    file.isLingering = true;
    file.nextPollMs = 0;
    this.#nextScanMs = 0;
    const { next, changes } = await this.#chain.findNext(file.position, 'open-successor');
    // Together, so that no crash makes the one known and the other forgotten.
    await this.#context.put({ ...partial, positions: { ...file.change, ...changes } });
    if (next) await this.#chain.read(next, 'open-successor');
  }

  /** What is in the file is not what was read: copied and truncated, or written anew. */
  async #onRewritten(file: TrackedFile): Promise<void> {
    const { put, stop } = this.#context;
    const { holder } = await findHolder(file.position, ({ inode }) => inode !== inodeOf(file.dev, file.ino));
    let lastKey = file.key;
    if (holder) {
      await this.#known.markCopy(holder);
      lastKey = await this.#chain.read({ file: holder, key: file.key, position: file.position }, 'has-successor');
      if (stop.aborted) return;
    } else {
      const partial = file.takePartialLine();
      if (partial) await put(partial);
      this.#telling.rewritten(file);
    }
    await file.startOver();
    file.nextPollMs = 0;
    await put(positionsOnly({ [lastKey]: null, ...file.change }));
  }

  // ---- Looking for files.

  async #scan(): Promise<void> {
    const found = await findFiles(this.#options);
    this.#known.visible = found.files;
    this.#telling.troubles(found);
    const byInode = Map.groupBy(found.files.values(), ({ inode }) => inode);
    for (const file of this.#known.followed) this.#place(file, byInode.get(inodeOf(file.dev, file.ino)) ?? []);
    await this.#known.tidy();
    for (const file of found.files.values()) {
      if (this.#context.stop.aborted) return;
      await this.#adopt(file, 'start');
    }
  }

  /** Where a followed file is now: under its name, under another one, or away. */
  #place(file: TrackedFile, places: readonly FoundFile[]): void {
    const paths = places.map(({ path }) => path);
    if (paths.includes(file.path) && !file.isLingering) {
      file.leftMs = undefined;
      return;
    }
    if (file.isLingering) return;
    const moved = paths.find((path) => !isRotatedNameOf(basename(file.path), basename(path)));
    if (moved !== undefined) {
      file.rename(moved);
      file.leftMs = undefined;
    } else if (file.leftMs === undefined) {
      file.leftMs = this.#now();
      file.nextPollMs = 0;
    }
  }

  /** Files that have the paths of followed ones by now: who knows for how long. */
  readonly #holdNew = async (): Promise<void> => {
    for (const path of new Set(this.#known.followed.map((file) => file.path))) {
      const found = await look(path, new Map());
      if (!found || this.#known.has(found.inode)) continue;
      const predecessor = this.#known.newestAt(path);
      if (predecessor) predecessor.leftMs ??= this.#now();
      await this.#adopt(found, 'start');
    }
  };

  /** Unless it is followed already or none of ours. Opened at once also where it must wait: it may be rotated, too. */
  async #adopt(found: FoundFile, from: 'start' | 'end'): Promise<void> {
    const { path, inode } = found;
    if (this.#known.has(inode) || this.#known.isCopy(found)) return;
    const predecessor = this.#known.newestAt(path);
    if (predecessor && predecessor.leftMs === undefined) return;
    if (packingOf(path) !== 'plain') {
      this.#telling.packed(path);
      return;
    }
    if (this.#now() < (this.#reopenMs.get(path) ?? 0)) return;
    switch (await this.#known.judgeCopy(found, this.#context.clock.nowMs())) {
      case 'copy':
        return this.#known.markCopy(found);
      case 'unsure':
        return;
      case 'none':
        break;
    }
    const at = { key: this.#known.newKey(), path, from: from === 'start' || predecessor ? 0 : 'end' } as const;
    await this.#open(found, async () => {
      const file = await TrackedFile.open(at, this.#options.reading);
      file.predecessor = predecessor;
      return file;
    });
  }

  async #open(
    { path, inode }: Pick<FoundFile, 'path' | 'inode'>,
    open: () => Promise<TrackedFile | undefined>,
  ): Promise<TrackedFile | undefined> {
    let file: TrackedFile | undefined;
    try {
      file = await open();
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) {
        this.#reopenMs.set(path, this.#now() + REOPEN_MS);
        this.#telling.trouble(path, error);
      }
      return undefined;
    }
    if (!file) return undefined;
    const opened = inodeOf(file.dev, file.ino);
    // Moved between the look and the opening: the next look sees it right.
    if (opened !== inode || this.#known.has(opened)) {
      await file.close();
      return undefined;
    }
    this.#reopenMs.delete(path);
    this.#known.add(file);
    // Not waited for: it may be opened because nothing goes on.
    void this.#context.put(positionsOnly(file.change));
    return file;
  }

  // ---- Going on after a start.

  async #resume(): Promise<void> {
    const { positionsLost, stop } = this.#context;
    const found = await findFiles(this.#options);
    this.#known.visible = found.files;
    this.#telling.troubles(found);
    this.#telling.missing(found);
    const away: StoredPosition[] = [];
    const stored = this.#known.takeStored();
    this.#known.othersAway = stored.map(({ position }) => position);
    for (const one of stored) {
      if (!(await this.#resumeInPlace(one, found))) away.push(one);
    }
    // Stored in the order in which they were opened: so a chain of rotated files is read in the order it was written.
    for (const [index, one] of away.entries()) {
      if (stop.aborted) return;
      this.#known.othersAway = away.filter((other) => other !== one).map(({ position }) => position);
      await this.#readMissed(one, away.slice(index + 1));
    }
    this.#known.othersAway = [];
    for (const file of found.files.values()) {
      await this.#adopt(file, positionsLost ? 'end' : this.#known.wasFollowed(file) ? 'start' : this.#options.from);
    }
    await this.#known.markFollowed();
  }

  /** Goes on with a file that is still where a pattern finds it, and still holds what was read. */
  async #resumeInPlace({ key, position }: StoredPosition, found: FilesFound): Promise<boolean> {
    const inode = inodeOf(position.dev, position.ino);
    const paths = [...found.files.values()].filter((file) => hasInodeOf(file, position)).map(({ path }) => path);
    const path = paths.includes(position.path) ? position.path : paths[0];
    if (path === undefined) return false;
    const file = await this.#open({ path, inode }, async () => {
      const resumed = await TrackedFile.resume({ key, path, position }, this.#options.reading);
      // One that was empty may have been filled, copied and emptied since.
      if (!resumed || position.headBytes > 0 || !(await this.#chain.hasUnseen(position))) return resumed;
      await resumed.close();
      return undefined;
    });
    if (file) return true;
    // It cannot be opened just now: its position stays, and so does its place.
    return this.#reopenMs.has(path);
  }

  /** A file that is not where it was: the rest of it, then those that came after it, then its successor. */
  async #readMissed({ key, position }: StoredPosition, later: readonly StoredPosition[]): Promise<void> {
    const isLast = !later.some((other) => other.position.path === position.path);
    const hasSuccessor = !isLast || this.#known.followed.some((file) => file.path === position.path);
    const { holder } = await findHolder(position);
    if (!holder && !position.hasLeft && position.headBytes > 0) this.#telling.gap(position);
    if (holder && this.#known.visible.has(holder.path)) await this.#known.markCopy(holder);
    const end = hasSuccessor ? 'ends' : 'open-successor';
    if (holder) {
      await this.#chain.read({ file: holder, key, position }, end);
    } else {
      const { next, changes } = hasSuccessor ? {} : await this.#chain.findNext(position, end);
      await this.#context.put(positionsOnly({ [key]: null, ...changes }));
      if (next) await this.#chain.read(next, end);
    }
  }

  // ---- Once.

  async #readOnce(): Promise<SourceEnd> {
    const { put, stop } = this.#context;
    let isAnyRead = this.#known.followed.length > 0;
    for (const file of this.#known.followed.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      for (let isMore = true; isMore && !stop.aborted; ) {
        const read = await file.readBlock();
        if (read.kind === 'rewritten') await this.#onRewritten(file);
        if (read.kind === 'read') {
          this.#telling.cut(file.path, read.cut);
          if (read.chunk) await put(read.chunk);
        }
        // A block at a time until there is nothing: what comes in meanwhile may be among it.
        isMore = read.kind === 'rewritten' || (read.kind === 'read' && read.isMore);
      }
      if (stop.aborted) break;
      const partial = file.takePartialLine();
      if (partial) await put(partial);
      isAnyRead = true;
    }
    if (isAnyRead || stop.aborted) return { kind: 'ended' };
    return {
      kind: 'unusable',
      reason: `no file of ${this.#options.patterns.join(', ')} can be read: check --path and its rights`,
    };
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }
}
