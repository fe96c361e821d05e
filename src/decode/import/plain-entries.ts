/**
 * The usual entry of an app.log, found in bytes without a string between: one line in printable ASCII without quotation
 * marks and backslashes, a valid time, a level of logd's, an id in lower case. Whatever else there is goes on as lines:
 * this scanner only ever says "not me".
 */
import { LEVELS } from '../../entry/level.ts';
import { CLIENT_ID_LENGTH_MAX } from '../../entry/limits.ts';
import { formatLogTime, parseLogTime } from '../../entry/time.ts';

/** Where the parts of an entry stand in `bytes`. One object is used again and again: it is valid during the call alone. */
export interface PlainEntry {
  readonly bytes: Buffer;
  /** The time, TIME_BYTES long. */
  readonly at: number;
  readonly levelAt: number;
  readonly levelEnd: number;
  readonly clientAt: number;
  readonly clientEnd: number;
  /** 36 bytes. */
  readonly idAt: number;
  readonly messageAt: number;
  readonly end: number;
}

export interface PlainListener {
  /** @returns whether it was taken; if not, it goes on as a line */
  onPlain(entry: PlainEntry): boolean;
  /** Whole lines that hold something else. */
  onOther(lines: Buffer): void;
}

const LF = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const DEL = 0x7f;
const ID_BYTES = 36;
/** A longer one is not worth the copy if it turns out to be none. */
const MESSAGE_BYTES_MAX = 64 * 1024;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const TIME_SHAPE = bytesOf('0000-00-00 00:00:00,000 - [');
const TO_CLIENT = bytesOf('] - [');
const TO_ID = bytesOf('] - [ID:');
const TO_MESSAGE = bytesOf('] - ');
const LEVEL_NAMES = LEVELS.map(bytesOf);

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

export class PlainScanner {
  readonly #listener: PlainListener;
  readonly #entry: Mutable<PlainEntry> = emptyEntry();
  readonly #next: Mutable<PlainEntry> = emptyEntry();
  /** Times of one day are many: the day is judged once. */
  #day = '';
  #isDayValid = false;

  constructor(listener: PlainListener) {
    this.#listener = listener;
  }

  /** @param bytes whole lines, each with its line break */
  scan(bytes: Buffer): void {
    const { onPlain, onOther } = this.#listener;
    const end = bytes.length;
    let otherAt = 0;
    let at = 0;
    let isHead = this.#readHead(bytes, at);
    while (at < end) {
      const lineEnd = isHead ? plainEnd(bytes, this.#next.messageAt) : -1;
      if (lineEnd === -1) {
        at = bytes.indexOf(LF, at) + 1;
        isHead = at < end && this.#readHead(bytes, at);
        continue;
      }
      Object.assign(this.#entry, this.#next);
      this.#entry.end = lineEnd;
      isHead = lineEnd + 1 < end && this.#readHead(bytes, lineEnd + 1);
      // Without another entry behind it, this one may go on in further lines.
      if (isHead) {
        if (otherAt < at) onOther(bytes.subarray(otherAt, at));
        otherAt = onPlain(this.#entry) ? lineEnd + 1 : at;
      }
      at = lineEnd + 1;
    }
    if (otherAt < end) onOther(bytes.subarray(otherAt));
  }

  /** Whether a head stands there that needs no second look; its places go to `#next`. */
  #readHead(bytes: Buffer, at: number): boolean {
    const next = this.#next;
    if (!hasTimeShape(bytes, at) || !this.#isTimeValid(bytes, at)) return false;
    const levelAt = at + TIME_SHAPE.length;
    const levelEnd = bytes.indexOf(CLOSE, levelAt);
    if (!isLevel(bytes, levelAt, levelEnd) || !isAt(TO_CLIENT, bytes, levelEnd)) return false;
    const clientAt = levelEnd + TO_CLIENT.length;
    let clientEnd = clientAt;
    while (isPlain(bytes[clientEnd] ?? 0) && bytes[clientEnd] !== CLOSE) clientEnd++;
    const isClient = clientEnd > clientAt && clientEnd - clientAt <= CLIENT_ID_LENGTH_MAX;
    if (!isClient || !isAt(TO_ID, bytes, clientEnd)) return false;
    const idAt = clientEnd + TO_ID.length;
    for (let index = idAt; index < idAt + ID_BYTES; index++) if (!isIdByte(bytes[index] ?? 0)) return false;
    if (!isAt(TO_MESSAGE, bytes, idAt + ID_BYTES)) return false;
    next.bytes = bytes;
    next.at = at;
    next.levelAt = levelAt;
    next.levelEnd = levelEnd;
    next.clientAt = clientAt;
    next.clientEnd = clientEnd;
    next.idAt = idAt;
    next.messageAt = idAt + ID_BYTES + TO_MESSAGE.length;
    return true;
  }

  #isTimeValid(bytes: Buffer, at: number): boolean {
    if (twoDigits(bytes, at + 11) > 23 || twoDigits(bytes, at + 14) > 59 || twoDigits(bytes, at + 17) > 59)
      return false;
    if (!this.#isDay(bytes, at)) {
      this.#day = bytes.toString('latin1', at, at + 10);
      const midnight = `${this.#day} 00:00:00,000`;
      const timeMs = parseLogTime(midnight);
      this.#isDayValid = !Number.isNaN(timeMs) && formatLogTime(timeMs) === midnight;
    }
    return this.#isDayValid;
  }

  #isDay(bytes: Buffer, at: number): boolean {
    const day = this.#day;
    if (day === '') return false;
    for (let index = 9; index >= 0; index--) if (bytes[at + index] !== day.charCodeAt(index)) return false;
    return true;
  }
}

/** Where the line ends, when its message is plain and not empty; otherwise -1. */
function plainEnd(bytes: Buffer, from: number): number {
  const endMax = Math.min(bytes.length, from + MESSAGE_BYTES_MAX);
  let at = from;
  while (at < endMax && isPlain(bytes[at] ?? 0)) at++;
  return at > from && bytes[at] === LF ? at : -1;
}

/** Printable ASCII that JSON and app.log write as it is. */
function isPlain(byte: number): boolean {
  return byte >= SPACE && byte < DEL && byte !== QUOTE && byte !== BACKSLASH;
}

/** Where the shape has a zero there may be any digit. */
function hasTimeShape(bytes: Buffer, at: number): boolean {
  for (let index = 0; index < TIME_SHAPE.length; index++) {
    const byte = bytes[at + index] ?? 0;
    const wanted = TIME_SHAPE[index] ?? 0;
    if (wanted === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== wanted) return false;
  }
  return true;
}

function twoDigits(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) - 0x30) * 10 + (bytes[at + 1] ?? 0) - 0x30;
}

function isLevel(bytes: Buffer, from: number, end: number): boolean {
  for (const name of LEVEL_NAMES) if (name.length === end - from && isAt(name, bytes, from)) return true;
  return false;
}

function isIdByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || byte === 0x2d;
}

function isAt(wanted: Uint8Array, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function emptyEntry(): Mutable<PlainEntry> {
  return {
    bytes: Buffer.alloc(0),
    at: 0,
    levelAt: 0,
    levelEnd: 0,
    clientAt: 0,
    clientEnd: 0,
    idAt: 0,
    messageAt: 0,
    end: 0,
  };
}
