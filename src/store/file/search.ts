/**
 * Searching and counting over blocks: which are read, in which order, and when enough is known. Runs in a worker thread
 * and reads synchronously. The meaning of a query is that of compileQuery; everything here only avoids work.
 */
import { isAscii } from 'node:buffer';
import { compareByTime, type Entry, type EntryState, PLAIN_STATE } from '../../entry/entry.ts';
import { LEVELS } from '../../entry/level.ts';
import { compileQuery } from '../../entry/query/match.ts';
import { foldCase, type Query } from '../../entry/query/query.ts';
import type { TimePosition } from '../store.ts';
import type { Block } from './block-index.ts';
import { entryAround, readEntry, readHead, splitEntries } from './head.ts';
import { blockMayMatch, hintsOf } from './query-hints.ts';
import type { EntryFacts } from './state-record.ts';

/** What is searched: the segments, and what people did with their entries. */
export interface SearchView {
  readonly segments: readonly SearchedSegment[];
  stateOf(id: string): EntryState | undefined;
  /** Of every deleted entry that is stored. */
  deletedFacts(): Iterable<EntryFacts>;
}

export interface SearchedSegment {
  readonly blocks: readonly Block[];
  readonly clientNames: readonly string[];
  read(block: Block): Buffer;
}

export interface TimeSpan {
  /** Event time, inclusive. */
  readonly sinceMs?: number | undefined;
  /** Exclusive. */
  readonly untilMs?: number | undefined;
}

export interface SearchJob extends TimeSpan {
  readonly kind: 'search';
  readonly query: Query;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly cursor?: TimePosition | undefined;
}

/** Counts by level over equal spans of time; without `spans`, over all. */
export interface TallyJob extends TimeSpan {
  readonly kind: 'tally';
  readonly query: Query;
  /** Where each span begins, rising; the last ends at `untilMs`. */
  readonly spans?: readonly number[] | undefined;
}

export interface Found {
  readonly entries: readonly Entry[];
  readonly cursor: TimePosition | null;
  readonly partial: boolean;
}

export interface SearchLimits {
  /** Looked at between blocks and every few entries. */
  isOver(): boolean;
  /** Told of each entry as it is found, for a search that may have to be terminated. Some may not be in the result. */
  onFound?: ((entry: Entry) => void) | undefined;
}

/** Entries looked at between two looks at the time limit. */
const SLICE_ENTRIES = 64;

/** The matches nearest to the beginning of the wished order, behind the cursor. */
export function runSearch(view: SearchView, job: SearchJob, limits: SearchLimits): Found {
  const isDesc = job.order === 'desc';
  const span = spanOf(job);
  const hints = hintsOf(job.query);
  const places: { segment: SearchedSegment; block: Block }[] = [];
  for (const segment of view.segments) {
    for (const block of segment.blocks) {
      if (block.maxMs < span.fromMs || block.minMs > span.toMs) continue;
      if (blockMayMatch(hints, block, segment.clientNames)) places.push({ segment, block });
    }
  }
  places.sort((a, b) => (isDesc ? b.block.maxMs - a.block.maxMs : a.block.minMs - b.block.minMs));
  // One more than asked for tells whether there is a next page.
  const nearest = new Nearest(job.limit + 1, isDesc);
  const test = createTest(view, job.query);
  for (const { segment, block } of places) {
    const edgeMs = isDesc ? block.maxMs : block.minMs;
    if (nearest.isSettledBefore(edgeMs)) break;
    if (limits.isOver()) return partialPage(nearest, edgeMs, job);
    const bytes = segment.read(block);
    const candidates = findCandidates(bytes, hints.literals);
    if (isDesc) candidates.reverse();
    for (const [count, [start, end]] of candidates.entries()) {
      if (count % SLICE_ENTRIES === SLICE_ENTRIES - 1 && limits.isOver()) return partialPage(nearest, edgeMs, job);
      const head = readHead(bytes, start);
      if (head === undefined || head.timeMs < span.fromMs || head.timeMs > span.toMs) continue;
      if (!hints.levels[head.level] || !nearest.takesTime(head.timeMs)) continue;
      const entry = readEntry(bytes, head, end);
      if (job.cursor && !isBehind(entry, job.cursor, isDesc)) continue;
      if (!test(entry) || !nearest.add(entry)) continue;
      limits.onFound?.(entry);
    }
  }
  return pageOf(nearest.entries, job.limit);
}

/**
 * Adds matches by level to `counts`: for each span the levels in their order. Blocks that lie within a span are taken
 * from their counts.
 * @returns true when the time limit cut it off
 */
export function runTally(view: SearchView, job: TallyJob, counts: Float64Array, limits: SearchLimits): boolean {
  const span = spanOf(job);
  const hints = hintsOf(job.query);
  const spans = createSpans(job);
  const test = hints.isLevelsOnly ? undefined : createTest(view, job.query);
  const add = (timeMs: number, level: number, count: number) => {
    const at = spans.indexOf(timeMs) * LEVELS.length + level;
    counts[at] = (counts[at] ?? 0) + count;
  };
  for (const segment of view.segments) {
    for (const block of segment.blocks) {
      if (block.maxMs < span.fromMs || block.minMs > span.toMs) continue;
      if (!blockMayMatch(hints, block, segment.clientNames)) continue;
      const isInside = block.minMs >= span.fromMs && block.maxMs <= span.toMs;
      if (test === undefined && isInside && spans.indexOf(block.minMs) === spans.indexOf(block.maxMs)) {
        for (const [level, count] of block.counts.entries()) if (hints.levels[level]) add(block.minMs, level, count);
        continue;
      }
      if (limits.isOver()) return true;
      const bytes = segment.read(block);
      for (const [count, [start, end]] of findCandidates(bytes, hints.literals).entries()) {
        if (test && count % SLICE_ENTRIES === SLICE_ENTRIES - 1 && limits.isOver()) return true;
        const head = readHead(bytes, start);
        if (head === undefined || head.timeMs < span.fromMs || head.timeMs > span.toMs) continue;
        if (!hints.levels[head.level]) continue;
        if (test !== undefined && !test(readEntry(bytes, head, end))) continue;
        add(head.timeMs, head.level, 1);
      }
    }
  }
  if (test === undefined) {
    // Counted with the others above, whether from counts or from heads.
    for (const { level, timeMs } of view.deletedFacts()) {
      const index = LEVELS.indexOf(level);
      if (timeMs >= span.fromMs && timeMs <= span.toMs && hints.levels[index]) add(timeMs, index, -1);
    }
  }
  return false;
}

/** Bounds of a job, both inclusive; those of its cursor too. */
function spanOf(job: SearchJob | TallyJob): { fromMs: number; toMs: number } {
  let fromMs = job.sinceMs ?? Number.NEGATIVE_INFINITY;
  let toMs = job.untilMs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(job.untilMs) - 1;
  if (job.kind === 'search' && job.cursor) {
    if (job.order === 'desc') toMs = Math.min(toMs, job.cursor.timeMs);
    else fromMs = Math.max(fromMs, job.cursor.timeMs);
  }
  return { fromMs, toMs };
}

function createTest(view: SearchView, query: Query): (entry: Entry) => boolean {
  const matches = compileQuery(query);
  return (entry) => matches(entry, view.stateOf(entry.id) ?? PLAIN_STATE);
}

function createSpans({ spans }: TallyJob): { indexOf(timeMs: number): number } {
  if (spans === undefined) return { indexOf: () => 0 };
  return {
    /** The last span that begins at that time or before. */
    indexOf(timeMs) {
      let from = 0;
      let to = spans.length;
      while (to - from > 1) {
        const middle = (from + to) >> 1;
        if ((spans[middle] ?? 0) <= timeMs) from = middle;
        else to = middle;
      }
      return from;
    },
  };
}

function isBehind(entry: Entry, cursor: TimePosition, isDesc: boolean): boolean {
  const difference = compareByTime(entry, cursor);
  return isDesc ? difference < 0 : difference > 0;
}

/** Where an entry's text begins and ends in a block. */
type Span = readonly [start: number, end: number];

/** The entries of a block that may match, in the order of the file. */
function findCandidates(bytes: Buffer, literals: readonly string[]): Span[] {
  const found = findLiterals(bytes, literals);
  if (found === 'none') return [];
  if (found === 'any') {
    const starts = splitEntries(bytes);
    return starts.slice(0, -1).map((start, index) => [start, starts[index + 1] ?? bytes.length]);
  }
  const spans: Span[] = [];
  const expression = new RegExp(found.source, `${found.flags}g`);
  const text = bytes.toString('latin1');
  for (let hit = expression.exec(text); hit; hit = expression.exec(text)) {
    const span = entryAround(bytes, hit.index);
    spans.push(span);
    expression.lastIndex = span[1];
  }
  return spans;
}

/**
 * Escapes that this program does not write outside client ids, in messages and in the JSON of attributes: what they
 * stand for could be part of a word.
 */
const FOREIGN_ESCAPE =
  /\\x(?![01][0-9a-f]|7f|[89][0-9a-f]|5c)[0-9a-f]{2}|\\u(?!00(?:[01][0-9a-f]|7f|[89][0-9a-f]))[0-9a-f]{4}|\\\//i;

/**
 * Whether all of these folded texts can stand in a block: not in any entry, perhaps in any, or where the expression finds
 * something.
 */
function findLiterals(bytes: Buffer, literals: readonly string[]): 'none' | 'any' | RegExp {
  if (literals.length === 0 || hasForeignEscape(bytes)) return 'any';
  if (!isAscii(bytes)) {
    const folded = foldCase(bytes.toString());
    return literals.every((literal) => folded.includes(literal)) ? 'any' : 'none';
  }
  const text = bytes.toString('latin1');
  if (!literals.every((literal) => expressionFor(literal).test(text))) return 'none';
  return expressionFor(longestOf(literals));
}

function hasForeignEscape(bytes: Buffer): boolean {
  return bytes.includes('\\') && FOREIGN_ESCAPE.test(bytes.toString('latin1'));
}

/** Where every character is ASCII, to ignore case is to fold it, and much faster. */
function expressionFor(literal: string): RegExp {
  return new RegExp(RegExp.escape(literal), 'i');
}

/** The longest is most likely the rarest. */
function longestOf(texts: readonly string[]): string {
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '');
}

/** Keeps the entries that come first in the wished order. */
class Nearest {
  readonly entries: Entry[] = [];
  readonly #count: number;
  readonly #isDesc: boolean;

  constructor(count: number, isDesc: boolean) {
    this.#count = count;
    this.#isDesc = isDesc;
  }

  /** Whether nothing at that time or further away can still come in. */
  isSettledBefore(timeMs: number): boolean {
    const last = this.#lastWhenFull();
    return last !== undefined && (this.#isDesc ? timeMs < last.timeMs : timeMs > last.timeMs);
  }

  takesTime(timeMs: number): boolean {
    return !this.isSettledBefore(timeMs);
  }

  add(entry: Entry): boolean {
    const last = this.#lastWhenFull();
    if (last !== undefined && this.#compare(entry, last) >= 0) return false;
    let from = 0;
    let to = this.entries.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.entries[middle];
      if (other && this.#compare(other, entry) < 0) from = middle + 1;
      else to = middle;
    }
    this.entries.splice(from, 0, entry);
    if (this.entries.length > this.#count) this.entries.pop();
    return true;
  }

  #lastWhenFull(): Entry | undefined {
    return this.entries.length >= this.#count ? this.entries.at(-1) : undefined;
  }

  #compare(a: Entry, b: Entry): number {
    return this.#isDesc ? compareByTime(b, a) : compareByTime(a, b);
  }
}

function pageOf(entries: readonly Entry[], limit: number): Found {
  const found = entries.slice(0, limit);
  const last = found.at(-1);
  const isMore = entries.length > limit && last !== undefined;
  return { entries: found, cursor: isMore ? { timeMs: last.timeMs, id: last.id } : null, partial: false };
}

/**
 * What a search has when its time is up. What lies nearer than the next block is final, so the next page can begin
 * behind it and neither skips nor repeats; when nothing is final, what there is, without a next page.
 */
function partialPage(nearest: Nearest, edgeMs: number, { order, limit }: SearchJob): Found {
  const isFinal = ({ timeMs }: Entry) => (order === 'desc' ? timeMs > edgeMs : timeMs < edgeMs);
  const final = nearest.entries.filter(isFinal).slice(0, limit);
  const last = final.at(-1);
  if (last === undefined) return { entries: nearest.entries.slice(0, limit), cursor: null, partial: true };
  return { entries: final, cursor: { timeMs: last.timeMs, id: last.id }, partial: true };
}
