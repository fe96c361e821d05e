/**
 * Levels as the pages show them.
 */
import type { Level } from '../entry/level.ts';

/** Three letters, so that columns stand still. */
export const LEVEL_SHORT: Readonly<Record<Level, string>> = {
  DEBUG: 'DBG',
  INFO: 'INF',
  WARNING: 'WRN',
  ERROR: 'ERR',
  CRITICAL: 'CRT',
  UNKNOWN: 'UNK',
};

/** Worst first: the order of the facet. */
export const LEVELS_WORST_FIRST: readonly Level[] = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'UNKNOWN'];
