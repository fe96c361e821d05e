/**
 * An entry as one line of output: for people, or as JSON for programs. Nothing in it can act on a terminal.
 */
import type { EntryJson } from '../../entry/entry.ts';
import type { Level } from '../../entry/level.ts';
import { sanitize } from '../../viewer/sanitize.ts';

export type EntryLine = (entry: EntryJson) => string;

export interface EntryLineOptions {
  readonly form: 'text' | 'json';
  /** ANSI colours; only for text. */
  readonly hasColor: boolean;
}

const RESET = '\x1b[0m';
const DIM = '\x1b[2m';
const CLIENT_COLOR = '\x1b[36m';
const LEVEL_COLORS: Readonly<Record<Level, string>> = {
  DEBUG: '\x1b[2m',
  INFO: '\x1b[32m',
  WARNING: '\x1b[33m',
  ERROR: '\x1b[31m',
  CRITICAL: '\x1b[1;37;41m',
  UNKNOWN: '\x1b[2m',
};
const LEVEL_WIDTH = 8;

/** What JSON leaves as it is although a terminal acts on it or hides it: as \u escapes it is the same JSON. */
const JSON_UNSAFE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Makes lines, each with its line break. */
export function entryLine({ form, hasColor }: EntryLineOptions): EntryLine {
  if (form === 'json') return jsonLine;
  return hasColor ? colorLine : textLine;
}

function jsonLine(entry: EntryJson): string {
  return `${JSON.stringify(entry).replace(JSON_UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

function textLine({ timestamp_str, log_level, client_id, message }: EntryJson): string {
  return `${timestamp_str} ${log_level.padEnd(LEVEL_WIDTH)} ${sanitize(client_id)} ${shownMessage(message)}\n`;
}

function colorLine({ timestamp_str, log_level, client_id, message }: EntryJson): string {
  const level = `${LEVEL_COLORS[log_level]}${log_level}${RESET}${' '.repeat(LEVEL_WIDTH - log_level.length)}`;
  return `${DIM}${timestamp_str}${RESET} ${level} ${CLIENT_COLOR}${sanitize(client_id)}${RESET} ${shownMessage(message)}\n`;
}

function shownMessage(message: string): string {
  return sanitize(message, { tabs: 'keep' });
}
