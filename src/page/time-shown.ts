/**
 * Times as the pages show them: in UTC or in the zone of the browser, with as much of the date as the rows need.
 */

export type Zone = 'utc' | 'local';

/** How much of the date stands before the time of day. */
export type DateDetail = 'none' | 'day' | 'year';

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "03:14:53.698", "11-23 03:14:53.698" or "2026-11-23 03:14:53.698". */
export function showTime(timeMs: number, zone: Zone, detail: DateDetail): string {
  if (Number.isNaN(timeMs)) return 'no valid time';
  const parts = partsOf(timeMs, zone);
  const ms = ((timeMs % 1000) + 1000) % 1000;
  const time = `${two(parts.hour)}:${two(parts.minute)}:${two(parts.second)}.${String(Math.floor(ms)).padStart(3, '0')}`;
  if (detail === 'none') return time;
  const day = `${two(parts.month)}-${two(parts.day)} ${time}`;
  return detail === 'day' ? day : `${String(parts.year).padStart(4, '0')}-${day}`;
}

/** The date and time without milliseconds, for chart marks and ranges: "11-23 03:14" or with seconds. */
export function showMoment(timeMs: number, zone: Zone, precision: 'minute' | 'second' | 'day'): string {
  const full = showTime(timeMs, zone, 'year');
  if (precision === 'day') return full.slice(0, 10);
  return full.slice(5, precision === 'minute' ? 16 : 19);
}

/** The least detail that leaves no row's day in doubt. */
export function detailFor(timesMs: { readonly oldest: number; readonly newest: number }, nowMs: number, zone: Zone) {
  const { oldest, newest } = timesMs;
  if (Number.isNaN(oldest) || Number.isNaN(newest)) return 'none' satisfies DateDetail;
  const now = partsOf(nowMs, zone);
  const ends = [partsOf(oldest, zone), partsOf(newest, zone)];
  if (ends.some((end) => end.year !== now.year)) return 'year' satisfies DateDetail;
  return ends.some((end) => end.day !== now.day || end.month !== now.month) ? 'day' : ('none' satisfies DateDetail);
}

/** "just now", "4 min", "3 h", "12 d": how long ago. */
export function showAgo(timeMs: number, nowMs: number): string {
  const ago = nowMs - timeMs;
  if (Number.isNaN(ago)) return '';
  if (ago < MINUTE_MS) return 'just now';
  if (ago < HOUR_MS) return `${Math.floor(ago / MINUTE_MS)} min`;
  if (ago < 2 * DAY_MS) return `${Math.floor(ago / HOUR_MS)} h`;
  return `${Math.floor(ago / DAY_MS)} d`;
}

/** "12 s", "4 min", "3 h", "12 d": for how long. */
export function showSpan(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1_000)} s`;
  return showAgo(0, ms);
}

function partsOf(timeMs: number, zone: Zone): Parts {
  const date = new Date(timeMs);
  if (zone === 'utc') {
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  }
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
