/**
 * The text form of an entry in app.log, both ways. One entry begins one line; what it does not show is escaped, so that
 * no message can forge an entry, showing the file in a terminal is safe, and reading gives back exactly what was sent.
 *
 *   2026-11-23 03:10:11,123 - [ERROR] - [web-1] - [ID:0193…] - message⇥{"source":"syslog","fields":{…}}
 *   ⇥a further line of the message
 */
import type { Draft, Entry, Fields } from './entry.ts';
import { ID_LENGTH } from './id.ts';
import { parseJson } from './json.ts';
import { foldLevel, LEVELS, type Level } from './level.ts';
import { formatLogTime, parseLogTime } from './time.ts';

/** What needs no look at the rules: no control character, no backslash, no DEL, no C1. */
const PLAIN = /^[^\u0000-\u001f\\\u007f-\u009f]*$/;
const CLIENT_PLAIN = /^[^\u0000-\u001f\\\]\u007f-\u009f]*$/;
const CLIENT_ESCAPED = /[\u0000-\u001f\\\]\u007f-\u009f]/g;
/** LF; TAB before `{`; the other control characters; a backslash that could be read as one of our escapes. */
const MESSAGE_ESCAPED = /\n|\t(?=\{)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\\(?=x[0-9a-fA-F]{2})/g;
const ESCAPE = /\\x([0-9a-fA-F]{2})/g;
const JSON_CONTROL = /[\u007f-\u009f]/g;

const HEAD = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - \[([A-Z]+)\] - \[([^\]\n]+)\] - \[ID:([0-9a-fA-F-]{36})\] - /;

/** The text of an entry up to where its id goes. */
export function encodeHead(timeMs: number, level: Level, clientId: string): string {
  return `${formatLogTime(timeMs)} - [${level}] - [${encodeClient(clientId)}] - [ID:`;
}

/** The text of an entry after its id, with the line break that ends it. */
export function encodeTail(draft: Pick<Draft, 'message' | 'source' | 'fields'>): string {
  return `] - ${encodeMessage(draft.message)}${encodeAttributes(draft.source, draft.fields)}\n`;
}

export function encodeEntry(entry: Entry): string {
  return encodeHead(entry.timeMs, entry.level, entry.clientId) + entry.id + encodeTail(entry);
}

/** The entry that a text of app.log holds (its lines, with or without the last line break); undefined: not an entry. */
export function decodeEntry(text: string): Entry | undefined {
  const head = HEAD.exec(text);
  if (!head) return undefined;
  const [matched, time = '', level = '', client = '', id = ''] = head;
  const timeMs = parseLogTime(time);
  if (Number.isNaN(timeMs)) return undefined;
  return {
    id: id.toLowerCase(),
    timeMs,
    level: isLevel(level) ? level : foldLevel(level),
    clientId: decodeEscapes(client),
    ...decodeTail(text.slice(matched.length)),
  };
}

/** What an entry's text says after its head: the reverse of encodeTail, without the mark that ends the head. */
export function decodeTail(text: string): Pick<Entry, 'message' | 'source' | 'fields'> {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  const attributesAt = findAttributes(text, end);
  const attributes = attributesAt === end ? undefined : decodeAttributes(text.slice(attributesAt + 1, end));
  // What is no attributes was written by hand or by another program: it is part of the message.
  const message = decodeMessage(text.slice(0, attributes === undefined ? end : attributesAt));
  return attributes === undefined ? { message } : { message, ...attributes };
}

/** Whether a line begins an entry; a line that does not is a further line of the entry before it. */
export function isHeadLine(line: string): boolean {
  return HEAD.test(line);
}

/** The id in an entry's text; undefined when the text does not begin an entry. */
export function idInText(text: string): string | undefined {
  return HEAD.exec(text)?.[4]?.toLowerCase();
}

export const ID_ROOM = '0'.repeat(ID_LENGTH);

function encodeClient(clientId: string): string {
  return CLIENT_PLAIN.test(clientId) ? clientId : clientId.replace(CLIENT_ESCAPED, hex);
}

function encodeMessage(message: string): string {
  if (PLAIN.test(message)) return message;
  return message.replace(MESSAGE_ESCAPED, (found) => (found === '\n' ? '\n\t' : hex(found)));
}

function encodeAttributes(source: string | undefined, fields: Fields | undefined): string {
  if (source === undefined && fields === undefined) return '';
  return `\t${JSON.stringify({ source, fields }).replace(JSON_CONTROL, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}`;
}

/** Where the attributes' TAB stands, or `end` without attributes. Only the last line has them, never as its first character. */
function findAttributes(text: string, end: number): number {
  const lastLine = text.lastIndexOf('\n', end - 1) + 1;
  const at = text.indexOf('\t{', lastLine === 0 ? 0 : lastLine + 1);
  return at === -1 || at >= end ? end : at;
}

function decodeMessage(text: string): string {
  return decodeEscapes(text.includes('\n\t') ? text.replaceAll('\n\t', '\n') : text);
}

/** A text of app.log with its escapes undone: a client id, a message. */
export function decodeEscapes(text: string): string {
  return text.includes('\\x')
    ? text.replace(ESCAPE, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
    : text;
}

function decodeAttributes(text: string): { source?: string; fields?: Fields } | undefined {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    // Not JSON: the caller takes it for text.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { source, fields, ...others } = value as { source?: unknown; fields?: unknown };
  const isSource = source === undefined || typeof source === 'string';
  const isFields = fields === undefined || (typeof fields === 'object' && fields !== null && !Array.isArray(fields));
  if (!isSource || !isFields || Object.keys(others).length > 0) return undefined;
  return { ...(source === undefined ? {} : { source }), ...(fields === undefined ? {} : { fields: fields as Fields }) };
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function isLevel(word: string): word is Level {
  return (LEVELS as readonly string[]).includes(word);
}
