/**
 * A line of `journalctl -o json --all` → an entry of the journal. Values are texts, arrays of byte numbers (what is no
 * UTF-8 or not printable), or arrays of these (a field given several times).
 */

import type { Fields } from '../entry/entry.ts';
import { parseJson } from '../entry/json.ts';
import type { Level } from '../entry/level.ts';
import { levelOfLine, levelOfSeverity } from './level.ts';

export interface JournalEntry {
  /** Where to go on behind it. */
  readonly cursor: string;
  readonly level: Level;
  readonly timeMs: number | undefined;
  readonly message: string;
  /** Unit, program and process, as far as the journal knows them. */
  readonly fields: Fields | undefined;
}

const FIELDS: readonly (readonly [field: string, name: string])[] = [
  ['_SYSTEMD_UNIT', 'unit'],
  ['SYSLOG_IDENTIFIER', 'identifier'],
  ['_PID', 'pid'],
  ['_HOSTNAME', 'host'],
];

/** Undefined: it is no entry. */
export function parseJournalLine(line: string): JournalEntry | undefined {
  const entry = parseObject(line);
  const cursor = entry && textOf(entry.__CURSOR);
  if (!entry || cursor === undefined) return undefined;
  const fields: Record<string, string> = {};
  for (const [field, name] of FIELDS) {
    const text = textOf(entry[field]);
    if (text !== undefined && text !== '') fields[name] = text;
  }
  const told = textOf(entry.MESSAGE);
  const message = told || `(an entry of ${fields.identifier ?? fields.unit ?? 'the journal'} without a message)`;
  const micros = Number(textOf(entry._SOURCE_REALTIME_TIMESTAMP) ?? textOf(entry.__REALTIME_TIMESTAMP));
  return {
    cursor,
    level: levelOf(textOf(entry.PRIORITY), message),
    timeMs: Number.isFinite(micros) && micros > 0 ? Math.floor(micros / 1_000) : undefined,
    message,
    fields: Object.keys(fields).length === 0 ? undefined : fields,
  };
}

function levelOf(priority: string | undefined, message: string): Level {
  if (priority !== undefined && /^[0-7]$/.test(priority)) return levelOfSeverity(Number(priority));
  return levelOfLine(message) ?? 'INFO';
}

/** Of a field given several times, all its values on lines of their own. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  if (!Array.isArray(value)) return undefined;
  if (value.every((part) => typeof part === 'number')) return Buffer.from(value).toString();
  const parts = value.flatMap((part) => textOf(part) ?? []);
  return parts.length === 0 ? undefined : parts.join('\n');
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parseJson(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Cut off by the end of journalctl: the entry comes again behind the last cursor.
    return undefined;
  }
}
