/**
 * The query that finds what is said once more: the same message, whatever numbers and hexadecimal ids stand in it.
 */
import { QUERY_LENGTH_MAX } from '../../entry/limits.ts';
import { parseQuery } from '../../entry/query/parse.ts';

/** What is compared: enough to know a message by. */
const COMPARED_LENGTH = 160;
const VARYING = /0x[0-9a-fA-F]+|[0-9a-fA-F]*\d[0-9a-fA-F]*(?:-[0-9a-fA-F]+)*/g;
const VARYING_PATTERN = '[0-9a-fA-Fx-]+';

/** Undefined: there is nothing to know the message by, or no query that says it. */
export function similarQuery(message: string): string | undefined {
  const line = message.slice(0, COMPARED_LENGTH).split('\n')[0] ?? '';
  const fixed = line.replace(VARYING, '').replace(/[^\p{L}]/gu, '');
  if (fixed.length < 4) return undefined;
  let pattern = '^';
  let at = 0;
  for (const found of line.matchAll(VARYING)) {
    pattern += escaped(line.slice(at, found.index)) + VARYING_PATTERN;
    at = found.index + found[0].length;
  }
  const query = `/${pattern}${escaped(line.slice(at))}/`;
  return query.length <= QUERY_LENGTH_MAX && parseQuery(query).ok ? query : undefined;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[\u0000-\u001f]/g, '.');
}
