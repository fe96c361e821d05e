/**
 * A query asked of a shape instead of an entry: whether all entries of the shape match, some may, or none does. What only
 * the block knows (clients, ids, states) comes in as the verdicts of those terms.
 */
import { LEVELS } from '../../entry/level.ts';
import { matchesLevel } from '../../entry/query/match.ts';
import type { Query } from '../../entry/query/query.ts';
import { regexNeeds } from './regex-needs.ts';
import { type ShapeFacts, ShapeTests } from './shape-tests.ts';
import { compileText } from './text-verdict.ts';
import { both, either, MAYBE, NO, opposite, type Verdict, YES } from './verdict.ts';

export type BlockTerm = Query & { readonly kind: 'client' | 'id' | 'is' };

export interface QueryJudge {
  /** Terms whose verdict depends on the block. */
  readonly blockTerms: readonly BlockTerm[];
  /**
   * @param letterMask of the shape in its segment, see ShapeBook
   * @param ofTerms the verdicts of the block's terms, in their order
   */
  judge(shape: ShapeFacts, letterMask: number, ofTerms: readonly Verdict[]): Verdict;
}

type Judge = QueryJudge['judge'];

/**
 * @param letterGrams of the book of the shapes that will be asked
 * @param tests of the job, where several books have the same shapes
 */
export function compileJudge(query: Query, letterGrams: Uint32Array, tests = new ShapeTests()): QueryJudge {
  const blockTerms: BlockTerm[] = [];
  return { blockTerms, judge: compile(query, { letterGrams, tests, blockTerms }) };
}

interface Context {
  readonly letterGrams: Uint32Array;
  readonly tests: ShapeTests;
  readonly blockTerms: BlockTerm[];
}

function compile(query: Query, context: Context): Judge {
  const { blockTerms } = context;
  switch (query.kind) {
    case 'all':
      return () => YES;
    case 'and':
      return compileParts(query.of, context, both, NO);
    case 'or':
      return compileParts(query.of, context, either, YES);
    case 'not': {
      const judge = compile(query.of, context);
      return (shape, mask, ofTerms) => opposite(judge(shape, mask, ofTerms));
    }
    case 'text':
      return compileText(query.folded, context.letterGrams, context.tests);
    case 'regex': {
      const judge = compile(regexNeeds(query.source, query.flags).needs, context);
      return (shape, mask, ofTerms) => both(MAYBE, judge(shape, mask, ofTerms));
    }
    case 'level': {
      const isWanted = LEVELS.map((level) => matchesLevel(query, level));
      return ({ level }) => (isWanted[level] ? YES : NO);
    }
    case 'field':
      return ({ hasAttributes }) => (hasAttributes ? MAYBE : NO);
    case 'id': {
      const term = blockTerms.push(query) - 1;
      // An imported entry keeps the id of its first store in a field.
      return ({ hasAttributes }, _mask, ofTerms) => (hasAttributes ? MAYBE : (ofTerms[term] ?? MAYBE));
    }
    case 'client':
    case 'is': {
      const term = blockTerms.push(query) - 1;
      return (_shape, _mask, ofTerms) => ofTerms[term] ?? MAYBE;
    }
    default:
      query satisfies never;
      throw new Error('BUG: a query of unknown kind');
  }
}

/** @param settled the verdict that further parts cannot change */
function compileParts(
  parts: readonly Query[],
  context: Context,
  combine: (a: Verdict, b: Verdict) => Verdict,
  settled: Verdict,
): Judge {
  const judges = parts.map((part) => compile(part, context));
  return (shape, mask, ofTerms) => {
    let verdict = opposite(settled);
    for (const judge of judges) {
      verdict = combine(verdict, judge(shape, mask, ofTerms));
      if (verdict === settled) break;
    }
    return verdict;
  };
}
