/**
 * Request bodies: unpacked within their bound, and of a type the route takes.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { jsonFault } from '../decode/ndjson.ts';
import { BODY_BYTES_MAX } from '../entry/limits.ts';
import { hasCode } from '../system/files.ts';
import { HttpError, tooLarge } from './errors.ts';

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip) as Unpack,
  'x-gzip': promisify(gunzip) as Unpack,
  deflate: promisify(inflate) as Unpack,
  br: promisify(brotliDecompress) as Unpack,
  zstd: promisify(zstdDecompress) as Unpack,
};

/** The media type in lower case, without parameters; empty when none is given. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * The body, unpacked.
 * @throws HttpError 400 damaged, 413 too large unpacked, 415 unknown encoding
 */
export async function readBody(request: FastifyRequest): Promise<Buffer> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return bytes;
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!unpack) throw new HttpError(415, `Content-Encoding "${encoding}" is not known: use gzip, zstd, deflate or br`);
  try {
    return await unpack(bytes, { maxOutputLength: BODY_BYTES_MAX });
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) throw new HttpError(413, tooLarge());
    throw new HttpError(400, `the body is not whole ${encoding}: send it again`);
  }
}

/**
 * The body as JSON; undefined when it is empty and may be.
 * @throws HttpError 400, 413, 415
 */
export async function readJson(request: FastifyRequest, { mayBeEmpty = false } = {}): Promise<unknown> {
  const bytes = await readBody(request);
  if (bytes.length === 0 && mayBeEmpty) return undefined;
  if (bytes.length === 0) throw new HttpError(400, 'the body is empty, not JSON');
  const type = mediaType(request);
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new HttpError(415, `send the body as "Content-Type: application/json", got "${type.slice(0, 60)}"`);
  }
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${jsonFault(error)}`);
  }
}

/** The body as a JSON object. */
export async function readObject(
  request: FastifyRequest,
  options?: { mayBeEmpty?: boolean },
): Promise<Readonly<Record<string, unknown>>> {
  const value = await readJson(request, options);
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'the body must be a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
}
