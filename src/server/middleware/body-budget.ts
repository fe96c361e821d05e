/**
 * Memory that bodies on their way in may take together: each has its own bound, but many at once do not fit. Only what has
 * arrived counts, so that a slow sender holds no room it does not use.
 */
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.ts';

/** Of all bodies under way. Beyond: 503 with Retry-After for the next one. */
const BODIES_BYTES_MAX = 512 * 1024 * 1024;
/** Bodies known to be smaller are not counted. */
const SMALL_BYTES = 64 * 1024;

export function limitBodies(app: FastifyInstance, bytesMax = BODIES_BYTES_MAX): void {
  let heldBytes = 0;
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) < SMALL_BYTES) {
      done(null, payload);
      return;
    }
    if (heldBytes > bytesMax) {
      done(new HttpError(503, 'the server is taking in as much as it has room for: try again later'));
      return;
    }
    let bytes = 0;
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      heldBytes += chunk.length;
    });
    reply.raw.on('close', () => {
      heldBytes -= bytes;
    });
    done(null, payload);
  });
}
