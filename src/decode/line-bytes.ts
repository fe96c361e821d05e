/**
 * What a line says of its level and its time, read from its bytes: no text is made of a line that has no word which might
 * name a level. Says the same as `levelOfLine` and `timeOfLine` do, and leaves to them whatever is not plain.
 */
import type { Level } from '../entry/level.ts';
import { timeOfLine } from './event-time.ts';
import { KnownTexts } from './known-texts.ts';
import { LEVEL_WORDS, levelOfLine } from './level.ts';

const TAB = 0x09;
const SPACE = 0x20;
const OPEN_PAREN = 0x28;
const CLOSE_PAREN = 0x29;
const PLUS = 0x2b;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const LESS_THAN = 0x3c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const BAR = 0x7c;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
/** `2026-11-23T03:10:11`, and to its minute. */
const SECONDS_LENGTH = 19;
const MINUTE_LENGTH = 16;
/** A longer time is left to the expressions. */
const TIME_LENGTH_MAX = 33;
/** Letters that are compared of a word before it is looked at as text; every level's word has as many. */
const PREFIX_LENGTH = 3;

const DATE_SHAPE = [0, 0, 0, 0, DASH, 0, 0, DASH, 0, 0, SPACE, 0, 0, COLON, 0, 0, COLON, 0, 0];
const PREFIXES = prefixTable();

export class LineBytes {
  /** Of the line that was read last. */
  level: Level | undefined;
  /** ms since the epoch; NaN: the line says none. */
  timeMs = Number.NaN;
  /** Behind the time at the line's beginning; -1: there is none. */
  #timeEnd = -1;
  readonly #names = new KnownTexts<Level | 'none'>();
  readonly #minute = Buffer.alloc(MINUTE_LENGTH);
  readonly #zone = Buffer.alloc(6);
  #zoneLength = -1;
  #minuteMs = Number.NaN;

  /** False: the line must be read as text. @param bytes UTF-8 from `from` to before `end`, without a line break */
  read(bytes: Buffer, from: number, end: number): boolean {
    const first = bytes[from];
    // A structure of its own: JSON, a priority.
    if (first === OPEN_BRACE || first === LESS_THAN) return false;
    this.#readTime(bytes, from, end);
    const level = this.#levelBehindTime(bytes, end);
    if (level !== undefined) this.level = level;
    else this.level = hasLevelWord(bytes, from, end) ? levelOfLine(bytes.toString('utf8', from, end)) : undefined;
    return true;
  }

  #readTime(bytes: Buffer, from: number, end: number): void {
    this.timeMs = Number.NaN;
    this.#timeEnd = -1;
    const start = bytes[from] === OPEN_BRACKET ? from + 1 : from;
    if (end - start < SECONDS_LENGTH || !hasDateShape(bytes, start)) return;
    let at = start + SECONDS_LENGTH;
    let fraction = 0;
    if ((bytes[at] === DOT || bytes[at] === COMMA) && isDigit(bytes[at + 1])) {
      at++;
      for (let scale = 100; at < end && isDigit(bytes[at]); at++) {
        fraction += digit(bytes, at) * scale;
        scale = scale === 1 ? 0 : scale / 10;
      }
    }
    const zoneAt = bytes[at] === SPACE ? at + 1 : at;
    const zoneEnd = endOfZone(bytes, zoneAt, end);
    const timeEnd = zoneEnd === -1 ? at : zoneEnd;
    const isLong = timeEnd - from > TIME_LENGTH_MAX;
    if (!isLong) this.#timeEnd = timeEnd;
    if (zoneEnd === -1) return;
    const second = digit(bytes, start + 17) * 10 + digit(bytes, start + 18);
    if (isLong || second > 59 || !this.#isKnownMinute(bytes, start, zoneAt, zoneEnd)) {
      this.timeMs = timeOfLine(bytes.toString('latin1', from, Math.min(end, zoneEnd + 1))) ?? Number.NaN;
      if (isLong || second > 59) return;
      this.#keepMinute(bytes, { start, zoneAt, zoneEnd }, this.timeMs - second * 1_000 - fraction);
    }
    this.timeMs = this.#minuteMs + second * 1_000 + fraction;
  }

  /** A name in capitals behind the time: structure, as `levelOfLine` has it. */
  #levelBehindTime(bytes: Buffer, end: number): Level | undefined {
    let at = this.#timeEnd;
    if (at === -1) return undefined;
    if (bytes[at] === CLOSE_BRACKET) at++;
    const spaceAt = at;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    if (at === spaceAt) return undefined;
    if (bytes[at] === OPEN_BRACKET || bytes[at] === OPEN_PAREN) at++;
    const nameAt = at;
    while (at < end && isCapital(bytes[at])) at++;
    if (at === nameAt || at === end || !closesName(bytes[at])) return undefined;
    const known = this.#names.find(bytes, nameAt, at);
    if (known !== undefined) return known === 'none' ? undefined : known;
    const text = `2026-01-01 00:00:00 ${bytes.toString('latin1', nameAt, at)} `;
    // Only behind a time: the same word elsewhere in a line may mean something else.
    const level = at - nameAt <= NAME_LENGTH_MAX && NAMES.has(text.slice(20, -1)) ? levelOfLine(text) : undefined;
    this.#names.keep(bytes, nameAt, at, level ?? 'none');
    return level;
  }

  #isKnownMinute(bytes: Buffer, start: number, zoneAt: number, zoneEnd: number): boolean {
    if (zoneEnd - zoneAt !== this.#zoneLength || Number.isNaN(this.#minuteMs)) return false;
    for (let index = MINUTE_LENGTH - 1; index >= 0; index--) {
      if (bytes[start + index] !== this.#minute[index]) return false;
    }
    for (let index = 0; index < this.#zoneLength; index++) {
      if (bytes[zoneAt + index] !== this.#zone[index]) return false;
    }
    return true;
  }

  #keepMinute(
    bytes: Buffer,
    { start, zoneAt, zoneEnd }: { start: number; zoneAt: number; zoneEnd: number },
    ms: number,
  ): void {
    bytes.copy(this.#minute, 0, start, start + MINUTE_LENGTH);
    bytes.copy(this.#zone, 0, zoneAt, zoneEnd);
    this.#zoneLength = zoneEnd - zoneAt;
    this.#minuteMs = ms;
  }
}

const NAMES: ReadonlySet<string> = new Set(
  'TRACE DEBUG INFO NOTICE WARN WARNING ERROR CRITICAL FATAL ALERT'.split(' '),
);
const NAME_LENGTH_MAX = 8;

/** Digits and signs where a date and a time to the second have theirs. */
function hasDateShape(bytes: Buffer, start: number): boolean {
  for (let index = 0; index < SECONDS_LENGTH; index++) {
    const byte = bytes[start + index];
    const sign = DATE_SHAPE[index];
    if (sign === 0 ? !isDigit(byte) : byte !== sign && !(index === 10 && byte === LETTER_T)) return false;
  }
  return true;
}

/** Behind `Z`, `+01:00` or `+0100`; -1: there is no zone. */
function endOfZone(bytes: Buffer, at: number, end: number): number {
  const sign = bytes[at];
  let zoneEnd = -1;
  if (sign === LETTER_Z) zoneEnd = at + 1;
  else if (sign === PLUS || sign === DASH) {
    const minutesAt = bytes[at + 3] === COLON ? at + 4 : at + 3;
    const areDigits =
      isDigit(bytes[at + 1]) && isDigit(bytes[at + 2]) && isDigit(bytes[minutesAt]) && isDigit(bytes[minutesAt + 1]);
    if (areDigits) zoneEnd = minutesAt + 2;
  }
  if (zoneEnd === -1 || zoneEnd > end) return -1;
  return zoneEnd < end && (isDigit(bytes[zoneEnd]) || bytes[zoneEnd] === COLON) ? -1 : zoneEnd;
}

/** Whether a word might name a level: begins, in any case and with no letter before it, as one of those that do. */
function hasLevelWord(bytes: Buffer, from: number, end: number): boolean {
  // The head of glog, `E0102 15:04:05.0`.
  if (isDigit(bytes[from + 1]) && isCapital(bytes[from])) return true;
  const last = end - PREFIX_LENGTH;
  let isInWord = false;
  for (let at = from; at <= last; at++) {
    const isLetter = IS_LETTER[bytes[at] ?? 0] === 1;
    if (isLetter && !isInWord) {
      const prefix = (((bytes[at] ?? 0) & 31) << 10) | (((bytes[at + 1] ?? 0) & 31) << 5) | ((bytes[at + 2] ?? 0) & 31);
      if (PREFIXES[prefix] === 1) return true;
    }
    isInWord = isLetter;
  }
  return false;
}

const IS_LETTER = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a && byte < 0x80 ? 1 : 0,
);

/** By the low five bits of three letters, which do not know their case. */
function prefixTable(): Uint8Array {
  const table = new Uint8Array(1 << 15);
  for (const word of LEVEL_WORDS) {
    const [first = 0, second = 0, third = 0] = Buffer.from(word);
    table[((first & 31) << 10) | ((second & 31) << 5) | (third & 31)] = 1;
  }
  return table;
}

function closesName(byte: number | undefined): boolean {
  return (
    byte === SPACE || byte === TAB || byte === CLOSE_BRACKET || byte === CLOSE_PAREN || byte === COLON || byte === BAR
  );
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) - 0x30;
}
