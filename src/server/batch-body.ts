/**
 * A body of POST /logs, from the bytes on the wire to a batch ready for the store: unpacked, hashed, decoded. Pure, so that
 * it can be done on this thread or on another.
 */
import { createHash } from 'node:crypto';
import { type DecodedBatch, type DecodeRefused, decodeArray, decodeNdjson } from '../decode/ndjson.ts';
import { unpack } from './unpack.ts';

export interface BatchBody {
  readonly bytes: Uint8Array;
  /** Content-Encoding, lower case. */
  readonly encoding: string;
  /** Media type, lower case, without parameters. */
  readonly type: string;
  /** Time of receipt, ms since the epoch. */
  readonly nowMs: number;
  /** The batch has a number of its producer, which must not come again with another body. */
  readonly needsHash: boolean;
}

export type BatchRead =
  | ({ readonly ok: true /** Empty when it is not needed. */; readonly bodyHash: string } & DecodedBatch)
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly reason: string };

export function readBatchBody({ bytes, encoding, type, nowMs, needsHash }: BatchBody): BatchRead {
  const unpacked = unpack(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), encoding);
  if (!unpacked.ok) return unpacked;
  const decoded = decode(unpacked.bytes, type, nowMs);
  if ('status' in decoded) return decoded;
  if ('kind' in decoded) return { ok: false, status: decoded.kind === 'too-large' ? 413 : 400, reason: decoded.reason };
  const bodyHash = needsHash ? createHash('sha256').update(unpacked.bytes).digest('hex') : '';
  return { ok: true, bodyHash, ...decoded, batch: { ...decoded.batch, isTextGivenAway: true } };
}

function decode(
  bytes: Buffer,
  type: string,
  nowMs: number,
): DecodedBatch | DecodeRefused | { ok: false; status: 415; reason: string } {
  switch (type) {
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/x-jsonlines':
      return decodeNdjson(bytes, nowMs);
    case 'application/json':
      return decodeArray(bytes, nowMs);
    default: {
      const given = type.slice(0, 60);
      const reason = `send "Content-Type: application/x-ndjson" (an entry per line) or "application/json" (an array), got "${given}"`;
      return { ok: false, status: 415, reason };
    }
  }
}
