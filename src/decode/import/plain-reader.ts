/**
 * Lines of any program's log → records: a line is an entry. The level is told as the source `file` tells it. A line that
 * says no time has that of the line before, and with no time so far it gets that of the import.
 */
import { levelOfLine } from '../level.ts';
import { archivedTimeOf } from './archived-time.ts';
import type { LineReader, RecordListener } from './record.ts';

export interface PlainOptions {
  readonly clientId: string;
  readonly source: string;
  /** Decides the year of a time that has none. */
  readonly nowMs: number;
}

export function createPlainReader({ onRecord }: RecordListener, options: PlainOptions): LineReader {
  const { clientId, source, nowMs } = options;
  let timeMs: number | undefined;
  return {
    line(text, line) {
      if (text.trim() === '') return;
      timeMs = archivedTimeOf(text, nowMs) ?? timeMs;
      onRecord({ line, draft: { level: levelOfLine(text) ?? 'UNKNOWN', clientId, message: text, timeMs, source } });
    },
    end() {},
  };
}
