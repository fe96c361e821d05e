/**
 * Entries in the bytes of app.log, found without decoding them: where each begins, and what its head says.
 * The rules are those of the codec (src/entry/codec.ts); a line that begins no entry is a further line of the one before.
 */
import { decodeEscapes } from '../../entry/codec.ts';
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
/** "YYYY-MM-DD HH:MM:SS,mmm" */
const TIME_LENGTH = 23;
const SECOND_LENGTH = 19;
/** " - [" */
const GAP_LENGTH = 4;
const ID_MARK = 'ID:';

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
  const idAt = clientEnd + 1 + GAP_LENGTH + ID_MARK.length;
  if (bytes.toString('latin1', idAt - ID_MARK.length, idAt) !== ID_MARK || !isIdText(bytes, idAt)) return undefined;
  if (!isIdEnd(bytes, idAt + ID_LENGTH)) return undefined;
  const timeMs = readTime(bytes, at);
  if (Number.isNaN(timeMs)) return undefined;
  return { timeMs, level: readLevel(bytes, levelAt, levelEnd), clientAt, clientEnd, idAt };
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

/** The id that stands there, in lower case. */
export function readId(bytes: Buffer, idAt: number): string {
  return bytes.toString('latin1', idAt, idAt + ID_LENGTH).toLowerCase();
}

export function readClient(bytes: Buffer, head: Head): string {
  return decodeEscapes(bytes.toString('utf8', head.clientAt, head.clientEnd));
}

let cachedSecond = '';
let cachedSecondMs = 0;

function readTime(bytes: Buffer, at: number): number {
  for (let index = 0; index < TIME_LENGTH; index++) {
    const byte = bytes[at + index];
    const isRight =
      index === 4 || index === 7
        ? byte === DASH
        : index === 10
          ? byte === SPACE
          : index === 13 || index === 16
            ? byte === COLON
            : index === SECOND_LENGTH
              ? byte === COMMA
              : byte !== undefined && byte >= ZERO && byte <= NINE;
    if (!isRight) return Number.NaN;
  }
  const second = bytes.toString('latin1', at, at + SECOND_LENGTH);
  if (second !== cachedSecond) {
    cachedSecondMs = parseLogTime(`${second},000`);
    cachedSecond = second;
  }
  const ms = at + SECOND_LENGTH + 1;
  return cachedSecondMs + digit(bytes, ms) * 100 + digit(bytes, ms + 1) * 10 + digit(bytes, ms + 2);
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) - ZERO;
}

/** Every level is told from the others by its first letter. */
const LEVEL_OF_LETTER = new Map(LEVELS.map((level, index) => [level.charCodeAt(0), index]));

function readLevel(bytes: Buffer, at: number, end: number): number {
  const index = LEVEL_OF_LETTER.get(bytes[at] ?? 0);
  if (index !== undefined && LEVELS[index] === bytes.toString('latin1', at, end)) return index;
  return levelIndex(foldLevel(bytes.toString('latin1', at, end)));
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

function isIdText(bytes: Buffer, at: number): boolean {
  for (let index = 0; index < ID_LENGTH; index++) {
    const byte = bytes[at + index] ?? 0;
    const isHex = (byte >= ZERO && byte <= NINE) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
    if (!isHex && byte !== DASH) return false;
  }
  return true;
}

function isUpper(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}
