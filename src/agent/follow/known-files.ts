/**
 * The files that a follower knows: those it follows, and copies of what it has read.
 *
 * Positions are kept under `<source>:<random>`, one for each file; `<source>?<pattern>` says that a pattern was followed
 * before, and `<source>=<inode>` that a file is a copy.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { positionsOnly } from '../chunk.ts';
import type { SourceContext } from '../source.ts';
import { headOf, type RotatedFile } from './content.ts';
import { type FilePosition, parsePosition } from './file-position.ts';
import { type FoundFile, inodeOf, isLeft, isWanted, matchesPattern, type Wanted } from './find-files.ts';
import { ROTATION_GRACE_MS } from './limits.ts';
import { findHolder } from './rest.ts';
import { isRotatedNameOf } from './rotated-names.ts';
import type { Telling } from './telling.ts';
import type { TrackedFile } from './tracked-file.ts';

export interface StoredPosition {
  readonly key: string;
  readonly position: FilePosition;
}

export interface KnownFilesOptions {
  /** The source's name. */
  readonly name: string;
  readonly wanted: Wanted;
  readonly context: Pick<SourceContext, 'put' | 'positions'>;
  readonly telling: Telling;
}

export class KnownFiles {
  readonly #options: KnownFilesOptions;
  readonly #byInode = new Map<string, TrackedFile>();
  /** By inode, under which path each was found. */
  readonly #copies = new Map<string, string>();
  /** What the patterns named at the last look. */
  visible: ReadonlyMap<string, FoundFile> = new Map();
  /** Stored positions of other files that are read in their turn. */
  othersAway: readonly FilePosition[] = [];

  constructor(options: KnownFilesOptions) {
    this.#options = options;
  }

  get followed(): readonly TrackedFile[] {
    return [...this.#byInode.values()];
  }

  has(inode: string): boolean {
    return this.#byInode.has(inode);
  }

  /** The newest file that has, or had, this name and whose successor must wait. */
  newestAt(path: string): TrackedFile | undefined {
    return this.followed.findLast((file) => file.path === path && !file.isLingering);
  }

  add(file: TrackedFile): void {
    this.#byInode.set(inodeOf(file.dev, file.ino), file);
  }

  /** One that was renamed, found late: whichever has its name by now waits for it. */
  addBeforeSuccessor(file: TrackedFile): void {
    const successors = this.followed.filter(({ path, isLingering }) => path === file.path && !isLingering);
    this.add(file);
    for (const successor of successors) {
      successor.predecessor ??= file;
      this.#byInode.delete(inodeOf(successor.dev, successor.ino));
      this.add(successor);
    }
  }

  async forget(file: TrackedFile): Promise<void> {
    this.#byInode.delete(inodeOf(file.dev, file.ino));
    await file.close();
    await this.#options.context.put(positionsOnly({ [file.key]: null }));
  }

  /** Followed, or what a stored position goes on in: it is read in its turn. Packed it is another file with the same text. */
  async hasTurn(file: RotatedFile): Promise<boolean> {
    if (this.#byInode.has(file.inode)) return true;
    for (const position of this.othersAway) {
      // By its text, as an inode may be another file's by now.
      if ((await findHolder(position)).holder?.inode === file.inode) return true;
    }
    if (file.packing === 'plain') return false;
    for (const followed of this.followed) if (await followed.isPackedAs(file)) return true;
    return false;
  }

  /** Those among rotated files that are not followed, found by a pattern or taken up in their own right. */
  async unseen(rotated: readonly RotatedFile[]): Promise<RotatedFile[]> {
    const unseen: RotatedFile[] = [];
    for (const file of rotated) {
      if (this.#copies.has(file.inode) || this.visible.has(file.path)) continue;
      if (isLeft(file.path, this.#options.wanted.except)) continue;
      if (!(await this.hasTurn(file))) unseen.push(file);
    }
    return unseen;
  }

  /** Of a copy under a rotated name; an inode that another file has by now is none. */
  isCopy({ path, inode }: FoundFile): boolean {
    const copied = this.#copies.get(inode);
    if (copied === undefined) return false;
    if (copied === path) return true;
    return this.followed.some(
      (file) => dirname(file.path) === dirname(path) && isRotatedNameOf(basename(file.path), basename(path)),
    );
  }

  /**
   * Whether a file is, by name and first bytes, the copy of a followed one that logrotate's `copytruncate` makes; unsure
   * while it is being made.
   */
  async judgeCopy(found: FoundFile, nowMs: number): Promise<'copy' | 'unsure' | 'none'> {
    const { path, size, mtimeMs } = found;
    for (const file of this.followed) {
      if (dirname(file.path) !== dirname(path) || !isRotatedNameOf(basename(file.path), basename(path))) continue;
      const { headBytes } = file.position;
      const isYoung = nowMs - mtimeMs < ROTATION_GRACE_MS;
      if (size < headBytes && isYoung) return 'unsure';
      if (size < headBytes || headBytes === 0) continue;
      if (file.beginsLike(await headOf({ ...found, packing: 'plain' }, headBytes))) return 'copy';
    }
    return 'none';
  }

  /** Its text was read elsewhere: where a pattern matches it too, it is not read again. */
  async markCopy({ path, inode }: Pick<FoundFile, 'path' | 'inode'>): Promise<void> {
    const { wanted, context } = this.#options;
    if (!isWanted(path, wanted) || this.#copies.has(inode)) return;
    this.#copies.set(inode, path);
    await context.put(positionsOnly({ [this.#copyKey(inode)]: { path } }));
  }

  /** After a look at everything. */
  async tidy(): Promise<void> {
    await this.#learnWaiting();
    await this.#forgetCopies();
  }

  /** One that was empty and waits for its predecessor: by its first bytes it is found again when it was packed meanwhile. */
  async #learnWaiting(): Promise<void> {
    for (const file of this.followed) {
      const isLearnt = file.isUnknown && !file.mayBeRead && (await file.learnHead());
      if (isLearnt) await this.#options.context.put(positionsOnly(file.change));
    }
  }

  /** Those that are no longer to be seen. */
  async #forgetCopies(): Promise<void> {
    const inodes = new Set([...this.visible.values()].map(({ inode }) => inode));
    for (const inode of this.#copies.keys()) {
      if (inodes.has(inode)) continue;
      this.#copies.delete(inode);
      await this.#options.context.put(positionsOnly({ [this.#copyKey(inode)]: null }));
    }
  }

  /** What was known before the start; what another source of that name knows is its own. */
  takeStored(): StoredPosition[] {
    const { name, wanted, context, telling } = this.#options;
    const stored: StoredPosition[] = [];
    for (const [key, value] of context.positions) {
      const copied = key.startsWith(`${name}=`) ? String(value.path) : undefined;
      if (copied !== undefined && isWanted(copied, wanted)) this.#copies.set(key.slice(name.length + 1), copied);
      if (!key.startsWith(`${name}:`)) continue;
      const position = parsePosition(value);
      if (!position) telling.damagedPosition(key);
      else if (isWanted(position.path, wanted)) stored.push({ key, position });
    }
    return stored;
  }

  /** Whether a pattern that names the file was followed before. */
  wasFollowed({ path }: FoundFile): boolean {
    const { wanted, context } = this.#options;
    return wanted.patterns.some(
      (pattern) => matchesPattern(path, pattern) && context.positions.has(this.#seenKey(pattern)),
    );
  }

  async markFollowed(): Promise<void> {
    const { wanted, context } = this.#options;
    const seen = wanted.patterns.map((pattern) => [this.#seenKey(pattern), { seen: true }] as const);
    await context.put(positionsOnly(Object.fromEntries(seen)));
  }

  newKey(): string {
    return `${this.#options.name}:${randomBytes(6).toString('hex')}`;
  }

  #copyKey(inode: string): string {
    return `${this.#options.name}=${inode}`;
  }

  #seenKey(pattern: string): string {
    return `${this.#options.name}?${resolve(pattern)}`;
  }
}
