/**
 * The check at the door: a JSON value of unknown shape becomes a draft, or a reason why not.
 */
import type { Draft, Fields, FieldValue } from './entry.ts';
import { foldLevel } from './level.ts';
import {
  CLIENT_ID_LENGTH_MAX,
  CUT_MARK,
  FIELD_COUNT_MAX,
  FIELD_DEPTH_MAX,
  FIELD_NAME_LENGTH_MAX,
  FIELDS_LENGTH_MAX,
  SERVER_LINE_BYTES_MAX,
  SOURCE_LENGTH_MAX,
} from './limits.ts';
import { parseEventTime } from './time.ts';

export type DraftParsed =
  | { readonly ok: true; readonly draft: Draft }
  | { readonly ok: false; readonly reason: string };

export const UNKNOWN_CLIENT = 'UNKNOWN_CLIENT';

/** Takes `{"level","message","client_id","timestamp"?,"source"?,"fields"?}`; other names are ignored. */
export function parseDraft(value: unknown): DraftParsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return bad('an entry must be a JSON object such as {"level":"INFO","message":"text","client_id":"web-1"}');
  }
  const given = value as Readonly<Record<string, unknown>>;
  if (typeof given.message !== 'string' || given.message === '') {
    return bad('"message" is missing: send a text that is not empty');
  }
  const client = optionalText(given.client_id, 'client_id', CLIENT_ID_LENGTH_MAX);
  if (!client.ok) return client;
  const source = optionalText(given.source, 'source', SOURCE_LENGTH_MAX);
  if (!source.ok) return source;
  let timeMs: number | undefined;
  if (given.timestamp !== undefined && given.timestamp !== null && given.timestamp !== '') {
    const time = parseEventTime(given.timestamp);
    if (!time.ok) return bad(`"timestamp": ${time.reason}`);
    timeMs = time.timeMs;
  }
  let fields: Fields | undefined;
  if (given.fields !== undefined && given.fields !== null) {
    const flat = flattenFields(given.fields);
    if (!flat.ok) return flat;
    fields = flat.fields;
  }
  return {
    ok: true,
    draft: {
      level: foldLevel(given.level),
      clientId: client.text ?? UNKNOWN_CLIENT,
      message: cutMessage(given.message.toWellFormed()),
      timeMs,
      source: source.text,
      fields,
    },
  };
}

/** Nested objects become names with dots (`{"http":{"status":404}}` → `http.status`); arrays are kept as JSON text. */
function flattenFields(value: unknown): { ok: true; fields: Fields | undefined } | { ok: false; reason: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return bad('"fields" must be a JSON object of names and values');
  }
  // A Map first, so that a field named __proto__ is a field like any other.
  const flat = new Map<string, FieldValue>();
  collectFields(flat, '', value as Readonly<Record<string, unknown>>, 1);
  if (flat.size === 0) return { ok: true, fields: undefined };
  if (flat.size > FIELD_COUNT_MAX) return bad(`"fields" has ${flat.size} names, at most ${FIELD_COUNT_MAX} are kept`);
  for (const name of flat.keys()) {
    if (name.length > FIELD_NAME_LENGTH_MAX) {
      return bad(`"fields" has a name of ${name.length} characters, at most ${FIELD_NAME_LENGTH_MAX} are kept`);
    }
  }
  const fields = Object.fromEntries(flat);
  const length = JSON.stringify(fields).length;
  if (length > FIELDS_LENGTH_MAX)
    return bad(`"fields" has ${length} characters, at most ${FIELDS_LENGTH_MAX} are kept`);
  return { ok: true, fields };
}

function collectFields(
  flat: Map<string, FieldValue>,
  prefix: string,
  object: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  for (const [key, value] of Object.entries(object)) {
    const name = (prefix === '' ? key : `${prefix}.${key}`).toWellFormed();
    if (typeof value === 'string') flat.set(name, value.toWellFormed());
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) flat.set(name, value);
    else if (typeof value !== 'object') continue;
    else if (Array.isArray(value) || depth >= FIELD_DEPTH_MAX) flat.set(name, JSON.stringify(value).toWellFormed());
    else collectFields(flat, name, value as Readonly<Record<string, unknown>>, depth + 1);
  }
}

function optionalText(
  value: unknown,
  name: string,
  lengthMax: number,
): { ok: true; text: string | undefined } | { ok: false; reason: string } {
  if (value === undefined || value === null || value === '') return { ok: true, text: undefined };
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return bad(`"${name}" must be a text`);
  if (text.length > lengthMax) return bad(`"${name}" has ${text.length} characters, at most ${lengthMax} are kept`);
  return { ok: true, text: text.toWellFormed() };
}

/** At most SERVER_LINE_BYTES_MAX bytes of UTF-8, never cut inside a character. */
function cutMessage(message: string): string {
  if (message.length * 3 <= SERVER_LINE_BYTES_MAX) return message;
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= SERVER_LINE_BYTES_MAX) return message;
  let end = SERVER_LINE_BYTES_MAX - CUT_MARK.length;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end)) + CUT_MARK;
}

function bad(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
