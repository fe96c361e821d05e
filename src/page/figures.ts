/**
 * Numbers as the pages show them.
 */

const BYTE_UNITS = ['KB', 'MB', 'GB', 'TB'] as const;
const GROUPED = new Intl.NumberFormat('en-US');

/** "4,912" up to a hundred thousand, then "1.2M": never wider than seven characters. */
export function showCount(count: number): string {
  if (count < 100_000) return GROUPED.format(Math.round(count));
  if (count < 1_000_000) return `${Math.floor(count / 1_000)}k`;
  if (count < 1e9) return `${shortened(count / 1e6)}M`;
  return `${shortened(count / 1e9)}G`;
}

/** All digits, grouped. */
export function showWhole(count: number): string {
  return GROUPED.format(count);
}

/** "0.4/s", "12/s", "4,912/s". */
export function showRate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  return perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${showCount(perSecond)}/s`;
}

/** "512 B", "4.0 KB", "1.2 MB", "34 GB". */
export function showBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const step = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3) - 1);
  return `${shortened(bytes / 1_000 ** (step + 1))} ${BYTE_UNITS[step]}`;
}

/** "12%", "<1%". */
export function showPart(count: number, total: number): string {
  if (total === 0 || count === 0) return '0%';
  const percent = (count / total) * 100;
  return percent < 1 ? '<1%' : `${Math.round(percent)}%`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${showWhole(count)} ${count === 1 ? one : many}`;
}

function shortened(value: number): string {
  return value < 10 ? (Math.floor(value * 10) / 10).toFixed(1) : String(Math.floor(value));
}
