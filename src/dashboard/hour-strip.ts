/**
 * The last hour by level, minute by minute: loaded from the server now and then, counted on by what arrives.
 */
import type { HistogramBody } from '../api/types.ts';
import { emptyLevelCounts, LEVELS, type Level, type LevelCounts, levelRank } from '../entry/level.ts';

export const STRIP_MINUTES = 60;
const MINUTE_MS = 60_000;

export class HourStrip {
  /** Oldest first. */
  #minutes: LevelCounts[] = Array.from({ length: STRIP_MINUTES }, emptyLevelCounts);
  /** Where the last minute ends, ms since the epoch. */
  #endMs = 0;

  load(body: HistogramBody): void {
    this.#minutes = body.buckets.slice(-STRIP_MINUTES).map(({ counts }) => ({ ...emptyLevelCounts(), ...counts }));
    this.#endMs = Date.parse(body.until);
  }

  add(level: Level, nowMs: number, count = 1): void {
    this.#turn(nowMs);
    const last = this.#minutes.at(-1);
    if (last) last[level] += count;
  }

  counts(nowMs: number): LevelCounts {
    this.#turn(nowMs);
    const total = emptyLevelCounts();
    for (const minute of this.#minutes) for (const level of LEVELS) total[level] += minute[level];
    return total;
  }

  /** For each of `columns` equal spans, oldest first: how many entries, and the worst level among them. */
  columns(columns: number, nowMs: number): { readonly total: number; readonly worst: Level | undefined }[] {
    this.#turn(nowMs);
    return Array.from({ length: columns }, (_, column) => {
      const from = Math.floor((column * this.#minutes.length) / columns);
      const to = Math.max(from + 1, Math.floor(((column + 1) * this.#minutes.length) / columns));
      let total = 0;
      let worst: Level | undefined;
      for (const minute of this.#minutes.slice(from, to)) {
        for (const level of LEVELS) {
          if (minute[level] === 0) continue;
          total += minute[level];
          if (worst === undefined || levelRank(level) > levelRank(worst)) worst = level;
        }
      }
      return { total, worst };
    });
  }

  #turn(nowMs: number): void {
    if (this.#endMs === 0) this.#endMs = nowMs + MINUTE_MS;
    const turns = Math.min(STRIP_MINUTES, Math.ceil((nowMs - this.#endMs) / MINUTE_MS));
    for (let turn = 0; turn < turns; turn++) {
      this.#minutes.push(emptyLevelCounts());
      if (this.#minutes.length > STRIP_MINUTES) this.#minutes.shift();
      this.#endMs += MINUTE_MS;
    }
    if (nowMs > this.#endMs) this.#endMs = nowMs;
  }
}
