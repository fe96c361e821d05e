/**
 * Memory that bodies on their way in may take together: each has its own bound, but many at once do not fit. A body's room
 * is set aside when its head has come, by the length it gives.
 */
import type { FastifyInstance } from 'fastify';
import { BODY_BYTES_MAX } from '../../entry/limits.ts';
import { HttpError } from '../errors.ts';

/** Of all bodies under way. Beyond: 503 with Retry-After for the next one. */
const BODIES_BYTES_MAX = 384 * 1024 * 1024;
/** Bodies known to be smaller are not counted. */
export const SMALL_BYTES = 64 * 1024;
/** Set aside for a body that comes in chunks and gives no length. */
const CHUNKED_BYTES = 8 * 1024 * 1024;

export function limitBodies(app: FastifyInstance, bytesMax = BODIES_BYTES_MAX): void {
  let heldBytes = 0;
  app.addHook('preParsing', (request, reply, payload, done) => {
    const given = request.headers['content-length'];
    const bytes = given === undefined ? CHUNKED_BYTES : Math.min(Number(given) || 0, BODY_BYTES_MAX);
    if (bytes < SMALL_BYTES || request.method === 'GET' || request.method === 'HEAD') {
      done(null, payload);
    } else if (heldBytes > 0 && heldBytes + bytes > bytesMax) {
      done(new HttpError(503, 'the server is taking in as much as it has room for: try again later'));
    } else {
      heldBytes += bytes;
      reply.raw.on('close', () => {
        heldBytes -= bytes;
      });
      done(null, payload);
    }
  });
}
