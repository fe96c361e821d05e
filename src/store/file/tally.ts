/**
 * Counting over blocks, by level and span of time: from what is known of a block where that is enough, from its text where
 * it is not. The meaning of a query is that of compileQuery.
 */
import { type Entry, PLAIN_STATE } from '../../entry/entry.ts';
import { LEVELS, levelIndex } from '../../entry/level.ts';
import { compileQuery } from '../../entry/query/match.ts';
import { asksForDeleted, type Query } from '../../entry/query/query.ts';
import type { Block } from './block-index.ts';
import { type CandidateFinder, createCandidateFinder } from './candidates.ts';
import type { BlockDigest } from './digest.ts';
import { LazyEntry } from './lazy-entry.ts';
import { hintsOf, isOfFactsOnly, type QueryHints } from './query-hints.ts';
import { createTest, type SearchLimits, SLICE_ENTRIES } from './search.ts';
import { type BlockPlace, boundsOf, type SearchView, type TimeSpan } from './search-view.ts';
import type { SearchedSegment } from './searched-segment.ts';
import { SegmentJudge } from './segment-judge.ts';
import { ShapeTests } from './shape-tests.ts';
import { TallyCounts } from './tally-counts.ts';
import { NO, YES } from './verdict.ts';
import { undivided, type WorkShare } from './work-share.ts';

/** Counts by level, in a row for each span of time or for each client; without either, in one for all. */
export interface TallyJob extends TimeSpan {
  readonly kind: 'tally';
  readonly query: Query;
  /** Where each span begins, rising; the last ends at `untilMs`. */
  readonly spans?: readonly number[] | undefined;
  /** Entries of others are not counted. */
  readonly clients?: readonly string[] | undefined;
}

export function rowCountOf({ spans, clients }: TallyJob): number {
  return clients?.length ?? spans?.length ?? 1;
}

/**
 * Adds the matches in the blocks that are this thread's to `counts`: for each row the levels in their order. Deleted
 * entries may be among them: see subtractDeleted.
 * @returns true when the time limit cut it off
 */
export function runTally(
  view: SearchView,
  job: TallyJob,
  counts: Float64Array,
  limits: SearchLimits,
  share: WorkShare = undivided(),
): boolean {
  const places = placesOf(view, job);
  const counter = new BlockCounter(view, job, countsFor(job, counts), limits);
  for (let at = share.next(); at !== undefined; at = share.next()) {
    const place = places[at];
    if (place === undefined) break;
    if (!counter.count(place)) return true;
  }
  return false;
}

/** Takes out what runTally counts though it was deleted: once for all threads of a job that were not cut off. */
export function subtractDeleted(view: SearchView, job: TallyJob, counts: Float64Array): void {
  if (!isOfFactsOnly(job.query)) return;
  const tally = countsFor(job, counts);
  const rows = rowsOf(job);
  const matches = compileQuery(job.query);
  for (const { level, timeMs, clientId } of view.deletedFacts()) {
    const matched = tally.includes(timeMs) && matches(factsEntry(clientId, levelIndex(level)), PLAIN_STATE);
    if (!matched) continue;
    if (rows) tally.addToRow(rows.get(clientId), levelIndex(level), -1);
    else tally.add(timeMs, levelIndex(level), -1);
  }
}

/** Counts the matches of one block after the other. */
class BlockCounter {
  readonly #view: SearchView;
  readonly #tally: TallyCounts;
  readonly #limits: SearchLimits;
  readonly #hints: QueryHints;
  readonly #finder: CandidateFinder;
  readonly #testOf: (block: Block) => (entry: Entry) => boolean;
  readonly #seesDeleted: boolean;
  readonly #areFactsEnough: boolean;
  /** By client; undefined: the rows are spans. */
  readonly #rows: ReadonlyMap<string, number> | undefined;
  readonly #matchesFacts: (entry: Entry) => boolean;
  readonly #clientTests = new Map<SearchedSegment, (client: number, level: number) => boolean>();
  readonly #entry = new LazyEntry();

  constructor(view: SearchView, job: TallyJob, tally: TallyCounts, limits: SearchLimits) {
    const { query } = job;
    this.#view = view;
    this.#rows = rowsOf(job);
    this.#tally = tally;
    this.#limits = limits;
    this.#hints = hintsOf(query);
    this.#finder = createCandidateFinder(query);
    this.#seesDeleted = asksForDeleted(query);
    this.#areFactsEnough = isOfFactsOnly(query);
    const matches = compileQuery(query);
    this.#matchesFacts = (entry) => matches(entry, PLAIN_STATE);
    this.#testOf = this.#areFactsEnough ? () => this.#matchesFacts : createTest(view, query);
  }

  /** @returns false when the time was up before the block's end */
  count(place: BlockPlace): boolean {
    const { block, judge, index, segment } = place;
    const { verdict, counts } = judge.judge(index, block);
    if (verdict === NO) return true;
    const digest = segment.digestOf(index);
    if (this.#rows) {
      const isWithin = this.#tally.includes(block.minMs) && this.#tally.includes(block.maxMs);
      if (!digest || !this.#areFactsEnough || !isWithin) return this.#read(place);
      this.#countClients(place, digest);
      return true;
    }
    if (this.#tally.isInOneSpan(block.minMs, block.maxMs)) {
      if (verdict === YES && (this.#areFactsEnough || this.#seesDeleted || !this.#view.hasDeleted(block))) {
        for (let level = 0; level < counts.length; level++) this.#tally.add(block.minMs, level, counts[level] ?? 0);
        return true;
      }
      if (digest && this.#areFactsEnough) {
        this.#countClients(place, digest);
        return true;
      }
    } else if (digest && this.#hints.isLevelsOnly && this.#tally.addSpans(digest, block, this.#hints.levels)) {
      return true;
    }
    return this.#read(place);
  }

  #countClients({ segment, block }: BlockPlace, { clientCounts }: BlockDigest): void {
    const test = this.#clientTestOf(segment);
    for (let at = 0; at < clientCounts.length; at += 3) {
      const level = clientCounts[at + 1] ?? 0;
      const client = clientCounts[at] ?? 0;
      const count = clientCounts[at + 2] ?? 0;
      if (!test(client, level)) continue;
      if (this.#rows) this.#tally.addToRow(this.#rows.get(segment.clientNames[client] ?? ''), level, count);
      else this.#tally.add(block.minMs, level, count);
    }
  }

  /** A test of a client's number and a level. Each pair is looked at once in a segment. */
  #clientTestOf(segment: SearchedSegment): (client: number, level: number) => boolean {
    let test = this.#clientTests.get(segment);
    if (test === undefined) {
      const known = new Map<number, boolean>();
      test = (client, level) => {
        const key = client * LEVELS.length + level;
        let answer = known.get(key);
        if (answer === undefined) {
          answer = this.#matchesFacts(factsEntry(segment.clientNames[client] ?? '', level));
          known.set(key, answer);
        }
        return answer;
      };
      this.#clientTests.set(segment, test);
    }
    return test;
  }

  #read({ segment, judge, index, block }: BlockPlace): boolean {
    if (this.#limits.isOver()) return false;
    this.#limits.onRead?.();
    const bytes = segment.read(block);
    const test = this.#testOf(block);
    for (const [count, { head, end }] of this.#finder.find(bytes, judge.isPlain(index)).entries()) {
      if (count % SLICE_ENTRIES === SLICE_ENTRIES - 1 && this.#limits.isOver()) return false;
      if (!this.#tally.includes(head.timeMs) || !this.#hints.levels[head.level]) continue;
      this.#entry.show(bytes, head, end);
      if (!this.#hints.isLevelsOnly && !test(this.#entry)) continue;
      if (this.#rows) this.#tally.addToRow(this.#rows.get(this.#entry.clientId), head.level, 1);
      else this.#tally.add(head.timeMs, head.level, 1);
    }
    return true;
  }
}

/** An entry of which only client and level are asked. */
function factsEntry(clientId: string, level: number): Entry {
  return { id: '', timeMs: 0, level: LEVELS[level] ?? 'UNKNOWN', clientId, message: '' };
}

function rowsOf({ clients }: TallyJob): ReadonlyMap<string, number> | undefined {
  return clients && new Map(clients.map((clientId, row) => [clientId, row]));
}

function countsFor(job: TallyJob, counts: Float64Array): TallyCounts {
  return new TallyCounts(counts, job.spans ?? [Number.NEGATIVE_INFINITY], boundsOf(job));
}

/** The blocks within the bounds. */
function placesOf(view: SearchView, job: TallyJob): BlockPlace[] {
  const { fromMs, toMs } = boundsOf(job);
  const places: BlockPlace[] = [];
  const tests = new ShapeTests();
  for (const segment of view.segments) {
    const judge = new SegmentJudge(job.query, segment, view, tests);
    for (const [index, block] of segment.blocks.entries()) {
      if (block.maxMs >= fromMs && block.minMs <= toMs) places.push({ segment, judge, index, block });
    }
  }
  return places;
}
