/**
 * Numbers and times in few characters.
 */
import type { Level } from '../entry/level.ts';

/** Three letters, for columns. */
export const LEVEL_SHORT: Readonly<Record<Level, string>> = {
  DEBUG: 'DBG',
  INFO: 'INF',
  WARNING: 'WRN',
  ERROR: 'ERR',
  CRITICAL: 'CRT',
  UNKNOWN: 'UNK',
};

/** The order of level figures. */
export const URGENT_FIRST: readonly Level[] = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'UNKNOWN'];

/** `4,912`. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** At most five characters: `999`, `4.9k`, `49k`, `1.2M`. */
export function short(count: number): string {
  if (count < 1_000) return count >= 10 || Number.isInteger(count) ? String(Math.round(count)) : count.toFixed(1);
  for (const [factor, unit] of [
    [1_000, 'k'],
    [1_000_000, 'M'],
    [1_000_000_000, 'G'],
  ] as const) {
    const value = count / factor;
    if (value < 9.95) return `${value.toFixed(1)}${unit}`;
    if (value < 999.5) return `${Math.round(value)}${unit}`;
  }
  return '>1T';
}

/** How long ago, at most four characters: `now`, `12s`, `5m`, `3h`, `9d`. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.min(999, Math.floor(seconds / 86_400))}d`;
}

/** In a sentence: `5m ago`, `just now`. */
export function age(ms: number): string {
  const text = ago(ms);
  return text === 'now' ? 'just now' : `${text} ago`;
}

/** `3 ms`, `1.2 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}
