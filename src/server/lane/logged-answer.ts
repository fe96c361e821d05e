/**
 * The answer to a post that was stored, as bytes of HTTP/1.1: what the ordinary way sends, made once a second.
 */
import { ID_NONE } from '../../entry/id.ts';
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
  // An id is ASCII: as many bytes as characters.
  const body = JSON.stringify(loggedBody(ID_NONE));
  const [bodyStart = '', bodyEnd = ''] = body.split(ID_NONE);
  let second = Number.NaN;
  let last = '';
  let other = '';

  return (id, isLast) => {
    const now = Math.floor(clock.nowMs() / 1000);
    if (now !== second) {
      second = now;
      const head = `HTTP/1.1 201 Created\r\n${fixed}Date: ${new Date(now * 1000).toUTCString()}\r\ncontent-length: ${body.length}\r\n`;
      last = `${head}Connection: close\r\n\r\n${bodyStart}`;
      other = `${head}${goesOn}\r\n\r\n${bodyStart}`;
    }
    return `${isLast ? last : other}${id}${bodyEnd}`;
  };
}
