/**
 * What can be read off a regular expression: texts that stand in everything it matches, and whether it can run for ever.
 * A small reader of the usual syntax; of an expression with anything else it says nothing.
 */
import { foldCase, type Query } from '../../entry/query/query.ts';

export interface RegexNeeds {
  /** Made of `text`, `and`, `or` and `all` only: every message that the expression matches matches this too. */
  readonly needs: Query;
  /** At each place of a message it takes few steps, whatever stands there. */
  readonly isBounded: boolean;
}

/** Steps at one place up to which an expression counts as bounded: of a message of 1 MiB it takes about a second then. */
const STEPS_MAX = 500;
const ALL: Query = { kind: 'all' };
const NOTHING_KNOWN: RegexNeeds = { needs: ALL, isBounded: false };

/** @param source of an expression that RegExp accepts with these flags */
export function regexNeeds(source: string, flags: string): RegexNeeds {
  try {
    const { needs, ways, length } = new Reader(source, flags).whole();
    return { needs, isBounded: ways * length <= STEPS_MAX };
  } catch (error) {
    if (error instanceof Unusual) return NOTHING_KNOWN;
    throw error;
  }
}

/** Something that the reader does not know. */
class Unusual extends Error {}

interface Part {
  /** It matches exactly this text (case aside); undefined: not one text. */
  readonly text?: string;
  readonly needs: Query;
  /** Ways to match at one place, at most. */
  readonly ways: number;
  /** Characters looked at, at most. */
  readonly length: number;
}

/** Between two characters. */
const POSITION: Part = { text: '', needs: ALL, ways: 1, length: 1 };
const ONE_CHARACTER: Part = { needs: ALL, ways: 1, length: 1 };
/** What a group captured: as long as it may be. */
const CAPTURED: Part = { needs: ALL, ways: 1, length: Number.POSITIVE_INFINITY };

const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
const GROUP = /\((?:(\?(?:[:=!]|<[=!]|<[A-Za-z_$][\w$]*>))|(?!\?))/y;
const CLASS = /\[(?:[^\\\]]|\\[\s\S])*\]/y;
const ESCAPE =
  /\\(?:([1-9]\d*|k<[^>]*>)|([dDsSwW]|[pP]\{[^}]*\})|([bB])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|([tnrfv])|([^\w]))/y;
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };

class Reader {
  readonly #source: string;
  readonly #ignoresCase: boolean;
  #at = 0;

  constructor(source: string, flags: string) {
    // Sets within sets.
    if (flags.includes('v')) throw new Unusual();
    this.#source = source;
    this.#ignoresCase = flags.includes('i');
  }

  whole(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unusual();
    return part;
  }

  #alternatives(): Part {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    const [first = POSITION] = parts;
    if (parts.length === 1) return first;
    return {
      needs: parts.some(({ needs }) => needs.kind === 'all')
        ? ALL
        : { kind: 'or', of: parts.map(({ needs }) => needs) },
      ways: sum(parts.map(({ ways }) => ways)),
      length: Math.max(...parts.map(({ length }) => length)),
    };
  }

  #sequence(): Part {
    const needs: Query[] = [];
    let ways = 1;
    let length = 0;
    /** Stands as one piece in what matches. */
    let run = '';
    let isOneText = true;
    const endRun = () => {
      if (run !== '') needs.push({ kind: 'text', text: run, folded: foldCase(run) });
      run = '';
      isOneText = false;
    };
    for (let atom = this.#atom(); atom; atom = this.#atom()) {
      const { min, max } = this.#quantifier();
      ways *= max === 1 && min === 1 ? atom.ways : repeatedWays(atom.ways, min, max);
      length += atom.length * Math.max(1, max);
      if (min === 0 || atom.text === undefined) endRun();
      if (min > 0) {
        if (atom.text === undefined) needs.push(atom.needs);
        // Once more is a text as true as all the times, and short.
        else run += atom.text;
      }
      if (max > 1) endRun();
    }
    const text = isOneText ? run : undefined;
    endRun();
    const known = needs.filter(({ kind }) => kind !== 'all');
    const all: Query = known.length > 1 ? { kind: 'and', of: known } : (known[0] ?? ALL);
    return { ...(text === undefined ? {} : { text }), needs: all, ways, length };
  }

  /** Undefined: the sequence ends here. */
  #atom(): Part | undefined {
    const character = this.#source[this.#at];
    switch (character) {
      case undefined:
      case '|':
      case ')':
        return undefined;
      case '(':
        return this.#group();
      case '[':
        this.#take(CLASS);
        return ONE_CHARACTER;
      case '\\':
        return this.#escape();
      case '^':
      case '$':
        this.#at++;
        return POSITION;
      case '.':
        this.#at++;
        return ONE_CHARACTER;
      default:
        this.#at++;
        return this.#literal(character);
    }
  }

  #group(): Part {
    const kind = this.#take(GROUP)[1] ?? '';
    const inner = this.#alternatives();
    if (this.#source[this.#at] !== ')') throw new Unusual();
    this.#at++;
    const isLook = /[=!]$/.test(kind);
    return isLook ? { needs: ALL, ways: inner.ways, length: inner.length } : inner;
  }

  #escape(): Part {
    const [, captured, set, edge, hex, unit, control, itself] = this.#take(ESCAPE);
    if (captured !== undefined) return CAPTURED;
    if (set !== undefined) return ONE_CHARACTER;
    if (edge !== undefined) return POSITION;
    const code = hex ?? unit;
    if (code !== undefined) return this.#literal(String.fromCharCode(Number.parseInt(code, 16)));
    return this.#literal(control === undefined ? (itself ?? '') : (CONTROLS[control] ?? ''));
  }

  #literal(character: string): Part {
    // Half of a pair has a case of its own, and to a RegExp others are alike that are not when folded.
    const isPlain = this.#ignoresCase ? character <= '\u007f' : !/[\ud800-\udfff]/.test(character);
    return isPlain ? { text: character, needs: ALL, ways: 1, length: 1 } : ONE_CHARACTER;
  }

  #quantifier(): { min: number; max: number } {
    QUANTIFIER.lastIndex = this.#at;
    const found = QUANTIFIER.exec(this.#source);
    if (!found) return { min: 1, max: 1 };
    this.#at = QUANTIFIER.lastIndex;
    const [, sign, least, comma, most] = found;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
    const min = Number(least);
    if (comma === undefined) return { min, max: min };
    return { min, max: most === '' ? Number.POSITIVE_INFINITY : Number(most) };
  }

  #take(expression: RegExp): RegExpExecArray {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (!found) throw new Unusual();
    this.#at = expression.lastIndex;
    return found;
  }
}

function repeatedWays(ways: number, min: number, max: number): number {
  if (max === Number.POSITIVE_INFINITY) return max;
  return ways === 1 ? max - min + 1 : (ways + 1) ** max;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
