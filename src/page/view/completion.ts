/**
 * What could be meant in the search box: keys of the language, names of fields, and their values, as far as the page
 * has seen them.
 */
import { LEVELS } from '../../entry/level.ts';
import { clientTerm, fieldTerm } from '../query-terms.ts';

export interface Completion {
  /** What is replaced: from here up to the caret. */
  readonly from: number;
  readonly items: readonly CompletionItem[];
}

export interface CompletionItem {
  /** Takes the place of what is typed. */
  readonly text: string;
  readonly hint: string;
}

/** What the page has seen. */
export interface Seen {
  readonly clients: readonly string[];
  /** Values by the name of their field, most frequent first. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

const KEYS: readonly CompletionItem[] = [
  { text: 'level:', hint: 'error, warning, … also level>=warning' },
  { text: 'client:', hint: 'who sent it, * for anything' },
  { text: 'is:', hint: 'pinned, ticket, deleted' },
  { text: 'id:', hint: 'one entry' },
];
const STATES = ['pinned', 'ticket', 'deleted'];
const ITEMS_MAX = 8;
const NOTHING: Completion = { from: 0, items: [] };

export function completionAt(text: string, caret: number, seen: Seen): Completion {
  const before = text.slice(0, caret);
  if (isInQuotes(before) || /^\S/.test(text.slice(caret))) return NOTHING;
  const word = /[^\s()]*$/.exec(before)?.[0].replace(/^-+/, '') ?? '';
  if (word === '') return NOTHING;
  const [, key, , value = ''] = /^([A-Za-z_@][\w.@-]*)(:|[<>]=?|=)(.*)$/.exec(word) ?? [];
  const from = caret - word.length;
  const items =
    key === undefined ? keysLike(word, seen) : valuesOf(key, word.slice(0, word.length - value.length), value, seen);
  // What stands there already is no help.
  return { from, items: items.filter((item) => item.text !== word).slice(0, ITEMS_MAX) };
}

function keysLike(word: string, seen: Seen): CompletionItem[] {
  const names = [...seen.fields.keys()].map((name) => ({ text: `${name}:`, hint: 'field' }));
  return [...KEYS, ...names].filter((item) => item.text.toLowerCase().startsWith(word.toLowerCase()));
}

function valuesOf(key: string, head: string, typed: string, seen: Seen): CompletionItem[] {
  const wanted = typed.toLowerCase();
  const matching = (values: readonly string[]) => values.filter((value) => value.toLowerCase().includes(wanted));
  switch (key.toLowerCase()) {
    case 'level':
      return LEVELS.map((level) => level.toLowerCase())
        .filter((level) => level.startsWith(wanted))
        .map((level) => ({ text: head + level, hint: '' }));
    case 'is':
      return STATES.filter((state) => state.startsWith(wanted)).map((state) => ({ text: head + state, hint: '' }));
    case 'client':
      return asItems(matching(seen.clients).map((client) => clientTerm(client)));
    default:
      return asItems(matching(seen.fields.get(key) ?? []).map((value) => fieldTerm(key, value)));
  }
}

function asItems(terms: readonly (string | undefined)[]): CompletionItem[] {
  return terms.filter((term) => term !== undefined).map((text) => ({ text, hint: '' }));
}

function isInQuotes(before: string): boolean {
  return (before.replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
}
