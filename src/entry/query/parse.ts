/**
 * Query text → tree. One grammar for page, API, terminal and command line.
 *
 *   query := terms ("OR" terms)*        terms := term+
 *   term  := "-" term | "(" query ")" | "phrase" | /regex/flags | key:value | level>=name | word
 */
import { levelFromWord } from '../level.ts';
import { QUERY_DEPTH_MAX, QUERY_LENGTH_MAX } from '../limits.ts';
import { type Comparison, foldCase, type Query } from './query.ts';

export type QueryParsed = { readonly ok: true; readonly query: Query } | ({ readonly ok: false } & QueryFault);

export interface QueryFault {
  /** Where the fault is, in UTF-16 units from 0. */
  readonly position: number;
  /** What was expected there. */
  readonly reason: string;
}

const SPACE = /\s/;
const KEY = /^([A-Za-z_@][\w.@-]*):/;
const LEVEL = /^level(>=|<=|>|<|=|:)/i;
const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;
const STATES: Readonly<Record<string, 'pinned' | 'ticket' | 'deleted'>> = {
  pinned: 'pinned',
  ticket: 'ticket',
  ticketed: 'ticket',
  deleted: 'deleted',
};

class SyntaxFault extends Error {
  readonly position: number;
  constructor(position: number, reason: string) {
    super(reason);
    this.position = position;
  }
}

export function parseQuery(text: string): QueryParsed {
  try {
    return { ok: true, query: new Parser(text).query() };
  } catch (error) {
    if (error instanceof SyntaxFault) return { ok: false, position: error.position, reason: error.message };
    throw error;
  }
}

/** One line that shows a fault to a person: `query: expected a level at position 6: level:>>blue`. */
export function describeFault(text: string, fault: QueryFault): string {
  const from = Math.max(0, fault.position - 20);
  const shown = `${from > 0 ? '…' : ''}${text.slice(from, fault.position)}»${text.slice(fault.position, fault.position + 20)}`;
  return `query: ${fault.reason}, at position ${fault.position + 1}: ${shown}`;
}

/** Only what needs it gets the strict Unicode mode, which refuses harmless escapes such as `\\-`. */
function unicodeFlag(source: string): string {
  return /\\[pP]\{|\\u\{/.test(source) ? 'u' : '';
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  query(): Query {
    if (this.#text.length > QUERY_LENGTH_MAX) {
      this.#fail(`a query has at most ${QUERY_LENGTH_MAX} characters`, QUERY_LENGTH_MAX);
    }
    this.#skipSpace();
    if (this.#atEnd()) return { kind: 'all' };
    const query = this.#either();
    if (!this.#atEnd()) this.#fail('this ")" closes nothing: expected a term');
    return query;
  }

  #either(): Query {
    const parts = [this.#together()];
    while (this.#takeOr()) parts.push(this.#together());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', of: parts };
  }

  #together(): Query {
    const parts: Query[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#atEnd() || this.#peek() === ')' || this.#atOr()) break;
      parts.push(this.#term());
    }
    if (parts.length === 0) this.#fail(this.#atOr() ? 'expected a term before OR' : 'expected a term');
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', of: parts };
  }

  #term(): Query {
    const character = this.#peek();
    if (character === '-') return this.#nested(() => ({ kind: 'not', of: this.#negated() }));
    if (character === '(') return this.#nested(() => this.#parenthesis());
    if (character === '"') return this.#textTerm(this.#quoted());
    if (character === '/') return this.#regex();
    return this.#keyed() ?? this.#textTerm(this.#word());
  }

  #nested(read: () => Query): Query {
    if (++this.#depth > QUERY_DEPTH_MAX) this.#fail(`parentheses and negations stand at most ${QUERY_DEPTH_MAX} deep`);
    const query = read();
    this.#depth--;
    return query;
  }

  #negated(): Query {
    this.#at++;
    if (this.#atEnd() || SPACE.test(this.#peek()) || this.#peek() === ')') {
      this.#fail('expected a term right after "-"; put a lone dash in quotes');
    }
    return this.#term();
  }

  #parenthesis(): Query {
    const open = this.#at++;
    this.#skipSpace();
    const inner = this.#either();
    if (this.#peek() !== ')') this.#fail('this "(" is not closed: expected ")"', open);
    this.#at++;
    return inner;
  }

  #quoted(): string {
    const open = this.#at++;
    let text = '';
    while (!this.#atEnd()) {
      const character = this.#text[this.#at++] ?? '';
      if (character === '"') {
        if (text === '') this.#fail('expected a text between the quotes', open);
        return text;
      }
      const next = this.#peek();
      if (character === '\\' && (next === '"' || next === '\\')) {
        text += next;
        this.#at++;
      } else text += character;
    }
    return this.#fail('this quote is not closed: expected "', open);
  }

  #regex(): Query {
    const open = this.#at++;
    let inClass = false;
    let source = '';
    for (;;) {
      if (this.#atEnd())
        this.#fail('this "/" begins a regular expression: expected its closing "/" (or put a path in quotes)', open);
      const character = this.#text[this.#at++] ?? '';
      if (character === '/' && !inClass) break;
      source += character;
      if (character === '\\') source += this.#text[this.#at++] ?? '';
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
    }
    const flagsAt = this.#at;
    const flags = this.#word();
    if (!/^[ims]*$/.test(flags) || new Set(flags).size !== flags.length) {
      this.#fail('expected i, m, s or a space after the regular expression (or put a path in quotes)', flagsAt);
    }
    if (source === '') this.#fail('expected a regular expression between the slashes', open);
    try {
      new RegExp(source, flags + unicodeFlag(source));
    } catch (error) {
      const reason =
        error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
      this.#fail(`expected a valid regular expression: ${reason}`, open);
    }
    return { kind: 'regex', source, flags: flags + unicodeFlag(source) };
  }

  #keyed(): Query | undefined {
    const rest = this.#text.slice(this.#at);
    const keyAt = this.#at;
    const level = LEVEL.exec(rest);
    if (level) {
      this.#at += level[0].length;
      return this.#level(level[1] ?? ':', keyAt);
    }
    const name = KEY.exec(rest)?.[1];
    if (name === undefined || URL_START.test(rest)) return undefined;
    this.#at += name.length + 1;
    const valueAt = this.#at;
    const value = this.#value(keyAt);
    switch (name.toLowerCase()) {
      case 'client':
        return { kind: 'client', pattern: value };
      case 'id':
        return { kind: 'id', id: value.toLowerCase() };
      case 'is': {
        const state = STATES[value.toLowerCase()];
        if (state === undefined) this.#fail(`expected pinned, ticket or deleted after "is:", got "${value}"`, valueAt);
        return { kind: 'is', state };
      }
      default:
        return { kind: 'field', name, value };
    }
  }

  #level(mark: string, keyAt: number): Query {
    const valueAt = this.#at;
    const value = this.#value(keyAt);
    const level = levelFromWord(value);
    if (level === undefined) {
      this.#fail(`expected debug, info, warning, error, critical or unknown, got "${value}"`, valueAt);
    }
    return { kind: 'level', compare: mark === ':' ? '=' : (mark as Comparison), level };
  }

  #value(keyAt: number): string {
    if (this.#peek() === '"') return this.#quoted();
    const value = this.#word();
    return value === '' ? this.#fail(`expected a value right after "${this.#text.slice(keyAt, this.#at)}"`) : value;
  }

  #textTerm(text: string): Query {
    return { kind: 'text', text, folded: foldCase(text) };
  }

  /** Up to the next space or parenthesis; a parenthesis opened within the word belongs to it, as in `main()`. */
  #word(): string {
    const from = this.#at;
    let open = 0;
    while (!this.#atEnd()) {
      const character = this.#peek();
      if (SPACE.test(character)) break;
      if (character === '(') open++;
      if (character === ')' && open-- === 0) break;
      this.#at++;
    }
    return this.#text.slice(from, this.#at);
  }

  #atOr(): boolean {
    return /^OR(?=[\s()]|$)/.test(this.#text.slice(this.#at, this.#at + 3));
  }

  #takeOr(): boolean {
    this.#skipSpace();
    if (!this.#atOr()) return false;
    this.#at += 2;
    return true;
  }

  #skipSpace(): void {
    while (!this.#atEnd() && SPACE.test(this.#peek())) this.#at++;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #fail(reason: string, position = this.#at): never {
    throw new SyntaxFault(position, reason);
  }
}
