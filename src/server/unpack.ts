/**
 * Bodies as they were packed for the way, unpacked within their bound.
 */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { BODY_BYTES_MAX } from '../entry/limits.ts';
import { hasCode } from '../system/files.ts';

type Unpack = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

export type Unpacked =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly reason: string };

/** @param encoding a Content-Encoding (RFC 9110 §8.4), in lower case */
export function unpack(bytes: Buffer, encoding: string): Unpacked {
  if (encoding === 'identity' || encoding === '') return { ok: true, bytes };
  const found = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!found) {
    return {
      ok: false,
      status: 415,
      reason: `Content-Encoding "${encoding.slice(0, 60)}" is not known: use gzip, zstd, deflate or br`,
    };
  }
  try {
    return { ok: true, bytes: found(bytes, { maxOutputLength: BODY_BYTES_MAX }) };
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) return { ok: false, status: 413, reason: tooLarge() };
    return { ok: false, status: 400, reason: `the body is not whole ${encoding}: send it again` };
  }
}

export function tooLarge(): string {
  return `the body is larger than ${BODY_BYTES_MAX / 1024 / 1024} MiB, as sent or unpacked: send it in smaller batches`;
}
