/**
 * The middle of what several rounds measured: one round that met other work on the machine does not move it.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('BUG: the median of nothing was asked for');
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted.length >> 1;
  const above = sorted[upper] ?? Number.NaN;
  return sorted.length % 2 === 1 ? above : (above + (sorted[upper - 1] ?? Number.NaN)) / 2;
}
