/**
 * Records of a journal or an index, one per line: CRC-32 of the JSON in eight hexadecimal digits, a space, the JSON.
 * A reader takes what is whole and stops at the first record that is not, so a cut at any byte harms nothing before it.
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
    const json = bytes.subarray(at + CRC_LENGTH + 1, lineEnd);
    if (crc32(json) !== Number.parseInt(bytes.toString('latin1', at, at + CRC_LENGTH), 16)) return;
    at = lineEnd + 1;
    // Its sum is right, so it is what this program wrote.
    yield { value: JSON.parse(json.toString()), end: at };
  }
}

/** The first line of such a file: what it is and the version of its form. */
export function encodeHeader(kind: string, version: number): string {
  return `logd ${kind} ${version}\n`;
}

export type HeaderRead =
  | { readonly kind: 'known'; readonly end: number }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unreadable' };

export function readHeader(bytes: Buffer, kind: string, version: number): HeaderRead {
  const lineEnd = bytes.subarray(0, 100).indexOf(LF);
  const match = lineEnd === -1 ? null : /^logd ([a-z-]+) (\d{1,9})$/.exec(bytes.toString('latin1', 0, lineEnd));
  if (match?.[1] !== kind) return { kind: 'unreadable' };
  const found = Number(match[2]);
  if (found > version) return { kind: 'newer', version: found };
  return found === version ? { kind: 'known', end: lineEnd + 1 } : { kind: 'unreadable' };
}
