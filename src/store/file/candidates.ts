/**
 * The entries of a block that may match a query: those in which a required fragment stands, and those whose bytes say
 * something else than they show. The others are never looked at, not even for where they begin.
 */
import { isAscii } from 'node:buffer';
import type { Query } from '../../entry/query/query.ts';
import { FOLDED_BYTES_MAX, FOLDED_TO_ASCII_BYTES } from './folded-to-ascii.ts';
import { entryAround, splitEntries } from './head.ts';
import { type Fragments, requiredFragments } from './required-fragments.ts';

/** Where an entry's text begins and ends in a block. */
export type EntrySpan = readonly [start: number, end: number];

/** Bytes looked at at once for others than ASCII: most of a text has none. */
const ASCII_STEP = 2_048;

/**
 * Escapes that this program does not write in messages and in the JSON of attributes: what they stand for could be part
 * of a word.
 */
const FOREIGN_IN_MESSAGE = /\\x(?![01][0-9a-f]|7f|[89][0-9a-f]|5c)[0-9a-f]{2}/gi;
const FOREIGN =
  /\\x(?![01][0-9a-f]|7f|[89][0-9a-f]|5c)[0-9a-f]{2}|\\u(?!00(?:[01][0-9a-f]|7f|[89][0-9a-f]))[0-9a-f]{4}|\\\//gi;

export interface CandidateFinder {
  /**
   * In the order of the block.
   * @param isPlain no message of the block holds an escape that this program does not write, or a character that folds to
   * ASCII
   */
  find(bytes: Buffer, isPlain: boolean): EntrySpan[];
}

export function createCandidateFinder(query: Query): CandidateFinder {
  const fragments = requiredFragments(query);
  return fragments ? new FragmentFinder(fragments) : { find: allEntries };
}

function allEntries(bytes: Buffer): EntrySpan[] {
  const starts = splitEntries(bytes);
  return starts.slice(0, -1).map((start, index) => [start, starts[index + 1] ?? bytes.length]);
}

class FragmentFinder implements CandidateFinder {
  readonly #expression: RegExp;
  readonly #areInAttributes: boolean;

  constructor({ texts, areInAttributes }: Fragments) {
    // Without a letter there is no case, and a search for a plain text is faster.
    const flags = texts.some((text) => /[A-Z]/.test(text)) ? 'gi' : 'g';
    this.#expression = new RegExp(texts.map((text) => RegExp.escape(text)).join('|'), flags);
    this.#areInAttributes = areInAttributes;
  }

  find(bytes: Buffer, isPlain: boolean): EntrySpan[] {
    const text = bytes.toString('latin1', 0, bytes.length);
    const spans = spansOf(bytes, text, this.#expression);
    const count = spans.length;
    if (!isPlain && !isAscii(bytes)) spans.push(...spansOfFolded(bytes));
    if ((!isPlain || this.#areInAttributes) && bytes.includes('\\')) {
      spans.push(...spansOf(bytes, text, this.#areInAttributes ? FOREIGN : FOREIGN_IN_MESSAGE));
    }
    return spans.length === count ? spans : inOrder(spans);
  }
}

/** The entries in which the expression finds something. */
function spansOf(bytes: Buffer, text: string, expression: RegExp): EntrySpan[] {
  const spans: EntrySpan[] = [];
  expression.lastIndex = 0;
  for (let hit = expression.exec(text); hit; hit = expression.exec(text)) {
    const span = entryAround(bytes, hit.index);
    spans.push(span);
    expression.lastIndex = span[1];
  }
  expression.lastIndex = 0;
  return spans;
}

function spansOfFolded(bytes: Buffer): EntrySpan[] {
  const spans: EntrySpan[] = [];
  let done = 0;
  for (let from = 0; from < bytes.length; from += ASCII_STEP) {
    if (isAscii(bytes.subarray(from, from + ASCII_STEP))) continue;
    const piece = bytes.toString('latin1', from, Math.min(bytes.length, from + ASCII_STEP + FOLDED_BYTES_MAX - 1));
    for (const { index } of piece.matchAll(FOLDED_TO_ASCII_BYTES)) {
      if (from + index < done) continue;
      const span = entryAround(bytes, from + index);
      spans.push(span);
      done = span[1];
    }
  }
  return spans;
}

/** Each once. */
function inOrder(spans: EntrySpan[]): EntrySpan[] {
  spans.sort(([a], [b]) => a - b);
  return spans.filter(([start], index) => start !== spans[index - 1]?.[0]);
}
