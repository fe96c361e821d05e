/**
 * The level chart: how much of each level arrived when. Drag chooses a range, a click one bar, a double click takes
 * the range back. Errors stand at the bottom, where bars can be compared, and are never too small to see.
 */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { LEVELS, type Level, type LevelCounts } from '../../entry/level.ts';
import { showCount } from '../figures.ts';
import { LEVEL_SHORT } from '../level-shown.ts';
import { theme, zone } from '../preferences.ts';
import { showMoment, showTime, type Zone } from '../time-shown.ts';
import { type Buckets, sumOf, totalsOf, untilOf } from './buckets.ts';

export interface LevelChartProps {
  readonly buckets: Buckets | undefined;
  readonly isNarrowed: boolean;
  /** Whether the bars are still of what was looked at before. */
  readonly isStale: boolean;
  onRange(sinceMs: number, untilMs: number): void;
  onReset(): void;
}

/** From the bottom of a bar to its top. */
const STACK: readonly Level[] = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'UNKNOWN'];
/** The levels that are drawn at least this high, as a part of the highest bar. */
const SEEN_PART_MIN: Readonly<Record<Level, number>> = {
  CRITICAL: 0.05,
  ERROR: 0.05,
  WARNING: 0.03,
  INFO: 0.02,
  DEBUG: 0.02,
  UNKNOWN: 0.02,
};
const CHART_HEIGHT = 92;
/** A drag shorter than this is a click. */
const DRAG_PIXELS_MIN = 5;

export function LevelChart(props: LevelChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const chosenZone = zone.value;
  const chosenTheme = theme.value;

  useEffect(() => {
    if (!host.current || !readout.current) return;
    const drawn = new Chart({
      host: host.current,
      readout: readout.current,
      zone: chosenZone,
      onRange: (sinceMs, untilMs) => latest.current.onRange(sinceMs, untilMs),
      onReset: () => latest.current.onReset(),
    });
    chart.current = drawn;
    drawn.show(latest.current.buckets);
    return () => drawn.close();
  }, [chosenZone, chosenTheme]);
  useEffect(() => chart.current?.show(props.buckets), [props.buckets]);

  return (
    <section class="chart" aria-busy={props.isStale} aria-label="Entries over time by level">
      <div class="chart-readout" ref={readout} />
      {props.isNarrowed && (
        <button type="button" class="chart-reset quiet" onClick={() => props.onReset()} title="Back to the wider range">
          Reset range
        </button>
      )}
      <div class="chart-plot" ref={host} />
    </section>
  );
}

interface ChartOptions {
  readonly host: HTMLElement;
  readonly readout: HTMLElement;
  readonly zone: Zone;
  onRange(sinceMs: number, untilMs: number): void;
  onReset(): void;
}

/** uPlot, set up for stacked bars by level. */
class Chart {
  readonly #options: ChartOptions;
  readonly #plot: uPlot;
  readonly #resizes: ResizeObserver;
  readonly #darkness = matchMedia('(prefers-color-scheme: dark)');
  /** By custom property, as the theme has them now. */
  readonly #colours = new Map<string, string>();
  #buckets: Buckets | undefined;
  #hovered: number | undefined;
  #clickTimer: number | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.#plot = new uPlot(this.#plotOptions(), emptyData(), options.host);
    this.#resizes = new ResizeObserver(() => this.#fit());
    this.#resizes.observe(options.host);
    this.#darkness.addEventListener('change', this.#recolour);
  }

  show(buckets: Buckets | undefined): void {
    this.#buckets = buckets;
    this.#plot.setData(buckets ? stackedData(buckets) : emptyData(), true);
    this.#tell();
  }

  close(): void {
    window.clearTimeout(this.#clickTimer);
    this.#resizes.disconnect();
    this.#darkness.removeEventListener('change', this.#recolour);
    this.#plot.destroy();
  }

  readonly #recolour = (): void => {
    this.#colours.clear();
    this.#plot.redraw(true, true);
  };

  #fit(): void {
    const width = this.#options.host.clientWidth;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: CHART_HEIGHT });
  }

  #plotOptions(): uPlot.Options {
    const { host, zone } = this.#options;
    const bars = uPlot.paths.bars?.({ size: [0.82, 40, 1], align: 1, radius: 0 });
    const colourOf = (name: string) => () => {
      const colour = this.#colours.get(name) ?? resolvedColour(host, name);
      this.#colours.set(name, colour);
      return colour;
    };
    return {
      width: Math.max(100, host.clientWidth),
      height: CHART_HEIGHT,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      tzDate: (seconds) =>
        zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC') : new Date(seconds * 1e3),
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => this.#onDoubleClick() },
      },
      scales: {
        x: { time: true, range: () => this.#xRange() },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.08] },
      },
      axes: [
        {
          stroke: colourOf('--faint'),
          font: '11px system-ui, sans-serif',
          grid: { show: false },
          ticks: { stroke: colourOf('--line'), size: 4, width: 1 },
          size: 22,
          gap: 3,
          space: 90,
          values: (_plot, splits, _axis, _space, increment) => axisTexts(splits, increment, zone),
        },
        {
          stroke: colourOf('--faint'),
          font: '11px system-ui, sans-serif',
          grid: { stroke: colourOf('--line-faint'), width: 1 },
          ticks: { show: false },
          size: 44,
          gap: 6,
          space: 28,
          incrs: [1, 2, 5]
            .flatMap((n) => Array.from({ length: 10 }, (_, power) => n * 10 ** power))
            .sort((a, b) => a - b),
          values: (_plot, splits) => splits.map((split) => showCount(split)),
        },
      ],
      series: [
        {},
        ...[...STACK].reverse().map(
          (level): uPlot.Series => ({
            label: level,
            fill: colourOf(`--level-${level.toLowerCase()}-bar`),
            width: 0,
            points: { show: false },
            ...(bars ? { paths: bars } : {}),
          }),
        ),
      ],
      hooks: {
        setCursor: [(plot) => this.#hover(plot)],
        setSelect: [(plot) => this.#onSelect(plot)],
        ready: [(plot) => plot.over.addEventListener('click', (event) => this.#onClick(event))],
      },
    };
  }

  #xRange(): [number, number] {
    const buckets = this.#buckets;
    if (!buckets) return [Date.now() / 1e3 - 900, Date.now() / 1e3];
    return [buckets.startMs / 1e3, untilOf(buckets) / 1e3];
  }

  #hover(plot: uPlot): void {
    const { left } = plot.cursor;
    this.#hovered = left === undefined || left < 0 ? undefined : this.#bucketAt(left);
    this.#tell();
  }

  #bucketAt(left: number): number | undefined {
    const buckets = this.#buckets;
    if (!buckets) return undefined;
    const index = Math.floor((this.#plot.posToVal(left, 'x') * 1e3 - buckets.startMs) / buckets.stepMs);
    return buckets.counts[index] ? index : undefined;
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < DRAG_PIXELS_MIN) return;
    const sinceMs = Math.floor(plot.posToVal(left, 'x') * 1e3);
    const untilMs = Math.ceil(plot.posToVal(left + width, 'x') * 1e3);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (untilMs > sinceMs) this.#options.onRange(sinceMs, untilMs);
  }

  /** Waits for a second click, which would mean the reset; uPlot stops the click that ends a drag. */
  #onClick(event: MouseEvent): void {
    const buckets = this.#buckets;
    const index = this.#bucketAt(event.offsetX);
    window.clearTimeout(this.#clickTimer);
    if (!buckets || index === undefined || event.detail > 1) return;
    const sinceMs = buckets.startMs + index * buckets.stepMs;
    this.#clickTimer = window.setTimeout(() => {
      this.#options.onRange(Math.floor(sinceMs), Math.ceil(sinceMs + buckets.stepMs));
    }, 260);
  }

  #onDoubleClick(): null {
    window.clearTimeout(this.#clickTimer);
    this.#options.onReset();
    return null;
  }

  /** The figures of the bar under the pointer, or of the whole range. */
  #tell(): void {
    const { readout, zone } = this.#options;
    const buckets = this.#buckets;
    if (!buckets) {
      readout.replaceChildren();
      return;
    }
    const counts = this.#hovered === undefined ? totalsOf(buckets) : buckets.counts[this.#hovered];
    if (counts) readout.replaceChildren(...readoutNodes(this.#timeText(buckets, zone), counts));
  }

  #timeText(buckets: Buckets, zone: Zone): string {
    const precision = buckets.stepMs < 60_000 ? 'second' : 'minute';
    if (this.#hovered === undefined) {
      return `${showMoment(buckets.startMs, zone, precision)} – ${showMoment(untilOf(buckets), zone, precision)}`;
    }
    return showMoment(buckets.startMs + this.#hovered * buckets.stepMs, zone, precision);
  }
}

/** As much as tells the marks apart: years, days, minutes or seconds; midnight is told as its day. */
function axisTexts(splits: readonly number[], incrementSeconds: number, zone: Zone): string[] {
  return splits.map((seconds) => {
    const full = showTime(seconds * 1e3, zone, 'year');
    if (incrementSeconds >= 28 * 86_400) return full.slice(0, incrementSeconds >= 365 * 86_400 ? 4 : 7);
    const time = full.slice(11, incrementSeconds >= 60 ? 16 : incrementSeconds >= 1 ? 19 : 23);
    return incrementSeconds >= 86_400 || /^00:00(:00)?$/.test(time) ? full.slice(5, 10) : time;
  });
}

function emptyData(): uPlot.AlignedData {
  return [[], ...STACK.map(() => [])];
}

/** Each series holds the sum of its level and all that stand below it; the highest is drawn first. */
function stackedData(buckets: Buckets): uPlot.AlignedData {
  const highest = buckets.counts.reduce((max, counts) => Math.max(max, sumOf(counts)), 0);
  const xs = buckets.counts.map((_, index) => (buckets.startMs + index * buckets.stepMs) / 1e3);
  const layers: (number | null)[][] = STACK.map(() => []);
  for (const counts of buckets.counts) {
    let top = 0;
    STACK.forEach((level, depth) => {
      const count = counts[level];
      if (count > 0) top += Math.max(count, SEEN_PART_MIN[level] * highest);
      layers[STACK.length - 1 - depth]?.push(count > 0 ? top : null);
    });
  }
  return [xs, ...layers];
}

function readoutNodes(time: string, counts: LevelCounts): Node[] {
  const nodes: Node[] = [
    textNode('time', time),
    textNode('total', `${showCount(sumOf(counts))} ${sumOf(counts) === 1 ? 'entry' : 'entries'}`),
  ];
  for (const level of [...LEVELS].reverse()) {
    if (counts[level] > 0)
      nodes.push(textNode(`level level-${level.toLowerCase()}`, `${LEVEL_SHORT[level]} ${showCount(counts[level])}`));
  }
  return nodes;
}

function textNode(className: string, text: string): HTMLElement {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = text;
  return node;
}

/** A custom property's colour in the theme of now, as a canvas takes it. */
function resolvedColour(host: HTMLElement, name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
