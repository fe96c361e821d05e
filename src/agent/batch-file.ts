/**
 * A batch in the spool, as one file: a line that names the format and guards the header, the header as one line of JSON,
 * and the body exactly as it is posted, so that a repeat after a crash has the same bytes.
 *
 *   logd-batch 1 <bytes of the header> <CRC-32 of the header, hexadecimal>
 *   {"producer":"…","sequence":42,"count":310,"positions":{…},…}
 *   <body>
 */
import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import type { PositionChanges } from './chunk.ts';

export type BodyEncoding = 'identity' | 'zstd';

export interface BatchHeader {
  readonly producer: string;
  readonly sequence: number;
  /** Entries in it. */
  readonly count: number;
  /** Of them, WARNING entries of the agent itself. */
  readonly notices: number;
  readonly encoding: BodyEncoding;
  readonly bodyBytes: number;
  readonly bodyCrc: number;
  /** Positions that are safe once this batch is. */
  readonly positions: PositionChanges;
  /** Why the server refused it. */
  readonly refused?: string | undefined;
}

export type HeaderRead =
  | { readonly ok: true; readonly header: BatchHeader; readonly bodyAt: number }
  | { readonly ok: false; readonly reason: string }
  /** So many bytes from the beginning are needed. */
  | { readonly ok: false; readonly needBytes: number };

const FIRST_LINE = /^logd-batch (\d+) (\d{1,9}) ([0-9a-f]{8})\n/;
const FIRST_LINE_BYTES_MAX = 40;
const VERSION = 1;
const HEADER_BYTES_WITHOUT_POSITIONS = 400;

export interface BatchFile {
  readonly header: BatchHeader;
  readonly file: Buffer;
  /** Within `file`. */
  readonly body: Buffer;
}

/** @param pieces of the body */
export function encodeBatchFile(
  header: Omit<BatchHeader, 'bodyBytes' | 'bodyCrc'>,
  pieces: readonly Uint8Array[],
): BatchFile {
  let bodyBytes = 0;
  let bodyCrc = 0;
  for (const piece of pieces) {
    bodyBytes += piece.length;
    bodyCrc = crc32(piece, bodyCrc);
  }
  const whole: BatchHeader = { ...header, bodyBytes, bodyCrc };
  const text = Buffer.from(`${JSON.stringify(whole)}\n`);
  const crc = crc32(text).toString(16).padStart(8, '0');
  const file = Buffer.concat([Buffer.from(`logd-batch ${VERSION} ${text.length} ${crc}\n`), text, ...pieces]);
  return { header: whole, file, body: file.subarray(file.length - bodyBytes) };
}

/** Bytes of the file that `encodeBatchFile` makes, at most about: what there must be room for. */
export function batchFileBytes(positions: PositionChanges, pieces: readonly Uint8Array[]): number {
  let bytes = HEADER_BYTES_WITHOUT_POSITIONS + Buffer.byteLength(JSON.stringify(positions));
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

/** @param bytes of the file from its beginning, all or some */
export function decodeBatchHeader(bytes: Buffer): HeaderRead {
  const [line, version, length, crc] = FIRST_LINE.exec(bytes.toString('latin1', 0, FIRST_LINE_BYTES_MAX)) ?? [];
  if (line === undefined || length === undefined) return { ok: false, reason: 'it does not begin as a batch does' };
  if (Number(version) !== VERSION) return { ok: false, reason: `its format ${version} is of a newer logd` };
  const bodyAt = line.length + Number(length);
  if (bytes.length < bodyAt) return { ok: false, needBytes: bodyAt };
  const text = bytes.subarray(line.length, bodyAt);
  if (crc32(text) !== Number.parseInt(crc ?? '', 16))
    return { ok: false, reason: 'the checksum of its header is wrong' };
  // The checksum vouches that this is what encodeBatchFile wrote.
  return { ok: true, header: JSON.parse(text.toString()) as BatchHeader, bodyAt };
}

/** The body; a reason when it is damaged. */
export function decodeBatchBody(file: Buffer, header: BatchHeader, bodyAt: number): Buffer | string {
  const body = file.subarray(bodyAt);
  if (body.length !== header.bodyBytes) return `its body has ${body.length} bytes instead of ${header.bodyBytes}`;
  if (crc32(body) !== header.bodyCrc) return 'the checksum of its body is wrong';
  return body;
}

export type BatchRead =
  | { readonly ok: true; readonly header: BatchHeader; readonly body: Buffer }
  | { readonly ok: false; readonly reason: string };

/** The whole file, its lengths and checksums looked at. */
export function decodeBatch(file: Buffer): BatchRead {
  const read = decodeBatchHeader(file);
  if (!read.ok) return { ok: false, reason: 'reason' in read ? read.reason : 'it is too short' };
  const body = decodeBatchBody(file, read.header, read.bodyAt);
  return typeof body === 'string' ? { ok: false, reason: body } : { ok: true, header: read.header, body };
}

const decompress = promisify(zstdDecompress);

/** The body as NDJSON. */
export async function unpackBody({ encoding }: Pick<BatchHeader, 'encoding'>, body: Buffer): Promise<Buffer> {
  return encoding === 'zstd' ? decompress(body) : body;
}
