/**
 * The files that patterns name just now, each with what the system says of it.
 */
import { glob, stat } from 'node:fs/promises';
import { matchesGlob, resolve, sep } from 'node:path';
import { hasCode } from '../../system/files.ts';
import type { FilePosition } from './file-position.ts';

export interface FoundFile {
  readonly path: string;
  /** Device and inode as one text. */
  readonly inode: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** When it was last written to or renamed. */
  readonly ctimeMs: number;
  /** When it was made; 0 where the system does not tell. */
  readonly bornMs: number;
}

/** What a source reads: the files that its patterns name, but for those that it leaves to another source. */
export interface Wanted {
  readonly patterns: readonly string[];
  readonly except: readonly string[];
}

export interface FilesFound {
  /** By path, in the order of paths; several paths may lead to one inode. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Paths that the patterns name and that are left to another source. */
  readonly left: readonly string[];
  /** Why a path that exists could not be looked at. */
  readonly troubles: ReadonlyMap<string, string>;
}

export async function findFiles({ patterns, except }: Wanted): Promise<FilesFound> {
  const files = new Map<string, FoundFile>();
  const left: string[] = [];
  const troubles = new Map<string, string>();
  const paths = new Set<string>();
  for (const pattern of patterns) for (const path of await expand(pattern, troubles)) paths.add(path);
  for (const path of [...paths].sort()) {
    if (isLeft(path, except)) {
      left.push(path);
      continue;
    }
    const found = await look(path, troubles);
    if (found) files.set(path, found);
  }
  return { files, left, troubles };
}

/** Undefined: it is not there, or is no file; the reason for anything else is put into `troubles`. */
export async function look(path: string, troubles: Map<string, string>): Promise<FoundFile | undefined> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs, birthtimeMs, ...rest } = await stat(path, { bigint: true });
    // A pipe or a device would hold up whoever opens it.
    if ((Number(rest.mode) & FILE_TYPE) !== REGULAR) {
      troubles.set(path, 'it is no file');
      return undefined;
    }
    const times = { mtimeMs: Number(mtimeMs), ctimeMs: Number(ctimeMs), bornMs: Number(birthtimeMs) };
    return { path, inode: inodeOf(String(dev), String(ino)), size: Number(size), ...times };
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR'))
      troubles.set(path, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

export function inodeOf(dev: string, ino: string): string {
  return `${dev}:${ino}`;
}

/**
 * Whether a file is, by its inode, the one that a position is in. An inode is used again: while nothing of the file was
 * seen by which it could be known, one that was made after it was last seen is another one.
 */
export function hasInodeOf(file: FoundFile, { dev, ino, headBytes, mtimeMs }: FilePosition): boolean {
  return file.inode === inodeOf(dev, ino) && (headBytes > 0 || file.bornMs <= mtimeMs);
}

export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

export function isWanted(path: string, { patterns, except }: Wanted): boolean {
  return patterns.some((pattern) => matchesPattern(path, pattern)) && !isLeft(path, except);
}

export function isLeft(path: string, except: readonly string[]): boolean {
  return except.some((pattern) => matchesPattern(path, pattern));
}

export function matchesPattern(path: string, pattern: string): boolean {
  return path === resolve(pattern) || (isGlob(pattern) && matchesGlob(path, resolve(pattern)));
}

/** The folder in which a pattern's files can appear, as far as it is fixed. */
export function folderOf(pattern: string): string {
  const parts = resolve(pattern).split(sep);
  const fixed = parts.findIndex((part) => isGlob(part));
  return parts.slice(0, fixed === -1 ? -1 : fixed).join(sep) || sep;
}

const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

async function expand(pattern: string, troubles: Map<string, string>): Promise<string[]> {
  const whole = resolve(pattern);
  if (!isGlob(pattern)) return [whole];
  // A file whose name has such characters is meant by its name.
  if (await look(whole, new Map())) return [whole];
  const paths: string[] = [];
  try {
    for await (const path of glob(whole)) paths.push(resolve(path));
  } catch (error) {
    troubles.set(pattern, error instanceof Error ? error.message : String(error));
  }
  return paths;
}
