/**
 * Figures as people read them: three digits that count, thousands apart, the unit beside.
 */
export function shownCount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e5) return `${Math.round(value / 1e3)}k`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(2)}k`;
  return value.toFixed(value >= 100 ? 0 : 1);
}

export function shownMs(value: number): string {
  return `${value.toFixed(value >= 100 ? 0 : 1)} ms`;
}
