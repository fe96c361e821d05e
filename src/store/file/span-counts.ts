/**
 * Entries of a block by span of event time and level, over the shortest spans of which a block has few enough.
 */
import { LEVELS } from '../../entry/level.ts';
import type { BlockDigest } from './digest.ts';
import { SPAN_COUNTS_MAX } from './limits.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Each a multiple of the one before it. Of the last the whole range of times has few. */
const SPANS_MS = [
  SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  DAY_MS,
  ...[1, 2, 3, 4, 5, 6, 7].map((exponent) => DAY_MS * 10 ** exponent),
];
/** Numbers of spans are kept in 32 bits. */
const SPAN_NUMBER_MAX = 2 ** 31;

/** @param timesMs event times of entries, not empty; `levels` are theirs, by index in LEVELS */
export function countSpans(
  timesMs: Float64Array,
  levels: Uint8Array,
): Pick<BlockDigest, 'spanMs' | 'spanStartMs' | 'spanCounts'> {
  let minMs = Number.POSITIVE_INFINITY;
  let maxMs = Number.NEGATIVE_INFINITY;
  for (const timeMs of timesMs) {
    if (timeMs < minMs) minMs = timeMs;
    if (timeMs > maxMs) maxMs = timeMs;
  }
  for (const spanMs of SPANS_MS) {
    if ((maxMs - minMs) / spanMs >= SPAN_NUMBER_MAX) continue;
    const spanStartMs = Math.floor(minMs / spanMs) * spanMs;
    const counts = countBy(timesMs, levels, spanMs, spanStartMs);
    if (counts) return { spanMs, spanStartMs, spanCounts: toTriples(counts) };
  }
  throw new Error('BUG: no span is long enough for all times');
}

/** Counts by span and level in one number; undefined: too many. */
function countBy(
  timesMs: Float64Array,
  levels: Uint8Array,
  spanMs: number,
  spanStartMs: number,
): Map<number, number> | undefined {
  const counts = new Map<number, number>();
  for (let index = 0; index < timesMs.length; index++) {
    const span = Math.floor(((timesMs[index] ?? 0) - spanStartMs) / spanMs);
    const key = span * LEVELS.length + (levels[index] ?? 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (counts.size > SPAN_COUNTS_MAX) return undefined;
  }
  return counts;
}

function toTriples(counts: ReadonlyMap<number, number>): Uint32Array {
  const triples = new Uint32Array(counts.size * 3);
  let at = 0;
  for (const [key, count] of [...counts].sort(([a], [b]) => a - b)) {
    triples[at++] = Math.floor(key / LEVELS.length);
    triples[at++] = key % LEVELS.length;
    triples[at++] = count;
  }
  return triples;
}
