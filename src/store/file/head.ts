/**
 * Entries in the bytes of app.log, found without decoding them: where each begins, and what its head says.
 * The rules are those of the codec (src/entry/codec.ts); a line that begins no entry is a further line of the one before.
 */
import { decodeEscapes, decodeTail } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { ID_LENGTH } from '../../entry/id.ts';
import { foldLevel, LEVELS, levelIndex } from '../../entry/level.ts';
import { parseLogTime } from '../../entry/time.ts';

export interface Head {
  readonly timeMs: number;
  /** Index in LEVELS. */
  readonly level: number;
  readonly clientAt: number;
  readonly clientEnd: number;
  readonly idAt: number;
  /** Where what follows the head begins. */
  readonly tailAt: number;
}

/** More than the head of any entry whose client id is within bounds needs. */
export const HEAD_BYTES_MAX = 2_048;

const LF = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const DAY = /^\d{4}-\d\d-\d\d$/;
/** "YYYY-MM-DD HH:MM:SS,mmm" */
const TIME_LENGTH = 23;
const SECOND_LENGTH = 19;
const DAY_LENGTH = 10;
/** " - [" */
const GAP_LENGTH = 4;
/** "ID:" */
const ID_MARK_LENGTH = 3;
/** "] - " */
const ID_END_LENGTH = 4;

/** The head of the entry that begins there; undefined: none does. */
export function readHead(bytes: Buffer, at: number): Head | undefined {
  if (bytes[at + 4] !== DASH || bytes[at + 10] !== SPACE || bytes[at + SECOND_LENGTH] !== COMMA) return undefined;
  const levelAt = at + TIME_LENGTH + GAP_LENGTH;
  if (!isGap(bytes, at + TIME_LENGTH)) return undefined;
  let levelEnd = levelAt;
  while (isUpper(bytes[levelEnd])) levelEnd++;
  if (levelEnd === levelAt || bytes[levelEnd] !== CLOSE || !isGap(bytes, levelEnd + 1)) return undefined;
  const clientAt = levelEnd + 1 + GAP_LENGTH;
  const clientEnd = findClientEnd(bytes, clientAt);
  if (clientEnd === clientAt || bytes[clientEnd] !== CLOSE || !isGap(bytes, clientEnd + 1)) return undefined;
  const idAt = clientEnd + 1 + GAP_LENGTH + ID_MARK_LENGTH;
  if (!isIdMark(bytes, idAt - ID_MARK_LENGTH) || !isIdText(bytes, idAt)) return undefined;
  if (!isIdEnd(bytes, idAt + ID_LENGTH)) return undefined;
  const timeMs = readTime(bytes, at);
  if (Number.isNaN(timeMs)) return undefined;
  return {
    timeMs,
    level: readLevel(bytes, levelAt, levelEnd),
    clientAt,
    clientEnd,
    idAt,
    tailAt: idAt + ID_LENGTH + ID_END_LENGTH,
  };
}

/** Where entries begin in bytes that begin with one, and the end of the bytes behind them. */
export function splitEntries(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (readHead(bytes, at)) starts.push(at);
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd === -1) break;
    at = lineEnd + 1;
  }
  starts.push(bytes.length);
  return starts;
}

/** Where the entry to which a byte belongs begins and ends, in bytes that begin with an entry. */
export function entryAround(bytes: Buffer, at: number): [start: number, end: number] {
  let start = lineStart(bytes, at);
  while (start > 0 && !readHead(bytes, start)) start = lineStart(bytes, start - 1);
  let lineEnd = bytes.indexOf(LF, at);
  while (lineEnd !== -1 && lineEnd + 1 < bytes.length && !readHead(bytes, lineEnd + 1)) {
    lineEnd = bytes.indexOf(LF, lineEnd + 1);
  }
  return [start, lineEnd === -1 ? bytes.length : lineEnd + 1];
}

function lineStart(bytes: Buffer, at: number): number {
  // A line break ends its line.
  return at === 0 ? 0 : bytes.lastIndexOf(LF, at - 1) + 1;
}

/** The id that stands there, in lower case. */
export function readId(bytes: Buffer, idAt: number): string {
  return bytes.toString('latin1', idAt, idAt + ID_LENGTH).toLowerCase();
}

/** The entry whose head that is and whose text ends there. */
export function readEntry(bytes: Buffer, head: Head, end: number): Entry {
  return {
    id: readId(bytes, head.idAt),
    timeMs: head.timeMs,
    level: LEVELS[head.level] ?? 'UNKNOWN',
    clientId: readClient(bytes, head),
    ...decodeTail(bytes.toString('utf8', head.tailAt, end)),
  };
}

export function readClient(bytes: Buffer, head: Head): string {
  return decodeEscapes(bytes.toString('utf8', head.clientAt, head.clientEnd));
}

/** Entries that follow one another are mostly of one day: its text is read once. */
const cachedDay = new Uint8Array(DAY_LENGTH);
let cachedDayMs = Number.NaN;

function readTime(bytes: Buffer, at: number): number {
  const ms = at + SECOND_LENGTH + 1;
  if (bytes[ms - 1] !== COMMA || !isDigit(bytes[ms]) || !isDigit(bytes[ms + 1]) || !isDigit(bytes[ms + 2])) {
    return Number.NaN;
  }
  let same = 0;
  while (same < DAY_LENGTH && bytes[at + same] === cachedDay[same]) same++;
  const dayMs = same === DAY_LENGTH ? cachedDayMs : readDay(bytes, at);
  return dayMs + readSecondOfDay(bytes, at) * 1_000 + digit(bytes, ms) * 100 + pair(bytes, ms + 1);
}

/** NaN: none stands there. */
function readDay(bytes: Buffer, at: number): number {
  const day = bytes.toString('latin1', at, at + DAY_LENGTH);
  cachedDayMs = DAY.test(day) ? parseLogTime(`${day} 00:00:00,000`) : Number.NaN;
  cachedDay.set(bytes.subarray(at, at + DAY_LENGTH));
  return cachedDayMs;
}

/** NaN: none stands behind the day. */
function readSecondOfDay(bytes: Buffer, at: number): number {
  const hourAt = at + DAY_LENGTH + 1;
  const hour = pair(bytes, hourAt);
  const minute = pair(bytes, hourAt + 3);
  const second = pair(bytes, hourAt + 6);
  if (bytes[hourAt - 1] !== SPACE || bytes[hourAt + 2] !== COLON || bytes[hourAt + 5] !== COLON) return Number.NaN;
  // The end of a day is a time too, as ISO 8601 has it.
  const isTime = minute < 60 && second < 60 && (hour < 24 || (hour === 24 && minute === 0 && second === 0));
  return isTime ? (hour * 60 + minute) * 60 + second : Number.NaN;
}

/** The number of two digits; NaN: they are none. */
function pair(bytes: Buffer, at: number): number {
  return isDigit(bytes[at]) && isDigit(bytes[at + 1]) ? digit(bytes, at) * 10 + digit(bytes, at + 1) : Number.NaN;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) - ZERO;
}

const LEVEL_BYTES = LEVELS.map((level) => Buffer.from(level));

function readLevel(bytes: Buffer, at: number, end: number): number {
  for (let level = 0; level < LEVEL_BYTES.length; level++) {
    const name = LEVEL_BYTES[level];
    if (name && isText(bytes, at, end, name)) return level;
  }
  return levelIndex(foldLevel(bytes.toString('latin1', at, end)));
}

function isText(bytes: Buffer, at: number, end: number, text: Uint8Array): boolean {
  if (end - at !== text.length || bytes[at] !== text[0]) return false;
  for (let index = 1; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

function isIdMark(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x49 && bytes[at + 1] === 0x44 && bytes[at + 2] === COLON;
}

function isGap(bytes: Buffer, at: number): boolean {
  return bytes[at] === SPACE && bytes[at + 1] === DASH && bytes[at + 2] === SPACE && bytes[at + 3] === OPEN;
}

/** Where a client id ends, at the latest with its line. */
function findClientEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && end - at < HEAD_BYTES_MAX && bytes[end] !== CLOSE && bytes[end] !== LF) end++;
  return end;
}

function isIdEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === CLOSE && bytes[at + 1] === SPACE && bytes[at + 2] === DASH && bytes[at + 3] === SPACE;
}

/** By byte: 1 for what an id is made of. */
const OF_ID = new Uint8Array(256);
for (const character of '0123456789abcdefABCDEF-') OF_ID[character.charCodeAt(0)] = 1;

function isIdText(bytes: Buffer, at: number): boolean {
  for (let index = at; index < at + ID_LENGTH; index++) if (OF_ID[bytes[index] ?? 0] !== 1) return false;
  return true;
}

function isUpper(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}
