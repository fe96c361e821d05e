/**
 * The panes at the side: headings, and level bars for terminals that cannot show the charts.
 */
import type { Level, LevelCounts } from '../../entry/level.ts';
import type { Canvas } from '../canvas.ts';
import { LEVEL_SHORT, short, URGENT_FIRST } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Theme } from '../theme.ts';

export function paintHeading(canvas: Canvas, y: number, text: string, aside: string, theme: Theme): void {
  canvas.fill(0, y, canvas.width, ' ', theme.text);
  canvas.text(1, y, text, theme.title);
  canvas.text(canvas.width - aside.length - 1, y, aside, theme.dim);
}

export function paintRule(canvas: Canvas, theme: Theme, glyphs: Glyphs): void {
  for (let y = 0; y < canvas.height; y++) canvas.text(0, y, glyphs.vertical, theme.rule);
}

/** The levels that a chart shows: all but UNKNOWN, which is shown when it occurs. */
export function chartLevels(counts: LevelCounts): Level[] {
  return URGENT_FIRST.filter((level) => level !== 'UNKNOWN' || counts.UNKNOWN > 0);
}

/** Cells from one standing bar to the next. */
export function barWidth(room: number, barCount: number): number {
  return Math.floor((room - 1) / barCount);
}

/** Numbers and names below the standing bars. */
export function paintBarLabels(canvas: Canvas, counts: LevelCounts, theme: Theme): void {
  canvas.clear(theme.text);
  const levels = chartLevels(counts);
  const width = barWidth(canvas.width, levels.length);
  levels.forEach((level, index) => {
    const x = 1 + index * width;
    canvas.text(x, 0, short(counts[level]), counts[level] === 0 ? theme.dim : theme.text);
    canvas.text(x, 1, LEVEL_SHORT[level], theme.level[level]);
  });
}

/** As many values as there is room for: each the mean of its share. */
export function condense(values: readonly number[], room: number): number[] {
  if (values.length <= room) return [...values];
  const share = Math.ceil(values.length / room);
  const condensed: number[] = [];
  for (let end = values.length; end > 0; end -= share) {
    const part = values.slice(Math.max(0, end - share), end);
    condensed.unshift(Math.round((part.reduce((total, value) => total + value, 0) / part.length) * 10) / 10);
  }
  return condensed;
}

/** One row per level, lying. */
export function paintLevelBars(canvas: Canvas, counts: LevelCounts, theme: Theme, glyphs: Glyphs): void {
  canvas.clear(theme.text);
  const levels = chartLevels(counts);
  const most = Math.max(1, ...levels.map((level) => counts[level]));
  const room = canvas.width - 13;
  levels.forEach((level, y) => {
    const length = counts[level] === 0 ? 0 : Math.max(1, Math.round((counts[level] / most) * room));
    canvas.text(1, y, LEVEL_SHORT[level], theme.level[level]);
    canvas.fill(5, y, length, glyphs.isUtf8 ? '█' : '#', theme.level[level]);
    canvas.text(canvas.width - 6, y, short(counts[level]).padStart(5), theme.text);
  });
}

/** Heights of the last minute's rates. */
export function paintSparkline(canvas: Canvas, values: readonly number[], theme: Theme, glyphs: Glyphs): void {
  canvas.clear(theme.text);
  const shown = condense(values, canvas.width - 2);
  const most = Math.max(1, ...shown);
  const { blocks } = glyphs;
  shown.forEach((value, index) => {
    const height = value === 0 ? 0 : Math.max(1, Math.round((value / most) * (blocks.length - 1)));
    canvas.text(1 + index, 0, blocks[height] ?? ' ', theme.link);
  });
}
