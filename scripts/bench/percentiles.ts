/**
 * Times in a few words: the middle, the slow ones, the slowest.
 */
export function shownPercentiles(timesMs: readonly number[]): string {
  if (timesMs.length === 0) return 'nothing measured';
  const sorted = Float64Array.from(timesMs).sort();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}
