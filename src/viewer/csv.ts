/**
 * Entries as CSV (RFC 4180), for spreadsheets and what reads like them.
 */
import type { EntryJson } from '../entry/entry.ts';

const COLUMNS = [
  'timestamp',
  'log_level',
  'client_id',
  'message',
  'source',
  'fields',
  'note',
  'is_pinned',
  'is_ticket',
  'is_deleted',
  'uuid',
] as const;

/** The row of names, with its line break. */
export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

/** A row, with its line break; fields are JSON in one cell. */
export function csvRow(entry: EntryJson): string {
  const cells = COLUMNS.map((name) => {
    const value = name === 'fields' ? entry.fields && JSON.stringify(entry.fields) : entry[name];
    return csvCell(String(value ?? ''));
  });
  return `${cells.join(',')}\r\n`;
}

/** A spreadsheet would run a cell that begins like a formula: the apostrophe makes it text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
