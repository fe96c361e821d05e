/**
 * The six levels of an entry and the words that other tools use for them.
 */

export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'UNKNOWN'] as const;
export type Level = (typeof LEVELS)[number];

const SYNONYMS: Readonly<Record<string, Level>> = {
  TRACE: 'DEBUG',
  VERBOSE: 'DEBUG',
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  INFORMATION: 'INFO',
  INFORMATIONAL: 'INFO',
  NOTICE: 'INFO',
  WARNING: 'WARNING',
  WARN: 'WARNING',
  ERROR: 'ERROR',
  ERR: 'ERROR',
  FAILURE: 'ERROR',
  CRITICAL: 'CRITICAL',
  CRIT: 'CRITICAL',
  FATAL: 'CRITICAL',
  ALERT: 'CRITICAL',
  EMERG: 'CRITICAL',
  EMERGENCY: 'CRITICAL',
  PANIC: 'CRITICAL',
  UNKNOWN: 'UNKNOWN',
};

/** The level a word stands for, in any case and with its synonyms; undefined for a word that names no level. */
export function levelFromWord(word: string): Level | undefined {
  const upper = word.trim().toUpperCase();
  return Object.hasOwn(SYNONYMS, upper) ? SYNONYMS[upper] : undefined;
}

/** The level of an entry as a client sent it; whatever names no level is UNKNOWN. */
export function foldLevel(value: unknown): Level {
  return (typeof value === 'string' && levelFromWord(value)) || 'UNKNOWN';
}

/** Place in the order UNKNOWN < DEBUG < INFO < WARNING < ERROR < CRITICAL. */
export function levelRank(level: Level): number {
  return level === 'UNKNOWN' ? -1 : LEVELS.indexOf(level);
}

/** Index in LEVELS, the form levels take in typed arrays. */
export function levelIndex(level: Level): number {
  return LEVELS.indexOf(level);
}

/** Counts by level, every level present. */
export type LevelCounts = Record<Level, number>;

export function emptyLevelCounts(): LevelCounts {
  return { DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0, UNKNOWN: 0 };
}
