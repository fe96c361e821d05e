/**
 * Paints the level chart on its canvas: stacked bars by level, the axes, and the marks of tickets. Errors stand at the
 * bottom, where bars can be compared, and are never too small to see.
 */
import type { Level, LevelCounts } from '../../entry/level.ts';
import { showCount } from '../figures.ts';
import type { Zone } from '../time-shown.ts';
import { type Buckets, sumOf, untilOf } from './buckets.ts';
import { countTicks, timeTicks } from './chart-ticks.ts';

export interface Painting {
  readonly buckets: Buckets;
  /** When tickets happened that are open. */
  readonly ticketsMs: readonly number[];
  readonly zone: Zone;
}

/** CSS pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** From the bottom of a bar to its top, each level drawn at least so high, in CSS pixels. */
const STACK: readonly (readonly [Level, number])[] = [
  ['CRITICAL', 3],
  ['ERROR', 3],
  ['WARNING', 2],
  ['INFO', 1],
  ['DEBUG', 1],
  ['UNKNOWN', 1],
];
const LEFT = 48;
const RIGHT = 16;
const TOP = 8;
const FOOT = 22;
const FONT = '11px system-ui, sans-serif';
const TIME_TICK_WIDTH = 92;
const COUNT_TICK_HEIGHT = 30;
/** Bars narrower than that stand without a gap. */
const GAP_BAR_WIDTH = 3;
const MARK_SIZE = 3.5;

export class ChartPainter {
  readonly #canvas: HTMLCanvasElement;
  /** By custom property, as the theme has them now. */
  readonly #colours = new Map<string, string>();
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Where the bars are. */
  get plot(): Box {
    return {
      left: LEFT,
      top: TOP,
      width: Math.max(1, this.#width - LEFT - RIGHT),
      height: Math.max(1, this.#height - TOP - FOOT),
    };
  }

  /** Takes the size that the canvas has in the page. */
  fit(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    this.#width = clientWidth;
    this.#height = clientHeight;
    const width = Math.round(clientWidth * scale);
    const height = Math.round(clientHeight * scale);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }

  /** The theme has changed. */
  forgetColours(): void {
    this.#colours.clear();
  }

  paint(painting: Painting | undefined): void {
    const pen = this.#canvas.getContext('2d');
    if (!pen || this.#width === 0) return;
    const scale = this.#canvas.width / this.#width;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.#width, this.#height);
    if (!painting) return;
    const { buckets } = painting;
    const highest = buckets.counts.reduce((max, counts) => Math.max(max, sumOf(counts)), 1);
    pen.font = FONT;
    this.#paintCountAxis(pen, highest);
    this.#paintTimeAxis(pen, painting);
    for (const [index, counts] of buckets.counts.entries()) {
      this.#paintBar(pen, this.#barAt(buckets, index), counts, highest);
    }
    this.#paintTickets(pen, painting);
  }

  #paintCountAxis(pen: CanvasRenderingContext2D, highest: number): void {
    const { left, top, width, height } = this.plot;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (const count of countTicks(highest, Math.max(1, Math.floor(height / COUNT_TICK_HEIGHT)))) {
      const y = Math.round(top + height - (count / highest) * height) - 0.5;
      pen.fillStyle = this.#colour(count === 0 ? '--line' : '--line-faint');
      pen.fillRect(left, y, width, 1);
      pen.fillStyle = this.#colour('--faint');
      pen.fillText(showCount(count), left - 7, y);
    }
  }

  #paintTimeAxis(pen: CanvasRenderingContext2D, { buckets, zone }: Painting): void {
    const { left, top, width, height } = this.plot;
    const range = { sinceMs: buckets.startMs, untilMs: untilOf(buckets) };
    pen.textAlign = 'center';
    pen.textBaseline = 'top';
    for (const { at, text } of timeTicks(range, Math.floor(width / TIME_TICK_WIDTH), zone)) {
      const x = Math.round(left + ((at - range.sinceMs) / (range.untilMs - range.sinceMs)) * width);
      pen.fillStyle = this.#colour('--line');
      pen.fillRect(x, top + height, 1, 4);
      pen.fillStyle = this.#colour('--faint');
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, Math.min(Math.max(x, half), this.#width - half - 2), top + height + 7);
    }
  }

  #barAt({ counts }: Buckets, index: number): { x: number; width: number } {
    const { left, width } = this.plot;
    const from = Math.round(left + (index / counts.length) * width);
    const to = Math.round(left + ((index + 1) / counts.length) * width);
    return { x: from, width: Math.max(1, to - from - (to - from > GAP_BAR_WIDTH ? 1 : 0)) };
  }

  #paintBar(
    pen: CanvasRenderingContext2D,
    { x, width }: { x: number; width: number },
    counts: LevelCounts,
    highest: number,
  ): void {
    const { top, height } = this.plot;
    let foot = top + height;
    for (const [level, heightMin] of STACK) {
      if (counts[level] === 0) continue;
      const wanted = Math.max(heightMin, (counts[level] / highest) * height);
      const head = Math.max(top, foot - wanted);
      pen.fillStyle = this.#colour(`--level-${level.toLowerCase()}-bar`);
      pen.fillRect(x, head, width, foot - head);
      foot = head;
    }
  }

  #paintTickets(pen: CanvasRenderingContext2D, { buckets, ticketsMs }: Painting): void {
    const { left, top, width } = this.plot;
    const sinceMs = buckets.startMs;
    const untilMs = untilOf(buckets);
    pen.fillStyle = this.#colour('--level-warning');
    for (const timeMs of ticketsMs) {
      if (timeMs < sinceMs || timeMs >= untilMs) continue;
      const x = left + ((timeMs - sinceMs) / (untilMs - sinceMs)) * width;
      pen.beginPath();
      pen.moveTo(x, top - MARK_SIZE * 2);
      pen.lineTo(x + MARK_SIZE, top - MARK_SIZE);
      pen.lineTo(x, top);
      pen.lineTo(x - MARK_SIZE, top - MARK_SIZE);
      pen.fill();
    }
  }

  #colour(name: string): string {
    let colour = this.#colours.get(name);
    if (colour === undefined) {
      // A custom property's colour in the theme of now, as a canvas takes it.
      const probe = document.createElement('i');
      probe.style.color = `var(${name})`;
      this.#canvas.after(probe);
      colour = getComputedStyle(probe).color;
      probe.remove();
      this.#colours.set(name, colour);
    }
    return colour;
  }
}
