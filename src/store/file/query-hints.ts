/**
 * What a query says before any block is looked at. Always careful: a hint may let too much through, never too little.
 */
import { LEVELS } from '../../entry/level.ts';
import { asksForDeleted, type Query, someNode } from '../../entry/query/query.ts';
import { compileJudge } from './query-judge.ts';
import { regexNeeds } from './regex-needs.ts';
import { UNKNOWN_SHAPE } from './shape-tests.ts';
import { NO } from './verdict.ts';

export interface QueryHints {
  /** By index in LEVELS: whether an entry of that level can match. */
  readonly levels: readonly boolean[];
  /** The levels are all that counts: an entry that is not deleted matches exactly when its level does. */
  readonly isLevelsOnly: boolean;
  /** A user's regular expression runs that may take for ever. */
  readonly isCostly: boolean;
}

export function hintsOf(query: Query): QueryHints {
  const { judge } = compileJudge(query, new Uint32Array());
  const isCostly = (node: Query) => node.kind === 'regex' && !regexNeeds(node.source, node.flags).isBounded;
  return {
    levels: LEVELS.map((_, level) => judge({ ...UNKNOWN_SHAPE, level }, 0, []) !== NO),
    isLevelsOnly: hasOnly(query, ['all', 'level']) && !asksForDeleted(query),
    isCostly: someNode(query, isCostly),
  };
}

/** Whether nothing but a client and a level decides, besides having been deleted. */
export function isOfFactsOnly(query: Query): boolean {
  return hasOnly(query, ['all', 'level', 'client']);
}

function hasOnly(query: Query, kinds: readonly Query['kind'][]): boolean {
  const allowed: readonly Query['kind'][] = [...kinds, 'and', 'or', 'not'];
  return !someNode(query, ({ kind }) => !allowed.includes(kind));
}
