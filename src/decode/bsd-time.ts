/**
 * The times of RFC 3164 §4.1.2, `Oct 11 22:14:15`: without a year, which is then the one nearest to now, and without a
 * zone, which is then the machine's.
 */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export interface BsdTime {
  /** `Jan` … `Dec`, in any case. */
  readonly month: string;
  readonly day: string;
  /** Four digits, where the writer gave it. */
  readonly year?: string | undefined;
  /** `22:14:15` */
  readonly clock: string;
  /** Digits behind the point; may be empty. */
  readonly fraction: string;
}

/** Lines of one minute are many: the minute is worked out once. */
let cachedMinute = '';
let cachedMinuteMs = Number.NaN;
let cachedForMs = Number.NaN;
/** Within this much of the cache's "now" the nearest year is the same but for times half a year away. */
const CACHE_MS_MAX = 60_000;

/** ms since the epoch; undefined when there is no such day or time. */
export function bsdTimeMs(time: BsdTime, nowMs: number): number | undefined {
  const minute = `${time.year ?? ''} ${time.month} ${time.day} ${time.clock.slice(0, 5)}`;
  if (minute !== cachedMinute || Math.abs(nowMs - cachedForMs) > CACHE_MS_MAX) {
    cachedMinute = minute;
    cachedForMs = nowMs;
    cachedMinuteMs = minuteMs(time, nowMs) ?? Number.NaN;
  }
  const second = Number(time.clock.slice(6, 8));
  if (Number.isNaN(cachedMinuteMs) || second > 60) return undefined;
  return cachedMinuteMs + Math.min(second, 59) * 1_000 + Number(time.fraction.slice(0, 3).padEnd(3, '0'));
}

function minuteMs({ month, day, year, clock }: BsdTime, nowMs: number): number | undefined {
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const hour = Number(clock.slice(0, 2));
  const minute = Number(clock.slice(3, 5));
  if (monthIndex === -1 || hour > 23 || minute > 59) return undefined;
  const thisYear = new Date(nowMs).getFullYear();
  // Feb 29 may be up to eight years away.
  const years = year === undefined ? [0, -1, 1, -2, 2, -3, 3, -4, 4, -8].map((by) => thisYear + by) : [Number(year)];
  let nearest: number | undefined;
  for (const candidate of years) {
    const date = new Date(candidate, monthIndex, Number(day), hour, minute);
    if (date.getMonth() !== monthIndex || date.getDate() !== Number(day)) continue;
    if (nearest === undefined || Math.abs(date.getTime() - nowMs) < Math.abs(nearest - nowMs)) nearest = date.getTime();
  }
  return nearest;
}
