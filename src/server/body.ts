/**
 * Request bodies of the small routes: unpacked, JSON, of the shape a route takes.
 */
import type { FastifyRequest } from 'fastify';
import { jsonFault } from '../decode/ndjson.ts';
import { parseJson } from '../entry/json.ts';
import { HttpError } from './errors.ts';
import { unpack } from './unpack.ts';

/** The body as it was sent; empty when there is none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** In lower case; `identity` when none is given. */
export function contentEncoding(request: FastifyRequest): string {
  return (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
}

/** The media type in lower case, without parameters; empty when none is given. */
export function mediaType(request: FastifyRequest): string {
  const header = request.headers['content-type'] ?? '';
  const parametersAt = header.indexOf(';');
  return (parametersAt === -1 ? header : header.slice(0, parametersAt)).trim().toLowerCase();
}

/**
 * The body as JSON; undefined when it is empty and may be.
 * @throws HttpError 400, 413, 415
 */
export function readJson(request: FastifyRequest, { mayBeEmpty = false } = {}): unknown {
  const unpacked = unpack(bodyOf(request), contentEncoding(request));
  if (!unpacked.ok) throw new HttpError(unpacked.status, unpacked.reason);
  const { bytes } = unpacked;
  if (bytes.length === 0 && mayBeEmpty) return undefined;
  if (bytes.length === 0) throw new HttpError(400, 'the body is empty, not JSON');
  const type = mediaType(request);
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new HttpError(415, `send the body as "Content-Type: application/json", got "${type.slice(0, 60)}"`);
  }
  try {
    return parseJson(bytes.toString());
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${jsonFault(error)}`);
  }
}

/** The body as a JSON object. */
export function readObject(
  request: FastifyRequest,
  options?: { mayBeEmpty?: boolean },
): Readonly<Record<string, unknown>> {
  const value = readJson(request, options);
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'the body must be a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
}
