/**
 * The marks on the chart's axes: round figures and times of day that a person can name, as many as there is room for.
 */
import { showTime, type Zone } from '../time-shown.ts';
import { DAY_MS, MINUTE_MS, ROUND_STEPS_MS, SECOND_MS } from './round-steps.ts';

export interface Tick {
  /** On the axis: a count, or ms since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** Beyond the steps of equal length: months, whose length varies. */
const STEPS_MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 600];
const MONTH_MS = 30 * DAY_MS;

/** From 0 up to `max`, at least one and at most so many marks above 0. */
export function countTicks(max: number, ticksMax: number): number[] {
  const wanted = Math.max(1, max) / ticksMax;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const steps = [1, 2, 5, 10, 20].map((n) => n * power);
  const step = steps.find((round) => round >= wanted && round <= max) ?? steps.findLast((round) => round <= max) ?? 1;
  const whole = Math.max(1, step);
  return Array.from({ length: Math.floor(max / whole) + 1 }, (_, index) => index * whole).slice(0, ticksMax + 1);
}

/** Within a range of time, at most so many, as much of the time told as tells them apart. */
export function timeTicks(
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
  ticksMax: number,
  zone: Zone,
): Tick[] {
  const wantedMs = Math.max(1, untilMs - sinceMs) / Math.max(1, ticksMax);
  const stepMs = ROUND_STEPS_MS.find((step) => step >= wantedMs);
  if (stepMs === undefined) return monthTicks(sinceMs, untilMs, wantedMs, zone);
  const ticks: Tick[] = [];
  // Whole steps by the clock on the wall, whose offset may change on the way.
  let at = Math.ceil((sinceMs + offsetMs(sinceMs, zone)) / stepMs) * stepMs;
  for (; ; at += stepMs) {
    const timeMs = at - offsetMs(at, zone);
    if (timeMs >= untilMs) return ticks;
    if (timeMs >= sinceMs) ticks.push({ at: timeMs, text: textOf(timeMs, stepMs, zone) });
  }
}

function monthTicks(sinceMs: number, untilMs: number, wantedMs: number, zone: Zone): Tick[] {
  const step = STEPS_MONTHS.find((months) => months * MONTH_MS >= wantedMs) ?? 1_200;
  const since = new Date(sinceMs + offsetMs(sinceMs, zone));
  const ticks: Tick[] = [];
  let month = Math.ceil((since.getUTCFullYear() * 12 + since.getUTCMonth()) / step) * step;
  for (; ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12);
    const timeMs = at - offsetMs(at, zone);
    if (timeMs >= untilMs) return ticks;
    if (timeMs >= sinceMs) ticks.push({ at: timeMs, text: showTime(timeMs, zone, 'year').slice(0, step < 12 ? 7 : 4) });
  }
}

/** Midnight is told as its day. */
function textOf(timeMs: number, stepMs: number, zone: Zone): string {
  const full = showTime(timeMs, zone, 'year');
  const time = full.slice(11, stepMs >= MINUTE_MS ? 16 : stepMs >= SECOND_MS ? 19 : 23);
  return stepMs >= DAY_MS || /^00:00(:00)?$/.test(time) ? full.slice(5, 10) : time;
}

function offsetMs(timeMs: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(timeMs).getTimezoneOffset() * MINUTE_MS;
}
