/**
 * Entries as files that other programs read.
 */
import type { EntryJson } from '../entry/entry.ts';
import { entryLine } from './entry-text.ts';

export type ExportFormat = 'ndjson' | 'csv' | 'text';

export const EXPORT_FILES: Readonly<Record<ExportFormat, { readonly ending: string; readonly type: string }>> = {
  ndjson: { ending: 'ndjson', type: 'application/x-ndjson' },
  csv: { ending: 'csv', type: 'text/csv' },
  text: { ending: 'log', type: 'text/plain' },
};

const COLUMNS = ['timestamp', 'log_level', 'client_id', 'message', 'source', 'fields', 'note', 'uuid'] as const;

/** The whole file, with a line break at its end; entries in the order given. */
export function exportText(entries: readonly EntryJson[], format: ExportFormat): string {
  switch (format) {
    case 'ndjson':
      return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    case 'csv':
      // RFC 4180.
      return [COLUMNS.join(','), ...entries.map(csvRow)].map((row) => `${row}\r\n`).join('');
    case 'text':
      return entries.map((entry) => `${entryLine(entry)}\n`).join('');
    default:
      format satisfies never;
      throw new Error('BUG: an export format of unknown kind');
  }
}

function csvRow(entry: EntryJson): string {
  return COLUMNS.map((name) => {
    const value = name === 'fields' ? entry.fields && JSON.stringify(entry.fields) : entry[name];
    return csvCell(value ?? '');
  }).join(',');
}

/** A spreadsheet would run a cell that begins like a formula: the apostrophe makes it text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
