/**
 * Follows all files that some patterns name: each from where it was left, through rotation, truncation, removal and
 * return, none kept waiting by another. What was lost on the way is told.
 *
 * Positions are kept under `<source>:<random>`, one for each file; `<source>?<pattern>` says that a pattern was followed
 * before, and `<source>=<inode>` that a file is a copy of text that was read already.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { createEvent } from '../../system/event.ts';
import { hasCode } from '../../system/files.ts';
import { type PositionChanges, positionsOnly } from '../chunk.ts';
import type { SourceContext, SourceEnd } from '../source.ts';
import { headOf, type RotatedFile } from './content.ts';
import { type FilePosition, parsePosition, toPositionValue } from './file-position.ts';
import {
  type FilesFound,
  type FoundFile,
  findFiles,
  folderOf,
  inodeOf,
  isGlob,
  look,
  matchesPattern,
} from './find-files.ts';
import { watchForHints } from './hints.ts';
import { LINGER_MS, POLL_MS, REOPEN_MS, ROTATION_GRACE_MS, SCAN_MS } from './limits.ts';
import { findHolder, holderAmong, type Part, positionAtStart, readRest } from './rest.ts';
import { isRotatedNameOf, packingOf } from './rotated-names.ts';
import { type CutLines, type ReadingOptions, TrackedFile } from './tracked-file.ts';

export interface FollowOptions {
  /** The source's name: in reports and in the keys of positions. */
  readonly name: string;
  readonly patterns: readonly string[];
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

const TIMING: FollowTiming = {
  pollMs: POLL_MS,
  scanMs: SCAN_MS,
  rotationGraceMs: ROTATION_GRACE_MS,
  lingerMs: LINGER_MS,
};

/** Follows until the stop; with `once`, reads what there is. */
export function follow(options: FollowOptions, context: SourceContext): Promise<SourceEnd> {
  return new Follower(options, context).run();
}

class Follower {
  readonly #options: FollowOptions;
  readonly #context: SourceContext;
  readonly #timing: FollowTiming;
  /** By inode. */
  readonly #files = new Map<string, TrackedFile>();
  /** Inodes of copies of what was read already, with their key. */
  readonly #copies = new Map<string, string>();
  /** Paths that could not be opened: when to try again. */
  readonly #reopenMs = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #hinted = createEvent();
  #visible: ReadonlyMap<string, FoundFile> = new Map();
  #nextScanMs = 0;
  /** Inodes of files whose own stored positions are still to be taken up. */
  #othersAway = new Set<string>();

  constructor(options: FollowOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
    this.#timing = { ...TIMING, ...options.timing };
  }

  async run(): Promise<SourceEnd> {
    const { once, stop } = this.#context;
    const stopHints = once ? undefined : this.#watch();
    try {
      await this.#resume();
      this.#options.onFollowing?.();
      if (once) return await this.#readOnce();
      while (!stop.aborted) await this.#turn();
      return { kind: 'ended' };
    } finally {
      await stopHints?.();
      await Promise.all([...this.#files.values()].map((file) => file.close()));
    }
  }

  #watch(): () => Promise<void> {
    const folders = [...new Set(this.#options.patterns.map(folderOf))];
    return watchForHints(folders, this.#context.clock, (hint, path) => {
      if (hint === 'appeared-or-gone') this.#nextScanMs = 0;
      else for (const file of this.#files.values()) if (file.path === path) file.nextPollMs = 0;
      this.#hinted.fire();
    });
  }

  // ---- One turn: look for files now and then, then one block of each that may have something.

  async #turn(): Promise<void> {
    if (this.#now() >= this.#nextScanMs) {
      this.#nextScanMs = this.#now() + this.#timing.scanMs;
      await this.#scan();
    }
    for (const file of [...this.#files.values()]) {
      if (this.#context.stop.aborted) return;
      if (this.#now() >= file.nextPollMs) await this.#poll(file);
    }
    await this.#rest();
  }

  /** Waits for the next thing due; a hint or the stop comes sooner. */
  async #rest(): Promise<void> {
    let dueMs = this.#nextScanMs;
    for (const file of this.#files.values()) dueMs = Math.min(dueMs, file.nextPollMs);
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
      if (before && read.kind === 'read') await this.#readUnseen(before);
      switch (read.kind) {
        case 'nothing':
          if (file.leftMs !== undefined) await this.#letGo(file, file.leftMs);
          return;
        case 'read':
          file.activeMs = this.#now();
          if (read.isMore) file.nextPollMs = 0;
          this.#warnOfCut(file.path, read.cut);
          if (read.chunk) await this.#context.put(read.chunk);
          return;
        case 'rewritten':
          await this.#onRewritten(file);
          return;
        default:
          read satisfies never;
      }
    } catch (error) {
      this.#tellTrouble(file.path, error);
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
    const isVisible = [...this.#visible.values()].some(({ inode }) => inode === inodeOf(file.dev, file.ino));
    if (isVisible) return;
    if (quietMs >= this.#timing.lingerMs || (await file.linkCount()) === 0) await this.#forget(file);
  }

  async #forget(file: TrackedFile): Promise<void> {
    this.#files.delete(inodeOf(file.dev, file.ino));
    await file.close();
    await this.#context.put(positionsOnly({ [file.key]: null }));
  }

  /** Its last words, then those files that came and went unseen, then its successor from the beginning. */
  async #succeed(file: TrackedFile): Promise<void> {
    const partial = file.takePartialLine() ?? positionsOnly({});
    file.isLingering = true;
    file.nextPollMs = 0;
    this.#nextScanMs = 0;
    const { next, changes } = await this.#findNext(file.position, 'open-successor');
    // Together, so that no crash makes the one known and the other forgotten.
    await this.#context.put({ ...partial, positions: { ...file.change, ...changes } });
    if (next) await this.#readChain(next, 'open-successor');
  }

  /** What is in the file is not what was read: copied and truncated, or written anew. */
  async #onRewritten(file: TrackedFile): Promise<void> {
    const { put, stop } = this.#context;
    const { holder } = await findHolder(file.position, ({ inode }) => inode !== inodeOf(file.dev, file.ino));
    let lastKey = file.key;
    if (holder) {
      await this.#markCopy(holder);
      lastKey = await this.#readChain({ file: holder, key: file.key, position: file.position }, 'has-successor');
      if (stop.aborted) return;
    } else {
      const partial = file.takePartialLine();
      if (partial) await put(partial);
      this.#tellRewritten(file);
    }
    await file.startOver();
    file.nextPollMs = 0;
    await put(positionsOnly({ [lastKey]: null, ...file.change }));
  }

  /** An empty file that fills may have been filled, copied and emptied before: only the copies tell. */
  async #readUnseen(before: FilePosition): Promise<void> {
    const { next, changes } = await this.#findNext(before, 'has-successor');
    if (!next) return;
    await this.#context.put(positionsOnly(changes ?? {}));
    const lastKey = await this.#readChain(next, 'has-successor');
    await this.#context.put(positionsOnly({ [lastKey]: null }));
  }

  #tellRewritten(file: TrackedFile): void {
    if (file.unreadBytes > 0) {
      this.#warn(
        'lines-lost',
        `${file.path} was truncated before its last ${file.unreadBytes} bytes could be read; they are missing`,
      );
    } else {
      this.#report(
        'info',
        'file-truncated',
        `${file.path} was truncated or written anew: it is read from its beginning`,
      );
    }
  }

  // ---- Looking for files.

  async #scan(): Promise<void> {
    const found = await findFiles(this.#options.patterns);
    this.#visible = found.files;
    this.#tellTroubles(found);
    const pathsByInode = new Map<string, string[]>();
    for (const { path, inode } of found.files.values()) {
      const paths = pathsByInode.get(inode);
      if (paths) paths.push(path);
      else pathsByInode.set(inode, [path]);
    }
    for (const file of this.#files.values()) this.#place(file, pathsByInode.get(inodeOf(file.dev, file.ino)) ?? []);
    await this.#forgetCopies(pathsByInode);
    for (const file of found.files.values()) {
      if (this.#context.stop.aborted) return;
      await this.#adopt(file, 'start');
    }
  }

  /** Where a followed file is now: under its name, under another one, or away. */
  #place(file: TrackedFile, paths: readonly string[]): void {
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

  async #forgetCopies(pathsByInode: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const [inode, key] of this.#copies) {
      if (pathsByInode.has(inode)) continue;
      this.#copies.delete(inode);
      await this.#context.put(positionsOnly({ [key]: null }));
    }
  }

  /** Begins to follow a file, unless it is followed already, must wait for its predecessor, or is none of ours. */
  async #adopt(found: FoundFile, from: 'start' | 'end'): Promise<void> {
    const { path, inode } = found;
    if (this.#files.has(inode) || this.#copies.has(inode)) return;
    for (const other of this.#files.values()) {
      if (other.path === path && !other.isLingering) return;
    }
    if (packingOf(path) !== 'plain') {
      this.#tellOnce(
        'info',
        'packed-skipped',
        `${path} is packed: it is read only as the rest of a file that was followed`,
      );
      return;
    }
    if (this.#now() < (this.#reopenMs.get(path) ?? 0)) return;
    switch (await this.#judgeCopy(found)) {
      case 'copy':
        return this.#markCopy(found);
      case 'unsure':
        return;
      case 'none':
        break;
    }
    await this.#open(path, inode, { key: this.#newKey(), from: from === 'start' ? 0 : 'end' });
  }

  async #open(
    path: string,
    inode: string,
    { key, from }: { key: string; from: number | 'end' },
  ): Promise<TrackedFile | undefined> {
    let file: TrackedFile;
    try {
      file = await TrackedFile.open({ key, path, from }, this.#options.reading);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) {
        this.#reopenMs.set(path, this.#now() + REOPEN_MS);
        this.#tellTrouble(path, error);
      }
      return undefined;
    }
    const opened = inodeOf(file.dev, file.ino);
    // Moved between the look and the opening: the next look sees it right.
    if (opened !== inode || this.#files.has(opened)) {
      await file.close();
      return undefined;
    }
    this.#reopenMs.delete(path);
    this.#files.set(inode, file);
    await this.#context.put(positionsOnly(file.change));
    return file;
  }

  /**
   * Whether a file is, by name and first bytes, the copy of a followed one that logrotate's `copytruncate` makes; unsure
   * while it is being made.
   */
  async #judgeCopy(found: FoundFile): Promise<'copy' | 'unsure' | 'none'> {
    const { path, size, mtimeMs } = found;
    for (const file of this.#files.values()) {
      if (dirname(file.path) !== dirname(path) || !isRotatedNameOf(basename(file.path), basename(path))) continue;
      const { headBytes } = file.position;
      const isYoung = this.#context.clock.nowMs() - mtimeMs < ROTATION_GRACE_MS;
      if (size < headBytes && isYoung) return 'unsure';
      if (size < headBytes || headBytes === 0) continue;
      if (file.beginsLike(await headOf({ ...found, packing: 'plain' }, headBytes))) return 'copy';
    }
    return 'none';
  }

  async #markCopy({ path, inode }: Pick<FoundFile, 'path' | 'inode'>): Promise<void> {
    const concerns = this.#options.patterns.some((pattern) => matchesPattern(path, pattern));
    if (!concerns || this.#copies.has(inode)) return;
    const key = `${this.#options.name}=${inode}`;
    this.#copies.set(inode, key);
    await this.#context.put(positionsOnly({ [key]: { path, isCopy: true } }));
  }

  // ---- Going on after a start.

  async #resume(): Promise<void> {
    const { positionsLost, stop } = this.#context;
    const found = await findFiles(this.#options.patterns);
    this.#visible = found.files;
    this.#tellTroubles(found);
    this.#tellMissing(found);
    const away: StoredPosition[] = [];
    const stored = this.#storedPositions();
    this.#othersAway = new Set(stored.map(({ position }) => inodeOf(position.dev, position.ino)));
    for (const one of stored) {
      if (!(await this.#resumeInPlace(one, found))) away.push(one);
    }
    // The oldest first: so a chain of rotated files is read in the order it was written.
    away.sort((a, b) => a.position.mtimeMs - b.position.mtimeMs);
    for (const [index, one] of away.entries()) {
      if (stop.aborted) return;
      await this.#readMissed(one, away.slice(index + 1));
    }
    for (const file of found.files.values()) {
      const isKnown = this.#options.patterns.some(
        (pattern) => matchesPattern(file.path, pattern) && this.#context.positions.has(this.#seenKey(pattern)),
      );
      await this.#adopt(file, positionsLost ? 'end' : isKnown ? 'start' : this.#options.from);
    }
    const seen = this.#options.patterns.map((pattern) => [this.#seenKey(pattern), { seen: true }] as const);
    await this.#context.put(positionsOnly(Object.fromEntries(seen)));
  }

  #storedPositions(): StoredPosition[] {
    const { name, patterns } = this.#options;
    const stored: StoredPosition[] = [];
    for (const [key, value] of this.#context.positions) {
      if (key.startsWith(`${name}=`)) this.#copies.set(key.slice(name.length + 1), key);
      if (!key.startsWith(`${name}:`)) continue;
      const position = parsePosition(value);
      if (!position) {
        this.#warn('state-corrupt', `a position of ${name} (${key}) is damaged: its file is read as one never seen`);
      } else if (patterns.some((pattern) => matchesPattern(position.path, pattern))) stored.push({ key, position });
    }
    return stored;
  }

  /** Goes on with a file that is still where a pattern finds it, and still holds what was read. */
  async #resumeInPlace({ key, position }: StoredPosition, found: FilesFound): Promise<boolean> {
    const inode = inodeOf(position.dev, position.ino);
    const paths = [...found.files.values()].filter((file) => file.inode === inode).map(({ path }) => path);
    const path = paths.includes(position.path) ? position.path : paths[0];
    if (path === undefined) return false;
    const { size = 0 } = found.files.get(path) ?? {};
    const itself: RotatedFile = { path, inode, size, mtimeMs: position.mtimeMs, packing: 'plain' };
    const isSame =
      position.headBytes === 0 ? !(await this.#hasUnseen(position)) : await holderAmong(position, [itself]);
    if (size < position.offset || !isSame) return false;
    const file = await this.#open(path, inode, { key, from: position.offset });
    if (file) return true;
    // It cannot be opened just now: its position stays, and so does its place.
    return this.#reopenMs.has(path);
  }

  async #hasUnseen(position: FilePosition): Promise<boolean> {
    return this.#unseen((await findHolder(position)).later).length > 0;
  }

  /** A file that is not where it was: the rest of it, then those that came after it, then its successor. */
  async #readMissed({ key, position }: StoredPosition, later: readonly StoredPosition[]): Promise<void> {
    const isLast = !later.some((other) => other.position.path === position.path);
    const hasSuccessor = !isLast || [...this.#files.values()].some((file) => file.path === position.path);
    const { holder } = await findHolder(position);
    if (!holder && !position.hasLeft && position.headBytes > 0) this.#warnOfGap(position);
    if (holder && this.#visible.has(holder.path)) await this.#markCopy(holder);
    this.#othersAway = new Set(later.map((other) => inodeOf(other.position.dev, other.position.ino)));
    if (holder) {
      await this.#readChain({ file: holder, key, position }, hasSuccessor ? 'ends' : 'open-successor');
    } else {
      const { next, changes } = hasSuccessor ? {} : await this.#findNext(position, 'open-successor');
      await this.#context.put(positionsOnly({ [key]: null, ...changes }));
      if (next) await this.#readChain(next, 'open-successor');
    }
    this.#othersAway.clear();
  }

  /**
   * Reads a rotated file to its end, then each that was written after it. The next one is looked for when one has ended,
   * as rotation may go on meanwhile. @returns the key of the last one
   */
  async #readChain(first: Part, end: ChainEnd): Promise<string> {
    let part = first;
    for (;;) {
      let next: Part | undefined;
      const { key } = part;
      const then = async (): Promise<PositionChanges> => {
        if (end === 'ends') return { [key]: null };
        const found = await this.#findNext(part.position, end);
        next = found.next;
        // Until its successor is there the last one keeps its position: with it the chain is found again.
        return found.changes ? { [key]: null, ...found.changes } : {};
      };
      await this.#readRestOf(part, then);
      if (!next || this.#context.stop.aborted) return key;
      part = next;
    }
  }

  /** What was written after a position's file: a rotated file that was never seen, or the file that has its name now. */
  async #findNext(position: FilePosition, end: ChainEnd): Promise<{ next?: Part; changes?: PositionChanges }> {
    for (let tries = 0; tries < CHAIN_TRIES_MAX; tries++) {
      const [unseen] = this.#unseen((await findHolder(position)).later);
      if (unseen) {
        const next = { file: unseen, key: this.#newKey(), position: await positionAtStart(position.path, unseen) };
        return { next, changes: { [next.key]: toPositionValue(next.position) } };
      }
      if (end !== 'open-successor') return {};
      const successor = await look(position.path, new Map());
      const opened = successor && (await this.#openSuccessor(successor));
      if (!opened) return {};
      const inode = inodeOf(opened.dev, opened.ino);
      const missed = this.#unseen((await findHolder(position)).later).filter((file) => file.inode !== inode);
      if (missed.length === 0) {
        this.#files.set(inode, opened);
        return { changes: opened.change };
      }
      // It was rotated between the two looks.
      await opened.close();
    }
    return {};
  }

  /** Those among rotated files that are not followed or found by a pattern themselves. */
  #unseen(rotated: readonly RotatedFile[]): RotatedFile[] {
    return rotated.filter(
      ({ path, inode }) =>
        !this.#files.has(inode) && !this.#copies.has(inode) && !this.#visible.has(path) && !this.#othersAway.has(inode),
    );
  }

  /** The successor, from its beginning; undefined when it is followed already or cannot be opened. */
  async #openSuccessor({ path, inode }: FoundFile): Promise<TrackedFile | undefined> {
    if (this.#files.has(inode)) return undefined;
    try {
      return await TrackedFile.open({ key: this.#newKey(), path, from: 0 }, this.#options.reading);
    } catch (error) {
      this.#tellTrouble(path, error);
      return undefined;
    }
  }

  async #readRestOf(part: Part, then: () => Promise<PositionChanges>): Promise<void> {
    const { put, stop } = this.#context;
    const { file } = part;
    const result = await readRest({ part, reading: this.#options.reading, put, then, stop });
    switch (result.kind) {
      case 'read':
        this.#warnOfCut(file.path, result.cut);
        return;
      case 'damaged':
        this.#warn('lines-lost', `${file.path} could not be read to its end (${result.reason}): lines may be missing`);
        return;
      case 'stopped':
        return;
      default:
        result satisfies never;
    }
  }

  // ---- Once.

  async #readOnce(): Promise<SourceEnd> {
    const { put, stop } = this.#context;
    let isAnyRead = this.#files.size > 0;
    for (const file of [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      for (let isMore = true; isMore && !stop.aborted; ) {
        const read = await file.readBlock();
        if (read.kind === 'rewritten') await this.#onRewritten(file);
        if (read.kind === 'read') {
          this.#warnOfCut(file.path, read.cut);
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

  // ---- What is said.

  #tellMissing(found: FilesFound): void {
    for (const pattern of this.#options.patterns) {
      const isThere = [...found.files.keys()].some((path) => matchesPattern(path, pattern));
      if (isThere || found.troubles.has(pattern)) continue;
      const what = isGlob(pattern) ? `no file matches ${pattern} yet` : `${pattern} is not there yet`;
      this.#tellOnce('info', 'file-missing', `${what}: it is read from its beginning when it appears`);
    }
  }

  #tellTroubles({ troubles }: FilesFound): void {
    for (const [path, reason] of troubles) {
      const isNamed = this.#options.patterns.some((pattern) => matchesPattern(path, pattern) && !isGlob(pattern));
      if (isNamed || reason !== 'it is no file') this.#tellTrouble(path, new Error(reason));
    }
  }

  #tellTrouble(path: string, error: unknown): void {
    const reason = hasCode(error, 'EACCES', 'EPERM')
      ? 'permission denied. Run the agent as a user who may read it (on Debian a member of the group adm)'
      : error instanceof Error
        ? error.message
        : String(error);
    this.#tellOnce('warning', 'file-unreadable', `cannot read ${path}: ${reason}; it is tried again`);
  }

  #warnOfCut(path: string, { lines, bytes }: CutLines): void {
    if (lines === 0) return;
    const max = this.#options.reading.lineBytesMax;
    this.#warn(
      'lines-cut',
      `${lines === 1 ? '1 line' : `${lines} lines`} of ${path} longer than ${max} bytes ${lines === 1 ? 'was' : 'were'} cut: ${bytes} bytes are missing`,
    );
  }

  #warnOfGap({ path, offset, size }: FilePosition): void {
    const known = size > offset ? `at least ${size - offset} bytes` : 'whatever was';
    this.#warn(
      'lines-lost',
      `${path} was rotated away, removed or written anew while the agent was not running: ${known} written behind byte ${offset} of the old file could not be read`,
    );
  }

  #warn(event: string, message: string): void {
    this.#report('warning', event, message);
    this.#context.warn(message);
  }

  #tellOnce(severity: 'info' | 'warning', event: string, message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#report(severity, event, message);
  }

  #report(severity: 'info' | 'warning', event: string, message: string): void {
    this.#context.reporter({ severity, event, message });
  }

  #newKey(): string {
    return `${this.#options.name}:${randomBytes(6).toString('hex')}`;
  }

  #seenKey(pattern: string): string {
    return `${this.#options.name}?${resolve(pattern)}`;
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }
}

/** What comes behind the last rotated file of a chain. */
type ChainEnd =
  /** The file that has its name now is followed from its beginning. */
  | 'open-successor'
  /** That file is followed already. */
  | 'has-successor'
  /** Another stored position goes on there: only this one file is read. */
  | 'ends';

const CHAIN_TRIES_MAX = 5;

interface StoredPosition {
  readonly key: string;
  readonly position: FilePosition;
}
