/**
 * The counts of a tally under construction: by span of time, then level, within the tally's bounds.
 */
import { LEVELS } from '../../entry/level.ts';
import type { Block } from './block-index.ts';
import type { BlockDigest } from './digest.ts';
import type { TimeBounds } from './search-view.ts';

export class TallyCounts {
  readonly #counts: Float64Array;
  /** Where each span begins, rising. */
  readonly #spans: readonly number[];
  readonly #bounds: TimeBounds;

  /** @param counts where they are added: for each row the levels in their order */
  constructor(counts: Float64Array, spans: readonly number[], bounds: TimeBounds) {
    this.#counts = counts;
    this.#spans = spans;
    this.#bounds = bounds;
  }

  includes(timeMs: number): boolean {
    return timeMs >= this.#bounds.fromMs && timeMs <= this.#bounds.toMs;
  }

  /** Whether all from one time to another is within the bounds and in one span. */
  isInOneSpan(minMs: number, maxMs: number): boolean {
    return this.includes(minMs) && this.includes(maxMs) && this.#spanOf(minMs) === this.#spanOf(maxMs);
  }

  /** @param timeMs within the bounds */
  add(timeMs: number, level: number, count: number): void {
    this.addToRow(this.#spanOf(timeMs), level, count);
  }

  /** @param row undefined: counted nowhere */
  addToRow(row: number | undefined, level: number, count: number): void {
    if (row === undefined) return;
    const at = row * LEVELS.length + level;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /**
   * Adds the entries of a block from its counts by span.
   * @returns false, and nothing is added, when an edge lies within one of the digest's spans
   */
  addSpans({ spanMs, spanStartMs, spanCounts }: BlockDigest, block: Block, levels: readonly boolean[]): boolean {
    const added: [timeMs: number, level: number, count: number][] = [];
    for (let at = 0; at < spanCounts.length; at += 3) {
      const level = spanCounts[at + 1] ?? 0;
      if (!levels[level]) continue;
      const startMs = spanStartMs + (spanCounts[at] ?? 0) * spanMs;
      const minMs = Math.max(startMs, block.minMs);
      const maxMs = Math.min(startMs + spanMs - 1, block.maxMs);
      if (maxMs < this.#bounds.fromMs || minMs > this.#bounds.toMs) continue;
      if (!this.isInOneSpan(minMs, maxMs)) return false;
      added.push([minMs, level, spanCounts[at + 2] ?? 0]);
    }
    for (const [timeMs, level, count] of added) this.add(timeMs, level, count);
    return true;
  }

  /** The last span that begins at that time or before. */
  #spanOf(timeMs: number): number {
    const spans = this.#spans;
    let from = 0;
    let to = spans.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((spans[middle] ?? 0) <= timeMs) from = middle;
      else to = middle;
    }
    return from;
  }
}
