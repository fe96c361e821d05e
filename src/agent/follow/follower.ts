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
import type { PositionChanges } from '../chunk.ts';
import type { SourceContext, SourceEnd } from '../source.ts';
import { readHead } from './content.ts';
import { type FilePosition, parsePosition, toPositionValue } from './file-position.ts';
import { type FilesFound, type FoundFile, findFiles, folderOf, inodeOf, isGlob, matchesPattern } from './find-files.ts';
import { watchForHints } from './hints.ts';
import { LINGER_MS, POLL_MS, REOPEN_MS, ROTATION_GRACE_MS, SCAN_MS } from './limits.ts';
import { findHolder, listRotated, positionAtStart, type RotatedFile, readRest } from './rest.ts';
import { isRotatedNameOf, packingOf } from './rotated-names.ts';
import { type CutLines, type ReadingOptions, TrackedFile } from './tracked-file.ts';

export interface FollowOptions {
  /** The source's name: in reports and in the keys of positions. */
  readonly name: string;
  readonly patterns: readonly string[];
  /** Where a pattern never followed before begins. */
  readonly from: 'start' | 'end';
  readonly reading: ReadingOptions;
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
      if (once) return await this.#readOnce();
      while (!stop.aborted) await this.#turn();
      return { kind: 'ended' };
    } finally {
      await stopHints?.();
      await Promise.all([...this.#files.values()].map((file) => file.close()));
    }
  }

  #watch(): () => Promise<void> {
    const { patterns } = this.#options;
    const folders = [...new Set(patterns.map(folderOf))];
    const concerns = (path: string) => patterns.some((pattern) => matchesPattern(path, pattern));
    return watchForHints({ folders, concerns }, (hint, path) => {
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
      const read = await file.readBlock();
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
      if (quietMs < this.#timing.rotationGraceMs) return;
      const partial = file.takePartialLine();
      file.isLingering = true;
      await this.#context.put(partial ?? { lines: '', count: 0, positions: file.change });
      this.#nextScanMs = 0;
      return;
    }
    const isVisible = [...this.#visible.values()].some(({ inode }) => inode === inodeOf(file.dev, file.ino));
    if (isVisible) return;
    if (quietMs >= this.#timing.lingerMs || (await file.linkCount()) === 0) await this.#forget(file);
  }

  async #forget(file: TrackedFile): Promise<void> {
    this.#files.delete(inodeOf(file.dev, file.ino));
    await file.close();
    await this.#context.put({ lines: '', count: 0, positions: { [file.key]: null } });
  }

  /** What is in the file is not what was read: copied and truncated, or written anew. */
  async #onRewritten(file: TrackedFile): Promise<void> {
    const { put, stop } = this.#context;
    const holder = await findHolder(
      file.position,
      (await listRotated(file.path)).filter(({ inode }) => inode !== inodeOf(file.dev, file.ino)),
    );
    if (holder) {
      await this.#markCopy(holder);
      await this.#readRestOf(holder, file.key, file.position, {});
      if (stop.aborted) return;
    } else {
      const partial = file.takePartialLine();
      if (partial) await put(partial);
      this.#tellRewritten(file);
    }
    await file.startOver();
    file.nextPollMs = 0;
    await put({ lines: '', count: 0, positions: file.change });
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
      await this.#context.put({ lines: '', count: 0, positions: { [key]: null } });
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
    await this.#context.put({ lines: '', count: 0, positions: file.change });
    return file;
  }

  /**
   * Whether a file is, by name and first bytes, the copy of a followed one that logrotate's `copytruncate` makes; unsure
   * while it is being made.
   */
  async #judgeCopy({ path, size, mtimeMs }: FoundFile): Promise<'copy' | 'unsure' | 'none'> {
    for (const file of this.#files.values()) {
      if (dirname(file.path) !== dirname(path) || !isRotatedNameOf(basename(file.path), basename(path))) continue;
      const { headBytes } = file.position;
      const isYoung = this.#context.clock.nowMs() - mtimeMs < ROTATION_GRACE_MS;
      if (size < headBytes && isYoung) return 'unsure';
      if (size < headBytes || headBytes === 0) continue;
      try {
        if (file.beginsLike(await readHead(path, 'plain', headBytes))) return 'copy';
      } catch (error) {
        this.#tellTrouble(path, error);
      }
    }
    return 'none';
  }

  async #markCopy({ path, inode }: Pick<FoundFile, 'path' | 'inode'>): Promise<void> {
    const concerns = this.#options.patterns.some((pattern) => matchesPattern(path, pattern));
    if (!concerns || this.#copies.has(inode)) return;
    const key = `${this.#options.name}=${inode}`;
    this.#copies.set(inode, key);
    await this.#context.put({ lines: '', count: 0, positions: { [key]: { path, isCopy: true } } });
  }

  // ---- Going on after a start.

  async #resume(): Promise<void> {
    const { positionsLost, stop } = this.#context;
    const found = await findFiles(this.#options.patterns);
    this.#visible = found.files;
    this.#tellTroubles(found);
    this.#tellMissing(found);
    const away: StoredPosition[] = [];
    for (const stored of this.#storedPositions()) {
      if (!(await this.#resumeInPlace(stored, found))) away.push(stored);
    }
    // The oldest first: so a chain of rotated files is read in the order it was written.
    away.sort((a, b) => a.position.mtimeMs - b.position.mtimeMs);
    for (const [index, stored] of away.entries()) {
      if (stop.aborted) return;
      await this.#readMissed(stored, { away, later: away.slice(index + 1), found });
    }
    for (const file of found.files.values()) {
      const isKnown = this.#options.patterns.some(
        (pattern) => matchesPattern(file.path, pattern) && this.#context.positions.has(this.#seenKey(pattern)),
      );
      await this.#adopt(file, positionsLost ? 'end' : isKnown ? 'start' : this.#options.from);
    }
    const seen = this.#options.patterns.map((pattern) => [this.#seenKey(pattern), { seen: true }] as const);
    await this.#context.put({ lines: '', count: 0, positions: Object.fromEntries(seen) });
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
    const isSame = position.offset === 0 ? position.headBytes === 0 : false;
    if (size < position.offset || !(isSame || (await findHolder(position, [itself])))) return false;
    const file = await this.#open(path, inode, { key, from: position.offset });
    if (file) return true;
    // It cannot be opened just now: its position stays, and so does its place.
    return this.#reopenMs.has(path);
  }

  /** A file that is not where it was: the rest of it, then those that came after it, then its successor. */
  async #readMissed(
    { key, position }: StoredPosition,
    all: {
      readonly away: readonly StoredPosition[];
      readonly later: readonly StoredPosition[];
      readonly found: FilesFound;
    },
  ): Promise<void> {
    const { away, later, found } = all;
    const rotated = await listRotated(position.path);
    const holder = await findHolder(position, rotated);
    const isLast = !later.some((other) => other.position.path === position.path);
    const successorIsKnown = [...this.#files.values()].some((file) => file.path === position.path);
    const between = isLast && !successorIsKnown ? this.#writtenAfter(position, holder, rotated, away, found) : [];
    if (!holder && !position.hasLeft) this.#warnOfGap(position);
    if (holder && this.#visible.has(holder.path) && packingOf(holder.path) === 'plain') await this.#markCopy(holder);

    const parts: { file: RotatedFile; key: string; position: FilePosition }[] = [];
    if (holder) parts.push({ file: holder, key, position });
    for (const file of between) {
      parts.push({ file, key: this.#newKey(), position: await positionAtStart(position.path, file) });
    }
    const successor = successorIsKnown ? undefined : found.files.get(position.path);
    const [first] = parts;
    if (first && first.key !== key) {
      const positions = { [key]: null, [first.key]: toPositionValue(first.position) };
      await this.#context.put({ lines: '', count: 0, positions });
    }
    for (const [index, part] of parts.entries()) {
      const next = parts[index + 1];
      // Until its successor is there the last one keeps its position: with it the chain is found again.
      const then: PositionChanges = next
        ? { [part.key]: null, [next.key]: toPositionValue(next.position) }
        : successor || successorIsKnown || !isLast
          ? { [part.key]: null }
          : {};
      const isLastPart = next === undefined;
      if (isLastPart && successor && isLast) {
        const opened = await this.#openQuietly(successor);
        if (opened) {
          await this.#readRestOf(part.file, part.key, part.position, { ...then, ...opened.change });
          if (this.#context.stop.aborted) return;
          continue;
        }
      }
      await this.#readRestOf(part.file, part.key, part.position, then);
      if (this.#context.stop.aborted) return;
    }
    if (parts.length === 0) {
      const opened = successor && isLast ? await this.#openQuietly(successor) : undefined;
      await this.#context.put({ lines: '', count: 0, positions: { [key]: null, ...opened?.change } });
    }
  }

  /** The successor, followed from its beginning; its position is told together with its predecessor's end. */
  async #openQuietly({ path, inode }: FoundFile): Promise<TrackedFile | undefined> {
    try {
      const file = await TrackedFile.open({ key: this.#newKey(), path, from: 0 }, this.#options.reading);
      this.#files.set(inode, file);
      return file;
    } catch (error) {
      this.#tellTrouble(path, error);
      return undefined;
    }
  }

  /** The rotated files that hold what was written after a position, the oldest first. */
  #writtenAfter(
    position: FilePosition,
    holder: RotatedFile | undefined,
    rotated: readonly RotatedFile[],
    away: readonly StoredPosition[],
    found: FilesFound,
  ): RotatedFile[] {
    // Its own inode may be another file's by now.
    const elsewhere = away.filter((other) => other.position !== position);
    const others = new Set(elsewhere.map((other) => inodeOf(other.position.dev, other.position.ino)));
    const after = holder
      ? rotated.slice(rotated.indexOf(holder) + 1)
      : rotated.filter(({ mtimeMs }) => mtimeMs > position.mtimeMs);
    return after.filter(
      ({ path, inode }) =>
        !others.has(inode) && !this.#files.has(inode) && !this.#copies.has(inode) && !found.files.has(path),
    );
  }

  async #readRestOf(file: RotatedFile, key: string, position: FilePosition, then: PositionChanges): Promise<void> {
    const { put, stop } = this.#context;
    const result = await readRest({ file, key, position, reading: this.#options.reading, put, then, stop });
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

interface StoredPosition {
  readonly key: string;
  readonly position: FilePosition;
}
