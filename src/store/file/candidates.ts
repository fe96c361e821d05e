/**
 * The entries of a block that may match a query: those in which a required fragment stands, and those whose bytes say
 * something else than they show. The others are never looked at, not even for where they begin.
 */
import { isAscii } from 'node:buffer';
import type { Query } from '../../entry/query/query.ts';
import { FOLDED_BYTES_MAX, FOLDED_TO_ASCII_BYTES } from './folded-to-ascii.ts';
import { FragmentScan } from './fragment-scan.ts';
import { type Head, readHead } from './head.ts';
import { type Fragments, requiredFragments } from './required-fragments.ts';

/** An entry of a block. */
export interface Candidate {
  readonly head: Head;
  /** Where its text ends. */
  readonly end: number;
}

const LF = 0x0a;

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
  find(bytes: Buffer, isPlain: boolean): Candidate[];
}

export function createCandidateFinder(query: Query): CandidateFinder {
  const fragments = requiredFragments(query);
  return fragments ? new FragmentFinder(fragments) : { find: allEntries };
}

function allEntries(bytes: Buffer): Candidate[] {
  const candidates: Candidate[] = [];
  for (let head = readHead(bytes, 0); head; ) {
    const { end, next } = endOf(bytes, head.tailAt);
    candidates.push({ head, end });
    head = next;
  }
  return candidates;
}

class FragmentFinder implements CandidateFinder {
  readonly #scans: readonly FragmentScan[];
  readonly #areInAttributes: boolean;

  constructor({ texts, areInAttributes }: Fragments) {
    this.#scans = texts.map((text) => new FragmentScan(text));
    this.#areInAttributes = areInAttributes;
  }

  find(bytes: Buffer, isPlain: boolean): Candidate[] {
    const [first, ...others] = this.#scans.map((scan) => scan.find(bytes));
    const more = others.concat(isPlain ? [] : placesOfFolded(bytes), this.#placesOfForeign(bytes, isPlain)).flat();
    return entriesAt(bytes, more.length === 0 ? (first ?? []) : inOrder(first ?? [], more));
  }

  #placesOfForeign(bytes: Buffer, isPlain: boolean): number[] {
    if ((isPlain && !this.#areInAttributes) || !bytes.includes('\\')) return [];
    const expression = this.#areInAttributes ? FOREIGN : FOREIGN_IN_MESSAGE;
    return Array.from(bytes.toString('latin1').matchAll(expression), ({ index }) => index);
  }
}

function placesOfFolded(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let from = 0; from < bytes.length; from += ASCII_STEP) {
    if (isAscii(bytes.subarray(from, from + ASCII_STEP))) continue;
    const piece = bytes.toString('latin1', from, Math.min(bytes.length, from + ASCII_STEP + FOLDED_BYTES_MAX - 1));
    for (const { index } of piece.matchAll(FOLDED_TO_ASCII_BYTES)) places.push(from + index);
  }
  return places;
}

function inOrder(first: readonly number[], more: readonly number[]): ArrayLike<number> {
  return Uint32Array.from([...first, ...more]).sort();
}

/** The entries to which bytes belong. @param places rising */
function entriesAt(bytes: Buffer, places: ArrayLike<number>): Candidate[] {
  const candidates: Candidate[] = [];
  let doneTo = 0;
  let next: Head | undefined;
  for (let index = 0; index < places.length; index++) {
    const place = places[index] ?? 0;
    if (place < doneTo) continue;
    // Behind an entry that was found begins the next one.
    const head: Head | undefined = startOf(bytes, place, doneTo, next);
    if (head === undefined) continue;
    const ending = endOf(bytes, Math.max(place, head.tailAt));
    candidates.push({ head, end: ending.end });
    doneTo = ending.end;
    next = ending.next;
  }
  return candidates;
}

/** The head of the entry to which a byte belongs. @param next of the entry that begins at `from` */
function startOf(bytes: Buffer, place: number, from: number, next: Head | undefined): Head | undefined {
  for (let at = lineStart(bytes, place); at > from; at = lineStart(bytes, at - 1)) {
    const head = readHead(bytes, at);
    if (head) return head;
  }
  return next ?? readHead(bytes, from);
}

function lineStart(bytes: Buffer, place: number): number {
  let at = place;
  while (at > 0 && bytes[at - 1] !== LF) at--;
  return at;
}

/** Where the entry ends to which the byte at `from` belongs, and the head of the one behind it. */
function endOf(bytes: Buffer, from: number): { end: number; next: Head | undefined } {
  for (let at = bytes.indexOf(LF, from) + 1; at > 0 && at < bytes.length; at = bytes.indexOf(LF, at) + 1) {
    const next = readHead(bytes, at);
    if (next) return { end: at, next };
  }
  return { end: bytes.length, next: undefined };
}
