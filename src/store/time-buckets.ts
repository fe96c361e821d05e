/**
 * Equal spans of time, as a histogram has them: where each begins, and to which one a time belongs.
 */
import { emptyLevelCounts, type LevelCounts } from '../entry/level.ts';
import type { Histogram, HistogramRequest } from './store.ts';

export interface TimeBuckets {
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** Where each bucket begins, in whole ms, rising. */
  readonly starts: readonly number[];
  /** The bucket of a time that lies within the bounds. */
  indexOf(timeMs: number): number;
}

/**
 * @param stored lowest and highest event time of the store: the bounds that the request leaves open; undefined: it is empty
 * @returns fewer buckets than asked for when both bounds are given and they would be shorter than 1 ms
 */
export function createTimeBuckets(
  request: Pick<HistogramRequest, 'sinceMs' | 'untilMs' | 'buckets'>,
  stored: { readonly minMs: number; readonly maxMs: number } | undefined,
): TimeBuckets {
  const sinceMs = Math.ceil(
    request.sinceMs ?? Math.min(stored?.minMs ?? 0, request.untilMs ?? Number.POSITIVE_INFINITY),
  );
  const untilMs = Math.ceil(request.untilMs ?? Math.max((stored?.maxMs ?? sinceMs - 1) + 1, sinceMs + request.buckets));
  const spanMs = Math.max(0, untilMs - sinceMs);
  const count = Math.min(request.buckets, spanMs);
  return {
    sinceMs,
    untilMs,
    starts: Array.from({ length: count }, (_, index) => sinceMs + Math.ceil((index * spanMs) / count)),
    indexOf: (timeMs) => Math.floor(((timeMs - sinceMs) * count) / spanMs),
  };
}

/** A histogram under construction: counts by bucket and level, all zero. */
export function emptyHistogramCounts(buckets: TimeBuckets): LevelCounts[] {
  return buckets.starts.map(() => emptyLevelCounts());
}

export function toHistogram(buckets: TimeBuckets, counts: readonly LevelCounts[], partial: boolean): Histogram {
  return {
    buckets: buckets.starts.map((startMs, index) => ({ startMs, counts: counts[index] ?? emptyLevelCounts() })),
    untilMs: buckets.untilMs,
    partial,
  };
}
