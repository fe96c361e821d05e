/**
 * A request's body from its pieces. Their memory is given back as they come: at 200 MB/s the collector would be called
 * for it ten times a second, and take a quarter of the time of the loop that answers.
 */
import type { FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX } from '../entry/limits.ts';
import { giveBack } from '../system/memory.ts';
import { HttpError } from './errors.ts';
import { tooLarge } from './unpack.ts';

interface Payload {
  on(event: 'data', listener: (piece: Buffer) => void): unknown;
  on(event: 'end' | 'error', listener: (error?: Error) => void): unknown;
  pause(): unknown;
}

/**
 * @throws HttpError 400 when it is cut off or not as long as its Content-Length says, 413
 */
export function collectBody(request: FastifyRequest, payload: Payload): Promise<Buffer> {
  const given = request.headers['content-length'];
  const length = given === undefined ? undefined : Number(given);
  if (length !== undefined && length > BODY_BYTES_MAX) return Promise.reject(new HttpError(413, tooLarge()));
  return new Promise((resolve, reject) => {
    const whole = length === undefined ? undefined : Buffer.allocUnsafeSlow(length);
    const pieces: Buffer[] = [];
    let size = 0;
    payload.on('data', (piece) => {
      const at = size;
      size += piece.length;
      if (size > BODY_BYTES_MAX) {
        payload.pause();
        reject(new HttpError(413, tooLarge()));
      } else if (whole) {
        piece.copy(whole, at);
        giveBack(piece);
      } else {
        pieces.push(piece);
      }
    });
    payload.on('error', (error) => reject(new HttpError(400, 'the body was cut off', { cause: error })));
    payload.on('end', () => {
      if (whole && size !== whole.length)
        reject(new HttpError(400, 'the body is not as long as "Content-Length" says'));
      else resolve(whole ?? Buffer.concat(pieces));
    });
  });
}
