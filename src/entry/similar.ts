/**
 * What says the same: messages that differ in numbers and hexadecimal ids only. As a likeness, which two messages share
 * when they say the same, and as the query that finds them.
 */
import { QUERY_LENGTH_MAX } from './limits.ts';
import { parseQuery } from './query/parse.ts';

/** What is looked at of a first line, and what is compared of it once its numbers are masked. */
const LINE_LENGTH = 400;
const COMPARED_LENGTH = 160;
/** Letters that must stand still, for a message to be known by them. */
const LETTERS_MIN = 4;
const VARYING = /0x[0-9a-fA-F]+|[0-9a-fA-F]*\d[0-9a-fA-F]*(?:-[0-9a-fA-F]+)*/g;
const VARYING_PATTERN = '[0-9a-fA-Fx-]+';
const MASK = '\u0000';

/** Undefined: there is nothing to know the message by. */
export function likenessOf(message: string): string | undefined {
  const likeness = masked(message);
  return likeness.replace(/[^\p{L}]/gu, '').length < LETTERS_MIN ? undefined : likeness;
}

/** Undefined: there is nothing to know the message by, or no query that says it. */
export function similarQuery(message: string): string | undefined {
  const likeness = likenessOf(message);
  if (likeness === undefined) return undefined;
  const pattern = likeness.split(MASK).map(escaped).join(VARYING_PATTERN);
  const query = `/^${pattern}${likeness.length < COMPARED_LENGTH ? '(?:\\n|$)' : ''}/`;
  return query.length <= QUERY_LENGTH_MAX && parseQuery(query).ok ? query : undefined;
}

function masked(message: string): string {
  const line = message.slice(0, LINE_LENGTH).split('\n', 1)[0] ?? '';
  return line.replace(VARYING, MASK).slice(0, COMPARED_LENGTH);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[\u0001-\u001f]/g, '.');
}
