/**
 * Reads the message of one entry of app.log, byte by byte, into the text of its shape. Says too what stands behind the
 * entry, and which letters its variable parts hold.
 */
import { decodeTail } from '../../entry/codec.ts';
import { HASH_START, hashByte } from './byte-table.ts';
import { VARIABLE } from './digest.ts';
import { type Head, readHead } from './head.ts';
import { addLetterGram, LETTER_GRAM_WORDS, letterNumber } from './letter-grams.ts';
import { SHAPE_BYTES_MAX } from './limits.ts';

const TAB = 0x09;
const LF = 0x0a;
const VARIABLE_BYTE = VARIABLE.charCodeAt(0);
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;
const OPEN_BRACE = 0x7b;
const SPACE = 0x20;
const DEL = 0x7f;
/** No place in a text. */
const NOWHERE = -1;

/** What a byte of a message is. Bits, so that those of a run add up. */
const PLAIN = 0;
const LETTER = 1;
const DIGIT = 2;
/** Need not be what it stands for: a line break, the start of attributes or of an escape, VARIABLE. */
const SPECIAL = 4;
const KINDS = new Uint8Array(256);
for (const [from, to, kind] of [
  ['A', 'Z', LETTER],
  ['a', 'z', LETTER],
  ['0', '9', DIGIT],
  ['\t', '\n', SPECIAL],
  ['\\', '\\', SPECIAL],
  [VARIABLE, VARIABLE, SPECIAL],
] as const) {
  KINDS.fill(kind, from.charCodeAt(0), to.charCodeAt(0) + 1);
}

export class ShapeScanner {
  /** The shape's text in UTF-8 stands from 1 to `keyEnd`; the first byte is left to the caller. */
  readonly key = new Uint8Array(SHAPE_BYTES_MAX + 8);
  keyEnd = 1;
  /** Of the shape's text. */
  hash = HASH_START;
  /** False: there is no text, for it would be too long, or holds what this program does not write. */
  isKnown = true;
  hasAttributes = false;
  /** Letters of the variable parts, as bits: see ShapeBook. */
  letterMask = 0;
  /** Of all entries read so far. */
  readonly letterGrams = new Uint32Array(LETTER_GRAM_WORDS);
  /** The entry that begins behind this one; undefined: this is the last. */
  next: Head | undefined;
  /** From here a TAB and `{` may begin the attributes; NOWHERE: not on this line. */
  #attributesFrom = 0;

  /** @param from where the message begins, in a text that ends where an entry ends */
  scan(bytes: Buffer, from: number): void {
    this.#start(from);
    const { key } = this;
    const { length } = bytes;
    let at = from;
    let to = 1;
    let hash = HASH_START;
    while (at !== NOWHERE && at < length) {
      const byte = bytes[at] ?? 0;
      const kind = KINDS[byte] ?? 0;
      if (kind === PLAIN) {
        key[to++] = byte;
        hash = hashByte(hash, byte);
        at++;
      } else if (kind !== SPECIAL) {
        const runAt = at;
        const runTo = to;
        const hashBefore = hash;
        let kinds = 0;
        let next = byte;
        let nextKind = kind;
        do {
          kinds |= nextKind;
          key[to++] = next;
          hash = hashByte(hash, next);
          next = bytes[++at] ?? LF;
          nextKind = KINDS[next] ?? 0;
        } while (nextKind === LETTER || nextKind === DIGIT);
        if ((kinds & DIGIT) !== 0) {
          to = runTo;
          key[to++] = VARIABLE_BYTE;
          hash = hashByte(hashBefore, VARIABLE_BYTE);
          if ((kinds & LETTER) !== 0) this.#addLetters(bytes, runAt, at);
        }
      } else {
        this.keyEnd = to;
        at = this.#special(bytes, at, byte);
        for (; to < this.keyEnd; to++) hash = hashByte(hash, key[to] ?? 0);
      }
      if (to > SHAPE_BYTES_MAX) {
        // Still read on, for the entry's end and its attributes.
        this.isKnown = false;
        to = 1;
      }
    }
    this.keyEnd = to;
    this.hash = hash;
  }

  #start(from: number): void {
    this.isKnown = true;
    this.hasAttributes = false;
    this.letterMask = 0;
    this.next = undefined;
    this.#attributesFrom = from;
  }

  /** @returns where the message goes on; NOWHERE: it has ended */
  #special(bytes: Buffer, at: number, byte: number): number {
    if (byte === LF) return this.#lineBreak(bytes, at);
    if (byte === BACKSLASH) return this.#backslash(bytes, at);
    if (byte === VARIABLE_BYTE) this.isKnown = false;
    else if (bytes[at + 1] === OPEN_BRACE && at >= this.#attributesFrom && this.#attributesFrom !== NOWHERE) {
      if (this.#takeAttributes(bytes, at)) return NOWHERE;
    }
    this.#put(byte);
    return at + 1;
  }

  #lineBreak(bytes: Buffer, at: number): number {
    const lineAt = at + 1;
    if (lineAt === bytes.length) return NOWHERE;
    this.next = readHead(bytes, lineAt);
    if (this.next) return NOWHERE;
    this.#put(LF);
    // The first character of a further line begins no attributes.
    this.#attributesFrom = lineAt + 1;
    return bytes[lineAt] === TAB ? lineAt + 1 : lineAt;
  }

  /** An escape stands for its character. */
  #backslash(bytes: Buffer, at: number): number {
    const code = bytes[at + 1] === LOWER_X ? hexPair(bytes, at + 2) : undefined;
    if (code === undefined) {
      this.#put(BACKSLASH);
      return at + 1;
    }
    const isPrintable = code >= SPACE && code < DEL && code !== BACKSLASH;
    // What this program does not escape could be part of a run.
    if (isPrintable || code === VARIABLE_BYTE) this.isKnown = false;
    else if (code <= DEL) this.#put(code);
    else {
      this.#put(0xc0 | (code >> 6));
      this.#put(0x80 | (code & 0x3f));
    }
    return at + 4;
  }

  /** Whether the attributes begin there. Only the last line has them, and only at its first TAB before a `{`. */
  #takeAttributes(bytes: Buffer, at: number): boolean {
    this.#attributesFrom = NOWHERE;
    const lineEnd = bytes.indexOf(LF, at);
    const end = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const next = readHead(bytes, end);
    if (next === undefined && end < bytes.length) return false;
    // What is no attributes would be a message.
    if (decodeTail(bytes.toString('utf8', at, end)).message !== '') return false;
    this.hasAttributes = true;
    this.next = next;
    return true;
  }

  #put(byte: number): void {
    this.key[this.keyEnd++] = byte;
  }

  #addLetters(bytes: Buffer, from: number, to: number): void {
    let first = 0;
    let second = 0;
    let mask = 0;
    for (let at = from; at < to; at++) {
      const letter = letterNumber(bytes[at] ?? 0);
      if (letter === 0) {
        first = 0;
        second = 0;
        continue;
      }
      addLetterGram(this.letterGrams, first, second, letter);
      mask |= 1 << letter;
      first = second;
      second = letter;
    }
    this.letterMask |= mask;
  }
}

/** The number that two hexadecimal digits stand for. */
function hexPair(bytes: Buffer, at: number): number | undefined {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high === -1 || low === -1 ? undefined : high * 16 + low;
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
