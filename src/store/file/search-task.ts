/**
 * A search or a count that somebody waits for: its parts, one for each thread that works on it, and its answer when all
 * of them have ended.
 */
import { compareByTime, type Entry } from '../../entry/entry.ts';
import { LEVELS } from '../../entry/level.ts';
import type { Found } from './nearest.ts';
import { hintsOf } from './query-hints.ts';
import { pageOf, type SearchJob, type SearchPart } from './search.ts';
import type { SegmentExtent } from './search-messages.ts';
import { rowCountOf, type TallyJob } from './tally.ts';
import { createSharedWork, dismissHelpers } from './work-share.ts';

export interface Tally {
  /** By span, then level. */
  readonly counts: Float64Array;
  readonly partial: boolean;
}

export type PartEnd =
  | { readonly kind: 'searched'; readonly part: SearchPart }
  | { readonly kind: 'tallied'; readonly partial: boolean }
  /** Its thread had to be terminated. */
  | { readonly kind: 'out-of-time' }
  | { readonly kind: 'failed'; readonly error: Error };

export interface TaskPart {
  readonly task: Task;
  readonly isHelper: boolean;
  /** Of a tally. */
  readonly counts: SharedArrayBuffer | undefined;
  /** What a search has told of while it runs. */
  readonly found: Entry[];
  end: PartEnd | undefined;
}

export class Task {
  readonly job: SearchJob | TallyJob;
  /** A user's regular expression that may run for ever. */
  readonly isCostly: boolean;
  /** On the monotonic clock. */
  readonly endMs: number;
  readonly work = createSharedWork();
  /** What it is to see; known when it starts. */
  extent: readonly SegmentExtent[] = [];
  wantsHelp = false;
  readonly #parts: TaskPart[] = [];
  readonly #resolve: (ends: readonly TaskPart[]) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    job: SearchJob | TallyJob,
    endMs: number,
    { resolve, reject }: { resolve: (parts: readonly TaskPart[]) => void; reject: (error: Error) => void },
  ) {
    this.job = job;
    this.isCostly = hintsOf(job.query).isCostly;
    this.endMs = endMs;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** A part for one more thread. The first is not a helper. */
  addPart(): TaskPart {
    const { job } = this;
    const byteCount = job.kind === 'tally' ? rowCountOf(job) * LEVELS.length * Float64Array.BYTES_PER_ELEMENT : 0;
    const part: TaskPart = {
      task: this,
      isHelper: this.#parts.length > 0,
      counts: job.kind === 'tally' ? new SharedArrayBuffer(byteCount) : undefined,
      found: [],
      end: undefined,
    };
    dismissHelpers(this.work, false);
    this.#parts.push(part);
    return part;
  }

  /** Ends a part; with the last of them the task is answered. */
  endPart(part: TaskPart, end: PartEnd): void {
    part.end ??= end;
    // Nothing is left to do when the first has ended, and nothing is right any more when one has failed.
    if (!part.isHelper || end.kind === 'failed') this.wantsHelp = false;
    if (end.kind === 'failed') this.fail(end.error);
    else if (this.#parts.every((other) => other.end !== undefined)) this.#resolve(this.#parts);
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  get hasHelper(): boolean {
    return this.#parts.some(({ isHelper, end }) => isHelper && end === undefined);
  }

  /** Asks its helper to leave, for another task waits. */
  dismissHelper(): void {
    dismissHelpers(this.work, true);
  }
}

/** The answer to a search. */
export function foundBy(job: SearchJob, parts: readonly TaskPart[]): Found {
  const searched = parts.map(({ end }) => (end?.kind === 'searched' ? end.part : undefined));
  const whole = searched.filter((part) => part !== undefined);
  if (whole.length === parts.length) return pageOf(job, whole);
  // Where the rest lies is not known, so there is no next page.
  const entries = parts.flatMap(({ end, found }) => (end?.kind === 'searched' ? end.part.entries : found));
  return { entries: nearestOf(entries, job), cursor: null, partial: true };
}

/** The answer to a tally. */
export function talliedBy(parts: readonly TaskPart[]): Tally {
  const [first, ...others] = parts.map(({ counts }) => new Float64Array(counts ?? new SharedArrayBuffer(0)));
  const counts = Float64Array.from(first ?? []);
  for (const other of others) for (const [at, count] of other.entries()) counts[at] = (counts[at] ?? 0) + count;
  return { counts, partial: parts.some(({ end }) => end?.kind !== 'tallied' || end.partial) };
}

/** The entries of a search that was cut off which come first in its order. */
function nearestOf(found: readonly Entry[], { order, limit }: SearchJob): Entry[] {
  const sign = order === 'desc' ? -1 : 1;
  return [...found].sort((a, b) => sign * compareByTime(a, b)).slice(0, limit);
}
