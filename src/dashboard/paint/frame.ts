/**
 * The frame of what opens over the list.
 */
import type { Canvas } from '../canvas.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Theme } from '../theme.ts';

export interface FrameOptions {
  readonly title: string;
  readonly footer: string;
  readonly isFocused: boolean;
}

/** @returns the room inside, one cell of air at both sides */
export function paintFrame(
  canvas: Canvas,
  { title, footer, isFocused }: FrameOptions,
  theme: Theme,
  glyphs: Glyphs,
): Canvas {
  canvas.clear(theme.text);
  const { width, height } = canvas;
  const rule = isFocused ? theme.link : theme.rule;
  const [topLeft, topRight, bottomLeft, bottomRight] = glyphs.corners;
  canvas.fill(1, 0, width - 2, glyphs.horizontal, rule);
  canvas.fill(1, height - 1, width - 2, glyphs.horizontal, rule);
  for (let y = 1; y < height - 1; y++) {
    canvas.text(0, y, glyphs.vertical, rule);
    canvas.text(width - 1, y, glyphs.vertical, rule);
  }
  canvas.text(0, 0, topLeft, rule);
  canvas.text(width - 1, 0, topRight, rule);
  canvas.text(0, height - 1, bottomLeft, rule);
  canvas.text(width - 1, height - 1, bottomRight, rule);
  canvas.text(2, 0, ` ${title} `, theme.title, { width: width - 4, cut: glyphs.cut });
  canvas.text(2, height - 1, ` ${footer} `, theme.dim, { width: width - 4, cut: glyphs.cut });
  return canvas.part(2, 1, width - 4, height - 2);
}
