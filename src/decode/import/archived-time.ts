/**
 * The time that a line of an old log says, in the forms that programs write. Unlike the reader of a live log, who knows the
 * time of reading, an import has nothing nearer to the truth than a time without a zone: it is taken as UTC.
 */
import { parseEventTime } from '../../entry/time.ts';
import { timeOfLine } from '../event-time.ts';
import { parseSyslog } from '../syslog.ts';

const HALF_YEAR_MS = 182 * 86_400_000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2025-05-01 10:00:00,123`, perhaps in a bracket. */
const ISO = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)(?![\d:+Z])/;
/** `… [10/Oct/2000:13:55:36 -0700] …`, of web servers' access logs. */
const COMMON = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]/;
/** `[Sun Dec 04 04:47:44.123456 2005]`, of Apache's error log. */
const CTIME = /^\[?(?:[A-Z][a-z]{2} )([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d)(\.\d{1,9})? (\d{4})\b/;
/** How much of a line may stand before its time. */
const HEAD_LENGTH = 256;

/**
 * ms since the epoch; undefined: it says none.
 * @param nowMs decides the year of a time that has none: the last one in which it is past
 */
export function archivedTimeOf(line: string, nowMs: number): number | undefined {
  return (
    timeOfLine(line) ??
    isoTime(line) ??
    commonTime(line) ??
    ctime(line) ??
    // Its year is the one nearest to half a year ago.
    parseSyslog(line, nowMs - HALF_YEAR_MS).timeMs
  );
}

function isoTime(line: string): number | undefined {
  const time = ISO.exec(line.slice(0, 48))?.[1];
  return time === undefined ? undefined : timeMsOf(time);
}

function commonTime(line: string): number | undefined {
  const [, day, month = '', year, clock, zone] = COMMON.exec(line.slice(0, HEAD_LENGTH)) ?? [];
  return day === undefined ? undefined : timeMsOf(`${year}-${monthNumber(month)}-${day}T${clock}${zone}`);
}

function ctime(line: string): number | undefined {
  const [, month = '', day, clock, fraction = '', year] = CTIME.exec(line.slice(0, HEAD_LENGTH)) ?? [];
  if (day === undefined) return undefined;
  return timeMsOf(`${year}-${monthNumber(month)}-${day.padStart(2, '0')}T${clock}${fraction}`);
}

/** `00`, which is no month, for what is none. */
function monthNumber(name: string): string {
  return String(MONTHS.indexOf(name) + 1).padStart(2, '0');
}

function timeMsOf(text: string): number | undefined {
  const parsed = parseEventTime(text);
  return parsed.ok ? parsed.timeMs : undefined;
}
