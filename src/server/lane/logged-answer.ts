/**
 * The answer to a post that was stored, as bytes of HTTP/1.1: what the ordinary way sends, made once a second.
 */
import type { Clock } from '../../system/clock.ts';
import { SAFETY_HEADERS } from '../middleware/safety-headers.ts';
import { loggedBody } from '../routes/log.ts';

/** @param isLast the connection ends with it */
export type LoggedAnswer = (id: string, isLast: boolean) => string;

export function createLoggedAnswer(clock: Clock, keepAliveMs: number): LoggedAnswer {
  const fixed = Object.entries({ ...SAFETY_HEADERS, 'content-type': 'application/json; charset=utf-8' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const goesOn = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`;
  let second = Number.NaN;
  let head = '';

  return (id, isLast) => {
    const now = Math.floor(clock.nowMs() / 1000);
    if (now !== second) {
      second = now;
      head = `HTTP/1.1 201 Created\r\n${fixed}Date: ${new Date(now * 1000).toUTCString()}\r\n`;
    }
    // An id is ASCII: as many bytes as characters.
    const body = JSON.stringify(loggedBody(id));
    return `${head}content-length: ${body.length}\r\n${isLast ? 'Connection: close' : goesOn}\r\n\r\n${body}`;
  };
}
