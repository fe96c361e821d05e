/**
 * `logd export` from the first entry to the last: pages → text → output, no faster than the output takes it.
 */

import type { LineWriter } from '../output/line-writer.ts';
import type { Searchable, Wanted } from '../searchable.ts';
import { createEntryText, type ExportFormat } from './entry-text.ts';
import { walkOldestFirst } from './walk.ts';

export interface ExportRequest {
  readonly where: Searchable;
  readonly wanted: Wanted;
  readonly format: ExportFormat;
  readonly writer: LineWriter;
  readonly isForTerminal: boolean;
  /** Told how many entries have been written so far. */
  readonly onWritten: (entryCount: number) => void;
}

/**
 * @returns how many entries were written; the writer tells whether its reader has gone
 * @throws CommandError, ApiError, StoreError: then the export is not whole
 */
export async function runExport(request: ExportRequest): Promise<number> {
  const { where, wanted, format, writer, isForTerminal, onWritten } = request;
  const tickets = format === 'jsonl' ? await where.tickets() : new Map();
  const { header, textOf } = createEntryText({ format, tickets, isForTerminal });
  await writer.write(header);
  let count = 0;
  for await (const entries of walkOldestFirst(where, wanted)) {
    await writer.write(entries.map(textOf).join(''));
    if (writer.gone.aborted) break;
    count += entries.length;
    onWritten(count);
  }
  return count;
}
