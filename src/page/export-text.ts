/**
 * Entries as files that other programs read.
 */
import type { EntryJson } from '../entry/entry.ts';
import { CSV_HEADER, csvRow } from '../viewer/csv.ts';
import { entryLine } from './entry-text.ts';

export type ExportFormat = 'ndjson' | 'csv' | 'text';

export const EXPORT_FILES: Readonly<Record<ExportFormat, { readonly ending: string; readonly type: string }>> = {
  ndjson: { ending: 'ndjson', type: 'application/x-ndjson' },
  csv: { ending: 'csv', type: 'text/csv' },
  text: { ending: 'log', type: 'text/plain' },
};

/** The whole file, with a line break at its end; entries in the order given. */
export function exportText(entries: readonly EntryJson[], format: ExportFormat): string {
  switch (format) {
    case 'ndjson':
      return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    case 'csv':
      return CSV_HEADER + entries.map(csvRow).join('');
    case 'text':
      return entries.map((entry) => `${entryLine(entry)}\n`).join('');
    default:
      format satisfies never;
      throw new Error('BUG: an export format of unknown kind');
  }
}
