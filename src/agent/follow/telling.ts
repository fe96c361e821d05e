/**
 * What the follower says: reports for whoever runs it, and visible WARNING entries for what was lost.
 */
import { hasCode } from '../../system/files.ts';
import type { SourceContext } from '../source.ts';
import type { FilePosition } from './file-position.ts';
import { type FilesFound, isGlob, matchesPattern } from './find-files.ts';
import type { CutLines, TrackedFile } from './tracked-file.ts';

export class Telling {
  readonly #context: Pick<SourceContext, 'lost' | 'reporter'>;
  readonly #patterns: readonly string[];
  readonly #lineBytesMax: number;
  readonly #told = new Set<string>();

  constructor(
    context: Pick<SourceContext, 'lost' | 'reporter'>,
    { patterns, lineBytesMax }: { readonly patterns: readonly string[]; readonly lineBytesMax: number },
  ) {
    this.#context = context;
    this.#patterns = patterns;
    this.#lineBytesMax = lineBytesMax;
  }

  missing(found: FilesFound): void {
    for (const pattern of this.#patterns) {
      const isThere = [...found.files.keys(), ...found.left].some((path) => matchesPattern(path, pattern));
      if (isThere || found.troubles.has(pattern)) continue;
      const what = isGlob(pattern) ? `no file matches ${pattern} yet` : `${pattern} is not there yet`;
      this.#once('info', 'file-missing', `${what}: it is read from its beginning when it appears`);
    }
  }

  troubles({ troubles }: FilesFound): void {
    for (const [path, reason] of troubles) {
      const isNamed = this.#patterns.some((pattern) => matchesPattern(path, pattern) && !isGlob(pattern));
      if (isNamed || reason !== 'it is no file') this.trouble(path, new Error(reason));
    }
  }

  /** Once for each path and reason; once for all files that are too many. */
  trouble(path: string, error: unknown): void {
    if (hasCode(error, 'EMFILE', 'ENFILE')) {
      const message =
        'cannot open more files: the system allows no more to this process. The others wait until some are let go. Allow more with ulimit -n or LimitNOFILE= of the service, or name fewer with --path';
      this.#once('warning', 'files-too-many', message);
      return;
    }
    const reason = hasCode(error, 'EACCES', 'EPERM')
      ? 'permission denied. Run the agent as a user who may read it (on Debian a member of the group adm)'
      : error instanceof Error
        ? error.message
        : String(error);
    this.#once('warning', 'file-unreadable', `cannot read ${path}: ${reason}; it is tried again`);
  }

  packed(path: string): void {
    const message = `${path} is packed: it is read only as the rest of a file that was followed`;
    this.#once('info', 'packed-skipped', message);
  }

  rewritten(file: TrackedFile): void {
    const { path, unreadBytes } = file;
    if (unreadBytes > 0) {
      const message = `${path} was truncated before its last ${unreadBytes} bytes could be read; they are missing`;
      this.#lost('lines-lost', message);
      return;
    }
    const message = `${path} was truncated or written anew: it is read from its beginning`;
    this.#context.reporter({ severity: 'info', event: 'file-truncated', message });
  }

  cut(path: string, { lines, bytes }: CutLines): void {
    if (lines === 0) return;
    const what = lines === 1 ? '1 line' : `${lines} lines`;
    const were = lines === 1 ? 'was' : 'were';
    const message = `${what} of ${path} longer than ${this.#lineBytesMax} bytes ${were} cut: ${bytes} bytes are missing`;
    this.#lost('lines-cut', message, 0);
  }

  gap({ path, offset, size }: FilePosition): void {
    const known = size > offset ? `at least ${size - offset} bytes` : 'whatever was';
    const message = `${path} was rotated away, removed or written anew while the agent was not running: ${known} written behind byte ${offset} of the old file could not be read`;
    this.#lost('lines-lost', message);
  }

  unfinished(path: string, reason: string): void {
    this.#lost('lines-lost', `${path} could not be read to its end (${reason}): lines may be missing`);
  }

  damagedPosition(key: string): void {
    this.#lost('state-corrupt', `the position ${key} is damaged: its file is read as one never seen`);
  }

  /** @param lines how many are missing, where that is known */
  #lost(event: string, message: string, lines?: number): void {
    this.#context.reporter({ severity: 'warning', event, message });
    this.#context.lost({ what: message, lines });
  }

  #once(severity: 'info' | 'warning', event: string, message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#context.reporter({ severity, event, message });
  }
}
