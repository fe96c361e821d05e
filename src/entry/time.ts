/**
 * Times as text: how app.log writes them, and every form in which people and programs give them.
 */

const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };
/** Years 1 to 9999: what fits the four digits of app.log. */
const TIME_MS_MIN = -62_135_596_800_000;
const TIME_MS_MAX = 253_402_300_799_999;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?$/;

export type TimeParsed =
  | { readonly ok: true; readonly timeMs: number }
  | { readonly ok: false; readonly reason: string };

let cachedSecond = Number.NaN;
let cachedText = '';

/** "YYYY-MM-DD HH:MM:SS,mmm" in UTC, 23 characters. */
export function formatLogTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  }
  const ms = timeMs - second * 1000;
  return `${cachedText},${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}`;
}

let parsedSecond = '';
let parsedSecondMs = Number.NaN;

/** The reverse of formatLogTime; NaN for what is no time. The text must have the form that formatLogTime gives. */
export function parseLogTime(text: string): number {
  // Entries that follow one another are mostly of one second.
  const second = text.slice(0, 19);
  if (second !== parsedSecond) {
    parsedSecond = second;
    parsedSecondMs = Date.parse(`${second.slice(0, 10)}T${second.slice(11)}Z`);
  }
  return parsedSecondMs + Number(text.slice(20, 23));
}

export function isTimeMs(timeMs: number): boolean {
  return timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX;
}

/**
 * An event's own time: ISO 8601 (without a zone: UTC) or an epoch number in s, ms, µs or ns, told apart by magnitude.
 * Cut to the millisecond.
 */
export function parseEventTime(value: unknown): TimeParsed {
  if (typeof value === 'number') return fromEpoch(value, value);
  if (typeof value !== 'string') return bad(JSON.stringify(value));
  const text = value.trim();
  if (/^-?\d+(\.\d+)?$/.test(text) && !/^\d{8}$/.test(text)) return fromEpoch(Number(text), text);
  return fromIso(text);
}

/**
 * A bound of a search: what parseEventTime takes, and "10m", "2h", "3d" (that long ago), "now", "today", "yesterday"
 * (the start of that day in UTC).
 */
export function parseTimeBound(text: string, nowMs: number): TimeParsed {
  const word = text.trim().toLowerCase();
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  if (word === 'now') return { ok: true, timeMs: nowMs };
  if (word === 'today') return { ok: true, timeMs: today };
  if (word === 'yesterday') return { ok: true, timeMs: today - DAY_MS };
  const ago = /^(\d{1,9})(s|m|h|d|w)$/.exec(word);
  if (ago) return { ok: true, timeMs: nowMs - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0) };
  const parsed = parseEventTime(text);
  if (parsed.ok) return parsed;
  return {
    ok: false,
    reason: `time must be ISO 8601, an epoch number, 10m, 2h, 3d, today or yesterday, got "${text.slice(0, 40)}"`,
  };
}

function fromEpoch(value: number, shown: unknown): TimeParsed {
  const size = Math.abs(value);
  const timeMs = Math.floor(size < 1e11 ? value * 1e3 : size < 1e14 ? value : size < 1e17 ? value / 1e3 : value / 1e6);
  return isTimeMs(timeMs) ? { ok: true, timeMs } : bad(shown);
}

function fromIso(text: string): TimeParsed {
  const match = ISO.exec(text);
  if (!match) return bad(text);
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const ms = fraction.slice(0, 3).padEnd(3, '0');
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  // A leap second (RFC 3339 §5.7) is told as the last millisecond before it.
  const leap = second === '60';
  const timeMs = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${leap ? '59' : second}.${leap ? '999' : ms}${offset}`,
  );
  const realDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return realDay && isTimeMs(timeMs) ? { ok: true, timeMs } : bad(text);
}

function bad(shown: unknown): TimeParsed {
  return { ok: false, reason: `time must be ISO 8601 or an epoch number, got "${String(shown).slice(0, 40)}"` };
}
