/**
 * Searching over blocks: which are read, in which order, and when enough is known. Runs in a worker thread and reads
 * synchronously. The meaning of a query is that of compileQuery; everything here only avoids work.
 */
import { compareByTime, type Entry, PLAIN_STATE } from '../../entry/entry.ts';
import { compileQuery } from '../../entry/query/match.ts';
import type { Query } from '../../entry/query/query.ts';
import type { TimePosition } from '../store.ts';
import type { Block } from './block-index.ts';
import { createCandidateFinder } from './candidates.ts';
import { type Head, readEntry } from './head.ts';
import { LazyEntry } from './lazy-entry.ts';
import { type Found, Nearest } from './nearest.ts';
import { hintsOf } from './query-hints.ts';
import { type BlockPlace, boundsOf, type SearchView, type TimeBounds, type TimeSpan } from './search-view.ts';
import { SegmentJudge } from './segment-judge.ts';
import { ShapeTests } from './shape-tests.ts';
import { NO } from './verdict.ts';
import { undivided, type WorkShare } from './work-share.ts';

export interface SearchJob extends TimeSpan {
  readonly kind: 'search';
  readonly query: Query;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly cursor?: TimePosition | undefined;
}

/** What one thread has found. */
export interface SearchPart {
  /** First those that come first in the wished order; at most one more than the limit. */
  readonly entries: readonly Entry[];
  /** The place where its time was up: what lies there or further away need not have been seen. Undefined: all was seen. */
  readonly edgeMs?: number | undefined;
}

export interface SearchLimits {
  /** Looked at between blocks and every few entries. */
  isOver(): boolean;
  /** Told of each entry as it is found, for a search that may have to be terminated. Some may not be in the result. */
  onFound?: ((entry: Entry) => void) | undefined;
  /** Told when a block has to be read. */
  onRead?: (() => void) | undefined;
}

/** Entries looked at between two looks at the time limit. */
export const SLICE_ENTRIES = 64;

/** The matches nearest to the beginning of the wished order, behind the cursor, in the blocks that are this thread's. */
export function runSearch(
  view: SearchView,
  job: SearchJob,
  limits: SearchLimits,
  share: WorkShare = undivided(),
): SearchPart {
  const isDesc = job.order === 'desc';
  const bounds = boundsBehindCursor(job);
  const places = placesOf(view, job, bounds);
  const nearest = new Nearest(job.limit, isDesc);
  const reader = new BlockReader(view, job, limits, bounds, nearest);
  for (let at = share.next(); at !== undefined; at = share.next()) {
    const place = places[at];
    if (place === undefined) break;
    const edgeMs = isDesc ? place.block.maxMs : place.block.minMs;
    if (nearest.isSettledBefore(edgeMs)) break;
    if (limits.isOver()) return { entries: nearest.entries, edgeMs };
    if (place.judge.judge(place.index, place.block).verdict === NO) continue;
    if (!reader.read(place)) return { entries: nearest.entries, edgeMs };
  }
  return { entries: nearest.entries };
}

/** The page that the threads of a search have found together. */
export function pageOf({ limit, order }: SearchJob, parts: readonly SearchPart[]): Found {
  const isDesc = order === 'desc';
  const nearest = new Nearest(limit, isDesc);
  for (const { entries } of parts) for (const entry of entries) nearest.add(entry);
  const edges = parts.map(({ edgeMs }) => edgeMs).filter((edgeMs) => edgeMs !== undefined);
  if (edges.length === 0) return nearest.page();
  return nearest.partialPage(isDesc ? Math.max(...edges) : Math.min(...edges));
}

/** A test of the entries of blocks, with what people have done with them. */
export function createTest(view: SearchView, query: Query): (block: Block) => (entry: Entry) => boolean {
  const matches = compileQuery(query);
  return (block) => {
    // Most blocks nobody has touched: there no id is read.
    if (!view.isTouched(block)) return (entry) => matches(entry, PLAIN_STATE);
    return (entry) => matches(entry, view.stateOf(entry.id) ?? PLAIN_STATE);
  };
}

/** Takes the matches out of one block after the other. */
class BlockReader {
  readonly #job: SearchJob;
  readonly #limits: SearchLimits;
  readonly #bounds: TimeBounds;
  readonly #nearest: Nearest;
  readonly #finder;
  readonly #levels: readonly boolean[];
  readonly #testOf: (block: Block) => (entry: Entry) => boolean;
  readonly #entry = new LazyEntry();

  constructor(view: SearchView, job: SearchJob, limits: SearchLimits, bounds: TimeBounds, nearest: Nearest) {
    this.#job = job;
    this.#limits = limits;
    this.#bounds = bounds;
    this.#nearest = nearest;
    this.#finder = createCandidateFinder(job.query);
    this.#levels = hintsOf(job.query).levels;
    this.#testOf = createTest(view, job.query);
  }

  /** @returns false when the time was up before its end */
  read({ segment, judge, index, block }: BlockPlace): boolean {
    this.#limits.onRead?.();
    const isDesc = this.#job.order === 'desc';
    const bytes = segment.read(block);
    const candidates = this.#finder.find(bytes, judge.isPlain(index));
    if (isDesc) candidates.reverse();
    const test = this.#testOf(block);
    for (const [count, { head, end }] of candidates.entries()) {
      if (count % SLICE_ENTRIES === SLICE_ENTRIES - 1 && this.#limits.isOver()) return false;
      this.#look(bytes, head, end, test);
    }
    return true;
  }

  #look(bytes: Buffer, head: Head, end: number, test: (entry: Entry) => boolean): void {
    if (head.timeMs < this.#bounds.fromMs || head.timeMs > this.#bounds.toMs) return;
    if (!this.#levels[head.level] || this.#nearest.isSettledBefore(head.timeMs)) return;
    this.#entry.show(bytes, head, end);
    const { cursor, order } = this.#job;
    if (cursor && !isBehind(this.#entry, cursor, order === 'desc')) return;
    if (!test(this.#entry)) return;
    const entry = readEntry(bytes, head, end);
    if (this.#nearest.add(entry)) this.#limits.onFound?.(entry);
  }
}

function boundsBehindCursor({ cursor, order, ...span }: SearchJob): TimeBounds {
  const { fromMs, toMs } = boundsOf(span);
  if (!cursor) return { fromMs, toMs };
  if (order === 'desc') return { fromMs, toMs: Math.min(toMs, cursor.timeMs) };
  return { fromMs: Math.max(fromMs, cursor.timeMs), toMs };
}

/** The blocks within the bounds, nearest first. */
function placesOf(view: SearchView, { query, order }: SearchJob, { fromMs, toMs }: TimeBounds): BlockPlace[] {
  const places: BlockPlace[] = [];
  const tests = new ShapeTests();
  for (const segment of view.segments) {
    const judge = new SegmentJudge(query, segment, view, tests);
    for (const [index, block] of segment.blocks.entries()) {
      if (block.maxMs >= fromMs && block.minMs <= toMs) places.push({ segment, judge, index, block });
    }
  }
  // A sort keeps the order of what is equal, so all threads of a job have the same.
  return places.sort((a, b) => (order === 'desc' ? b.block.maxMs - a.block.maxMs : a.block.minMs - b.block.minMs));
}

function isBehind(entry: Entry, cursor: TimePosition, isDesc: boolean): boolean {
  const difference = compareByTime(entry, cursor);
  return isDesc ? difference < 0 : difference > 0;
}
