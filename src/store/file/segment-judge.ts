/**
 * What a query says of the blocks of one segment before they are read, for one job.
 */
import { LEVELS } from '../../entry/level.ts';
import { wildcard } from '../../entry/query/match.ts';
import type { Query } from '../../entry/query/query.ts';
import type { Block } from './block-index.ts';
import type { BlockDigest } from './digest.ts';
import { isOfFactsOnly } from './query-hints.ts';
import { type BlockTerm, compileJudge, type QueryJudge } from './query-judge.ts';
import type { SearchedSegment } from './searched-segment.ts';
import { type ShapeTests, UNKNOWN_SHAPE } from './shape-tests.ts';
import { MAYBE, NO, type Verdict, verdictOf, YES } from './verdict.ts';

/** What is asked of people's doings. */
export interface TouchedIds {
  /** Whether somebody has pinned, deleted … an entry of the block; true when that is not known. */
  isTouched(block: Block): boolean;
}

export interface BlockVerdict {
  /** NO: there is no match in the block; YES: the counts are all that is in it; MAYBE: it has to be read. */
  readonly verdict: Verdict;
  /**
   * By index in LEVELS: matches, besides those that somebody has deleted; of a verdict of YES only, and good until the next
   * block is judged.
   */
  readonly counts: ArrayLike<number>;
}

const NONE: BlockVerdict = { verdict: NO, counts: [] };
const UNREAD: BlockVerdict = { verdict: MAYBE, counts: [] };
/** In an array of verdicts: not asked yet. */
const UNASKED = 0xff;
const NO_TERMS: readonly Verdict[] = [];

export class SegmentJudge {
  readonly #segment: SearchedSegment;
  readonly #touched: TouchedIds;
  readonly #query: QueryJudge;
  /** To a query of levels and clients alone all shapes of a level are the same. */
  readonly #asksShapes: boolean;
  readonly #clientTests: ReadonlyMap<BlockTerm, (client: number) => boolean>;
  readonly #counts = LEVELS.map(() => 0);
  #nowhere: boolean | undefined;
  /** By the verdicts of the block's terms: the verdict of each shape, of a YES with the shape's level added. */
  readonly #byTerms = new Map<string, Uint8Array>();

  /** @param tests of the job */
  constructor(query: Query, segment: SearchedSegment, touched: TouchedIds, tests: ShapeTests) {
    this.#segment = segment;
    this.#touched = touched;
    this.#query = compileJudge(query, segment.book.letterGrams, tests);
    this.#asksShapes = !isOfFactsOnly(query);
    const clients = this.#query.blockTerms.filter((term) => term.kind === 'client');
    this.#clientTests = new Map(clients.map((term) => [term, createClientTest(term.pattern, segment.clientNames)]));
  }

  /**
   * Whether every character of the block's messages that is, or folds to, an ASCII letter shows in its bytes.
   * @param index of the block in the segment
   */
  isPlain(index: number): boolean {
    const { shapes } = this.#segment.digestOf(index) ?? {};
    if (shapes === undefined) return false;
    const known = this.#segment.book.shapes;
    for (let at = 0; at < shapes.length; at++) if (!known[shapes[at] ?? 0]?.isPlain) return false;
    return true;
  }

  /** @param index of the block in the segment */
  judge(index: number, block: Block): BlockVerdict {
    const { blockTerms } = this.#query;
    const ofTerms = blockTerms.length === 0 ? NO_TERMS : blockTerms.map((term) => this.#ofTerm(term, block));
    const digest = this.#asksShapes ? this.#segment.digestOf(index) : undefined;
    if (digest === undefined) return this.#judgeLevels(block, ofTerms);
    if (ofTerms === NO_TERMS && this.#isNowhere()) return NONE;
    return this.#judgeShapes(digest, ofTerms);
  }

  /** Whether no shape of the segment can match, of a query whose verdict does not depend on the block: mostly it is rare. */
  #isNowhere(): boolean {
    this.#nowhere ??= this.#areAllNo();
    return this.#nowhere;
  }

  #areAllNo(): boolean {
    const verdicts = this.#verdictsFor(NO_TERMS);
    for (let shape = 0; shape < verdicts.length; shape++) {
      const known = verdicts[shape] ?? MAYBE;
      if ((known === UNASKED ? this.#ask(verdicts, shape, NO_TERMS) : known) !== NO) return false;
    }
    return true;
  }

  #judgeShapes({ shapes, shapeCounts }: BlockDigest, ofTerms: readonly Verdict[]): BlockVerdict {
    const verdicts = this.#verdictsFor(ofTerms);
    const counts = this.#counts.fill(0);
    let verdict = NO;
    for (let at = 0; at < shapes.length; at++) {
      const shape = shapes[at] ?? 0;
      let code = verdicts[shape] ?? MAYBE;
      if (code === UNASKED) code = this.#ask(verdicts, shape, ofTerms);
      if (code === NO) continue;
      if (code === MAYBE) return UNREAD;
      verdict = YES;
      counts[code - YES] = (counts[code - YES] ?? 0) + (shapeCounts[at] ?? 0);
    }
    return verdict === NO ? NONE : { verdict, counts };
  }

  /** The levels are known of a block without a digest too. */
  #judgeLevels(block: Block, ofTerms: readonly Verdict[]): BlockVerdict {
    const verdicts = block.counts.map((count, level) => {
      if (count === 0) return NO;
      return this.#query.judge({ ...UNKNOWN_SHAPE, level }, 0, ofTerms);
    });
    if (verdicts.includes(MAYBE)) return UNREAD;
    if (!verdicts.includes(YES)) return NONE;
    return { verdict: YES, counts: block.counts.map((count, level) => (verdicts[level] === YES ? count : 0)) };
  }

  /** The verdict of a shape, with its level added to a YES. */
  #ask(verdicts: Uint8Array, shape: number, ofTerms: readonly Verdict[]): number {
    const { shapes, letterMasks } = this.#segment.book;
    const facts = shapes[shape] ?? UNKNOWN_SHAPE;
    const verdict = this.#query.judge(facts, letterMasks[shape] ?? ~0, ofTerms);
    const code = verdict === YES ? YES + facts.level : verdict;
    verdicts[shape] = code;
    return code;
  }

  #verdictsFor(ofTerms: readonly Verdict[]): Uint8Array {
    const key = ofTerms.join('');
    let verdicts = this.#byTerms.get(key);
    if (verdicts === undefined) {
      verdicts = new Uint8Array(this.#segment.book.shapes.length).fill(UNASKED);
      this.#byTerms.set(key, verdicts);
    }
    return verdicts;
  }

  #ofTerm(term: BlockTerm, block: Block): Verdict {
    switch (term.kind) {
      case 'client': {
        const test = this.#clientTests.get(term) ?? (() => true);
        const some = block.clients.some(test);
        return verdictOf(some, some && block.clients.every(test));
      }
      case 'id':
        return !block.isSorted || (block.firstId <= term.id && term.id <= block.lastId) ? MAYBE : NO;
      case 'is':
        return this.#touched.isTouched(block) ? MAYBE : NO;
      default:
        term satisfies never;
        throw new Error('BUG: a term of unknown kind');
    }
  }
}

/** A test of a client's number. Each name is looked at once. */
function createClientTest(pattern: string, names: readonly string[]): (client: number) => boolean {
  const matches = wildcard(pattern);
  const known = new Int8Array(names.length).fill(-1);
  return (client) => {
    let answer = known[client];
    if (answer === undefined || answer === -1) {
      answer = matches(names[client] ?? '') ? 1 : 0;
      known[client] = answer;
    }
    return answer === 1;
  };
}
