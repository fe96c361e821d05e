/**
 * The charts at the side, drawn by blessed-contrib: bars of the last minute by level, and the rate as a sparkline. Their
 * widgets know nothing of a resize, so they are made anew for each place; and they see numbers only, never text of logs.
 */
import type blessed from 'blessed';
import Bar from 'blessed-contrib/lib/widget/charts/bar.js';
import Sparkline from 'blessed-contrib/lib/widget/sparkline.js';
import type { LevelCounts } from '../entry/level.ts';
import type { Region } from './canvas.ts';
import { barWidth, chartLevels, condense } from './paint/side.ts';

export interface ChartPlaces {
  readonly bars: Region;
  readonly sparkline: Region;
}

export interface ChartData {
  readonly levels: LevelCounts;
  /** Entries per second, oldest first. */
  readonly rates: readonly number[];
}

const BAR_COLORS = { DEBUG: 245, INFO: 72, WARNING: 178, ERROR: 203, CRITICAL: 161, UNKNOWN: 103 } as const;
/** Rows of a bar widget below its highest bar, where numbers and labels go, and a blank one above it. */
export const BAR_CHROME_ROWS = 4;

export class Charts {
  readonly #screen: blessed.Widgets.Screen;
  #widgets: blessed.Widgets.BoxElement[] = [];

  constructor(screen: blessed.Widgets.Screen) {
    this.#screen = screen;
  }

  /** Puts the charts into the cells of the screen. */
  paint(places: ChartPlaces, data: ChartData): void {
    this.clear();
    this.#addBars(places.bars, data.levels);
    this.#addSparkline(places.sparkline, data.rates);
    for (const widget of this.#widgets) widget.render();
  }

  clear(): void {
    for (const widget of this.#widgets) widget.detach();
    this.#widgets = [];
  }

  #addBars(place: Region, counts: LevelCounts): void {
    const levels = chartLevels(counts);
    const most = Math.max(1, ...levels.map((level) => counts[level]));
    const width = barWidth(place.width, levels.length);
    levels.forEach((level, index) => {
      // A widget has one colour, so each level has a widget; `maxHeight` gives them one scale.
      const bar = new Bar({
        top: place.y,
        left: place.x + 1 + index * width,
        width: width + 1,
        height: place.height,
        barWidth: width - 2,
        barSpacing: width + 3,
        xOffset: 0,
        maxHeight: most,
        // Its numbers do not fit a narrow bar: they are painted.
        showText: false,
        barBgColor: BAR_COLORS[level],
      });
      this.#screen.append(bar);
      bar.setData({ titles: [''], data: [counts[level]] });
      this.#widgets.push(bar);
    });
  }

  #addSparkline(place: Region, rates: readonly number[]): void {
    const sparkline = new Sparkline({
      top: place.y - 2,
      left: place.x + 1,
      width: place.width,
      height: 3,
      tags: true,
      style: { fg: 74, titleFg: 'white' },
    });
    this.#screen.append(sparkline);
    // It shows the first values that fit; its title lies under the heading.
    sparkline.setData([''], [condense(rates, place.width - 2)]);
    this.#widgets.push(sparkline);
  }
}
