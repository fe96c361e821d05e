/**
 * The level chart's figures: counts by level over equal spans of time. They come from the server, over the whole store;
 * between two answers what arrives live is added at its place, and the right edge moves with the time.
 */
import type { HistogramBody } from '../../api/types.ts';
import { emptyLevelCounts, LEVELS, type Level, type LevelCounts } from '../../entry/level.ts';
import { DAY_MS, ROUND_STEPS_MS } from './round-steps.ts';

export interface Buckets {
  readonly startMs: number;
  readonly stepMs: number;
  readonly counts: readonly LevelCounts[];
}

export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly buckets: number;
}

/** Widths of a bar. */
const STEPS_MS = [...ROUND_STEPS_MS, ...[30, 91, 365, 3_650].map((n) => n * DAY_MS)];

/** Whole steps that cover a range in at most so many bars. */
export function spanFor(sinceMs: number, untilMs: number, bucketsMax: number): Span {
  const wantedMs = Math.max(1, untilMs - sinceMs) / Math.max(1, bucketsMax - 1);
  const stepMs = STEPS_MS.find((step) => step >= wantedMs) ?? Math.ceil(wantedMs / DAY_MS) * DAY_MS;
  const since = Math.floor(sinceMs / stepMs) * stepMs;
  const buckets = Math.max(1, Math.ceil((untilMs - since) / stepMs));
  return { sinceMs: since, untilMs: since + buckets * stepMs, buckets };
}

/** Undefined when the answer holds nothing. */
export function bucketsFromBody(body: HistogramBody): Buckets | undefined {
  const startMs = Date.parse(body.buckets[0]?.start ?? '');
  const untilMs = Date.parse(body.until);
  if (Number.isNaN(startMs) || Number.isNaN(untilMs) || untilMs <= startMs) return undefined;
  return {
    startMs,
    stepMs: (untilMs - startMs) / body.buckets.length,
    counts: body.buckets.map(({ counts }) => ({ ...emptyLevelCounts(), ...counts })),
  };
}

export function untilOf(buckets: Buckets): number {
  return buckets.startMs + buckets.stepMs * buckets.counts.length;
}

/** The same length of time, moved on by whole steps until `nowMs` lies in it. */
export function advance(buckets: Buckets, nowMs: number): Buckets {
  const steps = Math.floor((nowMs - untilOf(buckets)) / buckets.stepMs) + 1;
  if (steps <= 0) return buckets;
  const kept = buckets.counts.slice(Math.min(steps, buckets.counts.length));
  const fresh = Array.from({ length: buckets.counts.length - kept.length }, emptyLevelCounts);
  return { ...buckets, startMs: buckets.startMs + steps * buckets.stepMs, counts: [...kept, ...fresh] };
}

/** Grows to the right until `nowMs` lies in it, at most to so many bars. */
export function extend(buckets: Buckets, nowMs: number, bucketsMax: number): Buckets {
  const steps = Math.floor((nowMs - untilOf(buckets)) / buckets.stepMs) + 1;
  const room = Math.min(steps, bucketsMax - buckets.counts.length);
  if (room <= 0) return buckets;
  return { ...buckets, counts: [...buckets.counts, ...Array.from({ length: room }, emptyLevelCounts)] };
}

/** What arrived, by time and level. Outside the buckets it is not counted. */
export function addEntries(
  buckets: Buckets,
  arrived: readonly { readonly timeMs: number; readonly level: Level }[],
): Buckets {
  const counts = [...buckets.counts];
  const touched = new Set<number>();
  for (const { timeMs, level } of arrived) {
    const index = Math.floor((timeMs - buckets.startMs) / buckets.stepMs);
    const bucket = counts[index];
    if (!bucket) continue;
    const own = touched.has(index) ? bucket : { ...bucket };
    own[level]++;
    counts[index] = own;
    touched.add(index);
  }
  return touched.size === 0 ? buckets : { ...buckets, counts };
}

export function totalsOf(buckets: Buckets): LevelCounts {
  const totals = emptyLevelCounts();
  for (const counts of buckets.counts) for (const level of LEVELS) totals[level] += counts[level];
  return totals;
}

export function sumOf(counts: LevelCounts): number {
  return LEVELS.reduce((sum, level) => sum + counts[level], 0);
}
