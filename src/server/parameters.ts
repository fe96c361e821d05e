/**
 * Query strings of the HTTP interface, checked: what a route gets is typed and within its bounds.
 */
import type { FastifyRequest } from 'fastify';
import { isId } from '../entry/id.ts';
import { SEARCH_MS_MAX } from '../entry/limits.ts';
import { describeFault, parseQuery } from '../entry/query/parse.ts';
import type { Query } from '../entry/query/query.ts';
import { parseTimeBound } from '../entry/time.ts';
import type { RangeRequest, TimePosition } from '../store/store.ts';
import { HttpError } from './errors.ts';

export type Parameters = Readonly<Record<string, string | undefined>>;

/** A parameter given twice counts with its last value. */
export function parametersOf(request: FastifyRequest): Parameters {
  const given = request.query as Readonly<Record<string, string | string[]>>;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  );
}

export function queryOf(parameters: Parameters): { text: string; query: Query } {
  const text = (parameters.query ?? parameters.q ?? '').trim();
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new HttpError(400, describeFault(text, parsed), { position: parsed.position });
  return { text, query: parsed.query };
}

export function rangeOf(parameters: Parameters, nowMs: number): RangeRequest {
  return {
    query: queryOf(parameters).query,
    sinceMs: timeOf(parameters, 'since', nowMs),
    untilMs: timeOf(parameters, 'until', nowMs),
    timeLimitMs: SEARCH_MS_MAX,
  };
}

function timeOf(parameters: Parameters, name: string, nowMs: number): number | undefined {
  const text = parameters[name];
  if (text === undefined || text === '') return undefined;
  const parsed = parseTimeBound(text, nowMs);
  if (!parsed.ok) throw new HttpError(400, `"${name}": ${parsed.reason}`);
  return parsed.timeMs;
}

export function countOf(
  parameters: Parameters,
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  const text = parameters[name];
  if (text === undefined || text === '') return fallback;
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count < min || count > max) {
    throw new HttpError(400, `"${name}" must be a whole number from ${min} to ${max}, got "${text.slice(0, 40)}"`);
  }
  return count;
}

export function oneOf<Word extends string>(
  parameters: Parameters,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const text = parameters[name];
  if (text === undefined || text === '') return words[0];
  const word = words.find((known) => known === text);
  if (word === undefined)
    throw new HttpError(400, `"${name}" must be ${words.join(' or ')}, got "${text.slice(0, 40)}"`);
  return word;
}

/** An id in a path or parameter, in any case. */
export function idOf(text: string | undefined): string {
  const id = (text ?? '').trim().toLowerCase();
  if (!isId(id)) throw new HttpError(404, `there is no entry "${(text ?? '').slice(0, 40)}": an id is a UUID`);
  return id;
}

/** Cursors are opaque to clients: time and id of the last entry shown. */
export function encodeCursor(cursor: TimePosition): string {
  return `${cursor.timeMs}.${cursor.id}`;
}

export function cursorOf(parameters: Parameters): TimePosition | undefined {
  const text = parameters.cursor;
  if (text === undefined || text === '') return undefined;
  const [, time, id] = /^(-?\d{1,16})\.([0-9a-f-]{36})$/.exec(text) ?? [];
  if (time === undefined || id === undefined || !isId(id)) {
    throw new HttpError(400, '"cursor" must be one that an earlier answer gave');
  }
  return { timeMs: Number(time), id };
}
