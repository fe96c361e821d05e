/**
 * The event time that a line of a program's log says itself, where it can be meant in one way only: ISO 8601 with a zone
 * at the beginning (perhaps in a bracket), or the time field of a JSON line. A time without a zone may be of any: the
 * reader's own time of reading is nearer to the truth.
 */
import { parseEventTime } from '../entry/time.ts';

const LEADING = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(Z|[+-]\d\d:?\d\d)(?![\d:])/;
const IN_JSON =
  /"(?:@timestamp|timestamp|time|ts|@t)"\s*:\s*(?:"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(Z|[+-]\d\d:?\d\d)"|(\d{10}(?:\.\d+)?|\d{13}|\d{16}|\d{19})[,}\s])/;
/** How much of a line may stand before the time field. */
const JSON_HEAD_LENGTH = 512;

/** ms since the epoch. */
export function timeOfLine(line: string): number | undefined {
  const first = line.charCodeAt(0);
  if (first === 0x7b) {
    const [, local, zone, epoch] = IN_JSON.exec(line.slice(0, JSON_HEAD_LENGTH)) ?? [];
    return epoch === undefined ? zonedTimeMs(local, zone) : timeMsOf(Number(epoch));
  }
  const mayBeTime = (first >= 0x30 && first <= 0x39) || first === 0x5b;
  if (!mayBeTime) return undefined;
  const [, local, zone] = LEADING.exec(line.slice(0, 48)) ?? [];
  return zonedTimeMs(local, zone);
}

/** Lines of one minute are many: the minute is worked out once. */
let cachedMinute = '';
let cachedZone = '';
let cachedMinuteMs = Number.NaN;

function zonedTimeMs(local: string | undefined, zone: string | undefined): number | undefined {
  if (local === undefined || zone === undefined) return undefined;
  const minute = local.slice(0, 16);
  if (minute !== cachedMinute || zone !== cachedZone) {
    cachedMinute = minute;
    cachedZone = zone;
    cachedMinuteMs = timeMsOf(`${minute}:00${zone}`) ?? Number.NaN;
  }
  const second = Number(local.slice(17, 19));
  // A leap second, a time that is none: the long way knows.
  if (Number.isNaN(cachedMinuteMs) || second > 59) return timeMsOf(`${local.slice(0, 23)}${zone}`);
  return cachedMinuteMs + second * 1_000 + (local.length > 20 ? Number(local.slice(20, 23).padEnd(3, '0')) : 0);
}

function timeMsOf(value: string | number): number | undefined {
  const parsed = parseEventTime(value);
  return parsed.ok ? parsed.timeMs : undefined;
}
