/**
 * Entries per second over the last minute, by level. Fed with counts and told the time, so it needs no timer.
 */
import type { Level } from '../entry/level.ts';
import { emptyLevelCounts, LEVELS, type LevelCounts } from '../entry/level.ts';

const SECONDS = 60;

export class RateMeter {
  #second = Number.NaN;
  /** Index 0 is the running second, 1 the one before it, and so on. */
  #buckets: LevelCounts[] = Array.from({ length: SECONDS + 1 }, emptyLevelCounts);

  add(level: Level, nowMs: number, count = 1): void {
    this.#turn(nowMs);
    const bucket = this.#buckets[0];
    if (bucket) bucket[level] += count;
  }

  /** Entries per second, the mean over the last whole seconds. */
  perSecond(nowMs: number, seconds = 3): number {
    this.#turn(nowMs);
    let total = 0;
    for (const bucket of this.#buckets.slice(1, seconds + 1)) total += sum(bucket);
    return total / seconds;
  }

  /** Entries of each whole second of the last minute, oldest first. */
  history(nowMs: number): number[] {
    this.#turn(nowMs);
    return this.#buckets.slice(1).map(sum).reverse();
  }

  /** Entries of the last minute by level. */
  levels(nowMs: number): LevelCounts {
    this.#turn(nowMs);
    const counts = emptyLevelCounts();
    for (const bucket of this.#buckets) for (const level of LEVELS) counts[level] += bucket[level];
    return counts;
  }

  /** A clock that steps back stays in its second. */
  #turn(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (Number.isNaN(this.#second)) this.#second = second;
    const turns = Math.min(second - this.#second, SECONDS + 1);
    if (turns <= 0) return;
    for (let turn = 0; turn < turns; turn++) {
      this.#buckets.pop();
      this.#buckets.unshift(emptyLevelCounts());
    }
    this.#second = second;
  }
}

function sum(counts: LevelCounts): number {
  let total = 0;
  for (const level of LEVELS) total += counts[level];
  return total;
}
