/**
 * Lines of any program's log → records: a line is an entry. The level is told as the source `file` tells it. The time is
 * what the line says: with a zone, or without one in UTC, or as syslog writes it; a line that says none has that of the
 * line before, and with no time so far it gets that of the import.
 */
import { parseEventTime } from '../../entry/time.ts';
import { timeOfLine } from '../event-time.ts';
import { levelOfLine } from '../level.ts';
import { parseSyslog } from '../syslog.ts';
import type { LineReader, RecordListener } from './record.ts';

export interface PlainOptions {
  readonly clientId: string;
  readonly source: string;
  /** Decides the year of a time that has none: the last one in which it is past. */
  readonly nowMs: number;
}

const HALF_YEAR_MS = 182 * 86_400_000;

const ZONELESS = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)(?![\d:+Z])/;

export function createPlainReader({ onRecord }: RecordListener, options: PlainOptions): LineReader {
  const { clientId, source, nowMs } = options;
  // The nearest to half a year ago.
  const aboutMs = nowMs - HALF_YEAR_MS;
  let timeMs: number | undefined;
  return {
    line(text, line) {
      if (text.trim() === '') return;
      timeMs = timeOfLine(text) ?? zonelessTime(text) ?? parseSyslog(text, aboutMs).timeMs ?? timeMs;
      onRecord({ line, draft: { level: levelOfLine(text) ?? 'UNKNOWN', clientId, message: text, timeMs, source } });
    },
    end() {},
  };
}

function zonelessTime(line: string): number | undefined {
  const time = ZONELESS.exec(line.slice(0, 48))?.[1];
  if (time === undefined) return undefined;
  const parsed = parseEventTime(time);
  return parsed.ok ? parsed.timeMs : undefined;
}
