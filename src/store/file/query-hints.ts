/**
 * What a query says about blocks before any entry is read: which cannot hold a match, and which are known by their
 * counts alone. Always careful: a hint may let too much through, never too little.
 */
import { LEVELS, levelRank } from '../../entry/level.ts';
import { asksForDeleted, type Comparison, foldCase, type Query, someNode } from '../../entry/query/query.ts';
import type { Block } from './block-index.ts';

export interface QueryHints {
  /** By index in LEVELS: whether an entry of that level can match. */
  readonly levels: readonly boolean[];
  /** The levels are all that counts: an entry that is not deleted matches exactly when its level does. */
  readonly isLevelsOnly: boolean;
  /** Folded texts (see foldCase), each of which must stand in the folded text of a matching entry as app.log holds it. */
  readonly literals: readonly string[];
  /** Names of clients, one of which a matching entry must have; undefined: any. */
  readonly clients: readonly string[] | undefined;
  /** A user's regular expression runs: it may take for ever. */
  readonly hasRegex: boolean;
}

export function hintsOf(query: Query): QueryHints {
  return {
    levels: LEVELS.map((_, level) => canMatchLevel(query, level)),
    isLevelsOnly: isLevelsOnly(query) && !asksForDeleted(query),
    literals: [...new Set(requiredLiterals(query))],
    clients: requiredClients(query),
    hasRegex: someNode(query, ({ kind }) => kind === 'regex'),
  };
}

/** Whether a block can hold a match, by its levels and clients. */
export function blockMayMatch(hints: QueryHints, block: Block, clientNames: readonly string[]): boolean {
  if (!block.counts.some((count, level) => count > 0 && hints.levels[level])) return false;
  const { clients } = hints;
  return clients === undefined || block.clients.some((client) => clients.includes(clientNames[client] ?? ''));
}

function canMatchLevel(query: Query, level: number): boolean {
  switch (query.kind) {
    case 'level':
      return matchesLevel(query.compare, query.level, level);
    case 'and':
      return query.of.every((part) => canMatchLevel(part, level));
    case 'or':
      return query.of.some((part) => canMatchLevel(part, level));
    case 'not':
      return isLevelsOnly(query.of) ? !canMatchLevel(query.of, level) : true;
    default:
      return true;
  }
}

function isLevelsOnly(query: Query): boolean {
  switch (query.kind) {
    case 'all':
    case 'level':
      return true;
    case 'and':
    case 'or':
      return query.of.every(isLevelsOnly);
    case 'not':
      return isLevelsOnly(query.of);
    default:
      return false;
  }
}

function matchesLevel(comparison: Comparison, level: (typeof LEVELS)[number], index: number): boolean {
  const name = LEVELS[index];
  if (name === undefined) return false;
  const difference = levelRank(name) - levelRank(level);
  switch (comparison) {
    case '=':
      return difference === 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    default:
      comparison satisfies never;
      throw new Error('BUG: a comparison of unknown kind');
  }
}

/** A text with these stands otherwise in app.log: escaped, or over several lines. */
const ESCAPED_IN_LOG = /[\u0000-\u001f\\\u007f-\u009f]/;

/** JSON writes these with a backslash before them. */
const QUOTED_IN_JSON = /["\\]/;

function literalOf(text: string): string[] {
  return text === '' || ESCAPED_IN_LOG.test(text) ? [] : [foldCase(text)];
}

function requiredLiterals(query: Query): string[] {
  switch (query.kind) {
    case 'text':
      return literalOf(query.text);
    case 'id':
      // In the head, or in the fields of an imported entry.
      return literalOf(query.id);
    case 'field':
      return QUOTED_IN_JSON.test(query.value) ? [] : literalOf(query.value);
    case 'and':
      return query.of.flatMap(requiredLiterals);
    default:
      return [];
  }
}

function requiredClients(query: Query): readonly string[] | undefined {
  switch (query.kind) {
    case 'client':
      return query.pattern.includes('*') ? undefined : [query.pattern];
    case 'and':
      return query.of.map(requiredClients).find((clients) => clients !== undefined);
    default:
      return undefined;
  }
}
