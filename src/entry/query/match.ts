/**
 * Query tree → a test of one entry: the meaning of the language, in its plainest form. Whatever searches faster must
 * find the same entries.
 */
import type { Entry, EntryState } from '../entry.ts';
import { type Level, levelRank } from '../level.ts';
import { asksForDeleted, foldCase, type Query } from './query.ts';

export type Match = (entry: Entry, state: EntryState) => boolean;
type Test = (entry: Entry, state: EntryState, folded: () => string) => boolean;

/** Deleted entries match only a query that asks for them with `is:deleted`. */
export function compileQuery(query: Query): Match {
  const seesDeleted = asksForDeleted(query);
  const test = compile(query);
  return (entry, state) => {
    if (state.isDeleted && !seesDeleted) return false;
    let folded: string | undefined;
    return test(entry, state, () => {
      folded ??= foldCase(entry.message);
      return folded;
    });
  };
}

function compile(query: Query): Test {
  switch (query.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const tests = query.of.map(compile);
      return (entry, state, folded) => tests.every((test) => test(entry, state, folded));
    }
    case 'or': {
      const tests = query.of.map(compile);
      return (entry, state, folded) => tests.some((test) => test(entry, state, folded));
    }
    case 'not': {
      const test = compile(query.of);
      return (entry, state, folded) => !test(entry, state, folded);
    }
    case 'text':
      return (_entry, _state, folded) => folded().includes(query.folded);
    case 'regex': {
      const expression = new RegExp(query.source, query.flags);
      return (entry) => expression.test(entry.message);
    }
    case 'level':
      return (entry) => matchesLevel(query, entry.level);
    case 'client': {
      const matches = wildcard(query.pattern);
      return (entry) => matches(entry.clientId);
    }
    case 'id':
      // An imported entry keeps the id of its first store in the field `id`.
      return (entry) => entry.id === query.id || fieldValue(entry, 'id')?.toLowerCase() === query.id;
    case 'is':
      return (_entry, state) => state[STATE_KEYS[query.state]];
    case 'field':
      return (entry) => fieldValue(entry, query.name) === query.value;
    default:
      query satisfies never;
      throw new Error('BUG: a query of unknown kind');
  }
}

const STATE_KEYS = { pinned: 'isPinned', ticket: 'isTicket', deleted: 'isDeleted' } as const;

/** `source` is an entry's source unless it has a field of that name. */
function fieldValue(entry: Entry, name: string): string | undefined {
  const { fields } = entry;
  if (fields !== undefined && Object.hasOwn(fields, name)) return String(fields[name]);
  return name === 'source' ? entry.source : undefined;
}

/** Whether a level is what a term asks for. */
export function matchesLevel({ compare, level: than }: Query & { kind: 'level' }, level: Level): boolean {
  const rank = levelRank(level);
  const wanted = levelRank(than);
  switch (compare) {
    case '=':
      return rank === wanted;
    case '>':
      return rank > wanted;
    case '>=':
      return rank >= wanted;
    case '<':
      return rank < wanted;
    case '<=':
      return rank <= wanted;
    default:
      compare satisfies never;
      throw new Error('BUG: a comparison of unknown kind');
  }
}

/**
 * The test of a client's pattern. Pieces between the stars must follow one another: linear, unlike a regular expression
 * made of them.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const piece of middle) {
      const at = text.indexOf(piece, from);
      if (at === -1 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  };
}
