/**
 * Records of a journal or an index, one per line: CRC-32 of the JSON in eight hexadecimal digits, a space, the JSON.
 * What can be made again is read up to the first record that is not whole; of what cannot, every whole record is taken.
 */
import { crc32 } from 'node:zlib';

const LF = 0x0a;
const CRC_LENGTH = 8;

export function encodeRecord(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(CRC_LENGTH, '0')} ${json}\n`;
}

export interface RecordRead {
  readonly value: unknown;
  /** Offset behind the record. */
  readonly end: number;
}

/** The whole records from an offset on, up to the first that is not. */
export function* readRecords(bytes: Buffer, from: number): Generator<RecordRead> {
  for (let at = from; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd === -1) return;
    const json = wholeJson(bytes.subarray(at, lineEnd));
    if (json === undefined) return;
    at = lineEnd + 1;
    // Its sum is right, so it is what this program wrote.
    yield { value: JSON.parse(json.toString()), end: at };
  }
}

export interface Salvage {
  /** Of all whole records. */
  readonly values: readonly unknown[];
  /** Records that were written as a whole and can no longer be read. */
  readonly damagedCount: number;
  /** Such a one stands behind the last whole record. */
  readonly isEndDamaged: boolean;
}

/**
 * All whole records from an offset on. A write that was torn leaves the beginning of a record at the end of the file, or
 * NULs where a page of it never reached the disk; whatever else is wrong was damaged after it had been written.
 */
export function salvageRecords(bytes: Buffer, from: number): Salvage {
  const values: unknown[] = [];
  let damagedCount = 0;
  let tornCount = 0;
  let isEndDamaged = false;
  for (const { text, isEnded } of splitRecords(bytes, from)) {
    const json = wholeJson(text) ?? wholeJson(text.subarray(0, -1));
    if (json) {
      values.push(JSON.parse(json.toString()));
      // Nothing is written behind a torn record.
      damagedCount += tornCount;
      tornCount = 0;
      isEndDamaged = false;
    } else if (!isEnded || text.includes(NULS)) {
      tornCount++;
    } else {
      damagedCount++;
      isEndDamaged = true;
    }
  }
  return { values, damagedCount, isEndDamaged };
}

const NULS = Buffer.alloc(2);
/** Within a line that is no record: where one begins whose line break in front is damaged. No JSON string holds this. */
const RECORD_START = /[0-9a-f]{8} [[{]"/g;

function* splitRecords(bytes: Buffer, from: number): Generator<{ text: Buffer; isEnded: boolean }> {
  for (let at = from; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(LF, at);
    const line = bytes.subarray(at, lineEnd === -1 ? bytes.length : lineEnd);
    const starts = wholeJson(line)
      ? []
      : Array.from(line.toString('latin1').matchAll(RECORD_START), ({ index }) => index);
    let start = 0;
    for (const next of starts) {
      if (next > 0) yield { text: line.subarray(start, next), isEnded: true };
      start = next;
    }
    yield { text: line.subarray(start), isEnded: lineEnd !== -1 };
    at += line.length + 1;
  }
}

/** Of a record without its line break; undefined: it is not whole. */
function wholeJson(text: Buffer): Buffer | undefined {
  const json = text.subarray(CRC_LENGTH + 1);
  if (json.length === 0) return undefined;
  return crc32(json) === Number.parseInt(text.toString('latin1', 0, CRC_LENGTH), 16) ? json : undefined;
}

/** The first line of such a file: what it is and the version of its form. */
export function encodeHeader(kind: string, version: number): string {
  return `logd ${kind} ${version}\n`;
}

export type HeaderRead =
  | { readonly kind: 'known'; readonly end: number }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unreadable' };

/** @param oldest version that is read like `version` */
export function readHeader(bytes: Buffer, kind: string, version: number, oldest = version): HeaderRead {
  const lineEnd = bytes.subarray(0, 100).indexOf(LF);
  const match = lineEnd === -1 ? null : /^logd ([a-z-]+) (\d{1,9})$/.exec(bytes.toString('latin1', 0, lineEnd));
  if (match?.[1] !== kind) return { kind: 'unreadable' };
  const found = Number(match[2]);
  if (found > version) return { kind: 'newer', version: found };
  return found >= oldest ? { kind: 'known', end: lineEnd + 1 } : { kind: 'unreadable' };
}
