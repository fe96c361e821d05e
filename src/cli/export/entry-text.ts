/**
 * Entries as the text of an export, each with its line break.
 */
import type { TicketJson } from '../../api/types.ts';
import { encodeEntry } from '../../entry/codec.ts';
import { type EntryJson, entryFromJson } from '../../entry/entry.ts';
import { CSV_HEADER, csvRow } from '../../viewer/csv.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { entryLine } from '../output/entry-line.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'text'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface EntryText {
  /** What stands before the first entry. */
  readonly header: string;
  textOf(entry: EntryJson): string;
}

export interface EntryTextOptions {
  readonly format: ExportFormat;
  /** What more is known of tickets, by id; told in JSON alone. */
  readonly tickets: ReadonlyMap<string, TicketJson>;
  readonly isForTerminal: boolean;
}

export function createEntryText({ format, tickets, isForTerminal }: EntryTextOptions): EntryText {
  switch (format) {
    case 'jsonl': {
      const line = entryLine({ form: 'json', hasColor: false });
      return { header: '', textOf: (entry) => line(withTicket(entry, tickets)) };
    }
    case 'csv':
      // The only form that keeps control characters as they are: files need them, a terminal would obey them.
      return {
        header: CSV_HEADER,
        textOf: isForTerminal ? (entry) => `${sanitize(csvRow(entry).trimEnd())}\n` : csvRow,
      };
    case 'text':
      return { header: '', textOf: (entry) => encodeEntry(entryFromJson(entry)) };
    default:
      format satisfies never;
      throw new Error('BUG: an export format of unknown kind');
  }
}

function withTicket(entry: EntryJson, tickets: ReadonlyMap<string, TicketJson>): EntryJson {
  const ticket = entry.is_ticket ? tickets.get(entry.uuid) : undefined;
  if (ticket === undefined) return entry;
  const { ticket_status, ticket_opened, ticket_closed } = ticket;
  const more = { ticket_status, ticket_opened, ...(ticket_closed === undefined ? {} : { ticket_closed }) };
  return { ...entry, ...more };
}
