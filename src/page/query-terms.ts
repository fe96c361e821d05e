/**
 * Editing a query text by clicks: a facet or a field sets, adds or takes away its term and leaves what the person
 * typed as it is. Works on the text, so that the search box always shows the whole truth.
 */
import { type Entry, PLAIN_STATE } from '../entry/entry.ts';
import { ID_NONE } from '../entry/id.ts';
import { LEVELS, type Level, levelFromWord } from '../entry/level.ts';
import { compileQuery } from '../entry/query/match.ts';
import { parseQuery } from '../entry/query/parse.ts';
import type { Query } from '../entry/query/query.ts';

export type FacetKey = 'level' | 'client';
/** `only`: this and no other; `add`: this too; `not`: everything but this. The same act again takes it away. */
export type FacetAct = 'only' | 'add' | 'not';

export interface Facet {
  readonly only: readonly string[];
  readonly not: readonly string[];
}

interface Pieces {
  readonly facet: Facet;
  /** The rest of the query, in parentheses where it needs them. */
  readonly rest: string;
}

const BLANK: Entry = { id: ID_NONE, timeMs: 0, level: 'UNKNOWN', clientId: '', message: '' };
const RESERVED_NAMES = new Set(['level', 'client', 'id', 'is']);
const FIELD_NAME = /^[A-Za-z_@][\w.@-]*$/;
/** A value that reads as one word wherever it stands in a query. */
const PLAIN_VALUE = /^[^\s"()/][^\s"()]*$/;

/** What a query says about a facet at its top: the values asked for and those left out. */
export function readFacet(text: string, key: FacetKey): Facet {
  return takeApart(text, key).facet;
}

/** The levels that a query's terms about levels let through, as far as they stand at its top. */
export function levelsAsked(text: string): ReadonlySet<Level> {
  const parsed = parseQuery(text);
  if (!parsed.ok) return new Set(LEVELS);
  const parts = parsed.query.kind === 'and' ? parsed.query.of : [parsed.query];
  const tests = parts.filter((part) => isAboutLevels(part)).map(compileQuery);
  return new Set(LEVELS.filter((level) => tests.every((test) => test({ ...BLANK, level }, PLAIN_STATE))));
}

/** The query with a term for this level and all above it; the same again takes it away. */
export function withLevelFloor(text: string, level: Level): string {
  const term = level === 'CRITICAL' ? 'level:critical' : `level>=${level.toLowerCase()}`;
  const rest = withoutFacet(text, 'level');
  return splitTerms(text).terms.includes(term) ? rest : [term, rest].filter((part) => part !== '').join(' ');
}

/** The query without what it says about a facet: what the facet's own counts are counted over. */
export function withoutFacet(text: string, key: FacetKey): string {
  return takeApart(text, key).rest;
}

export function withFacet(text: string, key: FacetKey, value: string, act: FacetAct): string {
  const { facet, rest } = takeApart(text, key);
  const next = changeFacet(facet, canonical(key, value), act);
  const asked = next.only.map((one) => `${key}:${quoteValue(one)}`);
  const terms = [
    ...(asked.length > 1 ? [`(${asked.join(' OR ')})`] : asked),
    ...next.not.map((one) => `-${key}:${quoteValue(one)}`),
  ];
  return [...terms, rest].filter((part) => part !== '').join(' ');
}

/** The term that finds entries with this field; undefined when the language has no word for it. */
export function fieldTerm(name: string, value: string): string | undefined {
  if (!FIELD_NAME.test(name) || RESERVED_NAMES.has(name.toLowerCase()) || value === '') return undefined;
  const term = `${name}:${quoteValue(value)}`;
  return parseQuery(term).ok ? term : undefined;
}

/** The term that finds the entries of a client. */
export function clientTerm(clientId: string): string | undefined {
  return clientId === '' ? undefined : `client:${quoteValue(clientId)}`;
}

/** What both a query and a term find. */
export function withTerm(text: string, term: string): string {
  if (text.trim() === '' || hasTerm(text, term)) return text.trim() === '' ? term : text;
  return splitTerms(text).hasOr ? `${term} (${text.trim()})` : `${text.trim()} ${term}`;
}

/** Whether this very term stands at the top of a query. */
export function hasTerm(text: string, term: string): boolean {
  const { terms, hasOr } = splitTerms(text);
  return !hasOr && terms.includes(term);
}

/** Adds a term, or takes it away when it is there already; its opposite gives way. */
export function toggleTerm(text: string, term: string): string {
  const { terms, hasOr } = splitTerms(text);
  if (hasOr) return `${term} (${text.trim()})`;
  const opposite = term.startsWith('-') ? term.slice(1) : `-${term}`;
  if (terms.includes(term)) return terms.filter((one) => one !== term).join(' ');
  return [...terms.filter((one) => one !== opposite), term].join(' ');
}

function changeFacet(facet: Facet, value: string, act: FacetAct): Facet {
  const has = facet.only.includes(value);
  switch (act) {
    case 'only':
      return { only: has && facet.only.length === 1 ? [] : [value], not: [] };
    case 'add':
      return { only: has ? facet.only.filter((one) => one !== value) : [...facet.only, value], not: [] };
    case 'not':
      return facet.not.includes(value)
        ? { only: facet.only, not: facet.not.filter((one) => one !== value) }
        : { only: facet.only.filter((one) => one !== value), not: [...facet.not, value] };
    default:
      act satisfies never;
      throw new Error('BUG: a facet act of unknown kind');
  }
}

function takeApart(text: string, key: FacetKey): Pieces {
  const { terms, hasOr } = splitTerms(text);
  if (hasOr) {
    const asked = onlyOf(text, key);
    return asked
      ? { facet: { only: asked, not: [] }, rest: '' }
      : { facet: { only: [], not: [] }, rest: `(${text.trim()})` };
  }
  const only: string[] = [];
  const not: string[] = [];
  const rest: string[] = [];
  for (const term of terms) {
    const left = term.startsWith('-') ? valueOfTerm(term.slice(1), key) : undefined;
    const asked = onlyOf(unwrap(term), key);
    if (left !== undefined) not.push(left);
    else if (asked !== undefined) only.push(...asked);
    // A comparison such as level>=warning gives way to a click, but says nothing a facet could show.
    else if (!(key === 'level' && /^-?level[<>=]/i.test(term))) rest.push(term);
  }
  const alone = rest.length === 1 ? unwrapWhole(rest[0] ?? '', only.length + not.length === 0) : rest.join(' ');
  return { facet: { only, not }, rest: alone };
}

/** Parentheses around the whole rest are only needed beside something else. */
function unwrapWhole(term: string, keep: boolean): string {
  return keep ? term : unwrap(term);
}

/** The values of `key:a` or `key:a OR key:b`; undefined for anything else. */
function onlyOf(text: string, key: FacetKey): string[] | undefined {
  const parsed = parseQuery(text);
  if (!parsed.ok) return undefined;
  const parts = parsed.query.kind === 'or' ? parsed.query.of : [parsed.query];
  const values: string[] = [];
  for (const part of parts) {
    if (key === 'level' && part.kind === 'level' && part.compare === '=') values.push(part.level);
    else if (key === 'client' && part.kind === 'client') values.push(part.pattern);
    else return undefined;
  }
  return values;
}

function isAboutLevels(query: Query): boolean {
  if (query.kind === 'and' || query.kind === 'or') return query.of.every(isAboutLevels);
  return query.kind === 'not' ? isAboutLevels(query.of) : query.kind === 'level';
}

function valueOfTerm(term: string, key: FacetKey): string | undefined {
  const values = onlyOf(term, key);
  return values?.length === 1 ? values[0] : undefined;
}

function unwrap(term: string): string {
  return term.startsWith('(') && term.endsWith(')') ? term.slice(1, -1).trim() : term;
}

function canonical(key: FacetKey, value: string): string {
  return key === 'level' ? ((levelFromWord(value) satisfies Level | undefined) ?? value) : value;
}

function quoteValue(value: string): string {
  const level = levelFromWord(value);
  if (level === value) return value.toLowerCase();
  return PLAIN_VALUE.test(value) ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

/** The terms at the top of a query, as written, and whether OR stands between any of them. */
function splitTerms(text: string): { terms: string[]; hasOr: boolean } {
  const terms: string[] = [];
  let hasOr = false;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const end = endOfTerm(text, at);
    const term = text.slice(at, end);
    if (term === 'OR') hasOr = true;
    terms.push(term);
    at = end;
  }
  return { terms, hasOr };
}

/** Never less than one character on, also for a text that does not parse. */
function endOfTerm(text: string, from: number): number {
  let at = from;
  while (text[at] === '-') at++;
  const key = /^[A-Za-z_@][\w.@-]*(?::|[<>]=?|=)/.exec(text.slice(at))?.[0];
  if (key !== undefined && text[at + key.length] === '"') return endOfQuote(text, at + key.length);
  if (text[at] === '"') return endOfQuote(text, at);
  if (text[at] === '/') return endOfWord(text, endOfRegex(text, at));
  if (text[at] === '(') return endOfGroup(text, at);
  return Math.max(endOfWord(text, at), from + 1);
}

function endOfQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function endOfRegex(text: string, open: number): number {
  let inClass = false;
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return at + 1;
  }
  return text.length;
}

function endOfGroup(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== ')') at = /\s/.test(text[at] ?? '') ? at + 1 : endOfTerm(text, at);
  return Math.min(at + 1, text.length);
}

/** As the parser reads words: a parenthesis opened within the word belongs to it. */
function endOfWord(text: string, from: number): number {
  let open = 0;
  let at = from;
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) break;
    if (character === '(') open++;
    if (character === ')' && open-- === 0) break;
  }
  return at;
}
