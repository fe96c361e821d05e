/**
 * The level chart: how much of each level arrived when. Drag chooses a range, a click one bar, a double click takes
 * the range back. Open tickets are marked where they happened.
 */
import { useEffect, useRef } from 'preact/hooks';
import { LEVELS, type LevelCounts } from '../../entry/level.ts';
import { showCount } from '../figures.ts';
import { LEVEL_SHORT } from '../level-shown.ts';
import { theme, zone } from '../preferences.ts';
import { showMoment, type Zone } from '../time-shown.ts';
import { type Buckets, sumOf, totalsOf, untilOf } from './buckets.ts';
import { ChartPainter } from './chart-painter.ts';

export interface LevelChartProps {
  readonly buckets: Buckets | undefined;
  readonly ticketsMs: readonly number[];
  readonly isNarrowed: boolean;
  /** Whether the bars are still of what was looked at before. */
  readonly isStale: boolean;
  onRange(sinceMs: number, untilMs: number): void;
  onReset(): void;
}

/** A drag shorter than this is a click, in CSS pixels. */
const DRAG_PIXELS_MIN = 5;
/** For so long a click waits for a second one, which would mean the reset. */
const SECOND_CLICK_MS = 260;

export function LevelChart(props: LevelChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { buckets, ticketsMs } = props;
  const chosenZone = zone.value;
  const chosenTheme = theme.value;

  useEffect(() => {
    if (!host.current || !readout.current) return;
    const drawn = new Chart({
      host: host.current,
      readout: readout.current,
      onRange: (sinceMs, untilMs) => latest.current.onRange(sinceMs, untilMs),
      onReset: () => latest.current.onReset(),
    });
    chart.current = drawn;
    return () => drawn.close();
  }, []);
  useEffect(() => chart.current?.recolour(), [chosenTheme]);
  useEffect(() => chart.current?.show({ buckets, ticketsMs, zone: chosenZone }), [buckets, ticketsMs, chosenZone]);

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
  onRange(sinceMs: number, untilMs: number): void;
  onReset(): void;
}

interface Shown {
  readonly buckets: Buckets | undefined;
  readonly ticketsMs: readonly number[];
  readonly zone: Zone;
}

/** The canvas, and what the pointer does over it. */
class Chart {
  readonly #options: ChartOptions;
  readonly #painter: ChartPainter;
  readonly #cursor = part('chart-cursor');
  readonly #selection = part('chart-selection');
  readonly #resizes: ResizeObserver;
  readonly #darkness = matchMedia('(prefers-color-scheme: dark)');
  #shown: Shown = { buckets: undefined, ticketsMs: [], zone: 'utc' };
  #frame: number | undefined;
  #hasFit = false;
  #hovered: number | undefined;
  /** Where a drag began. */
  #pressedAt: number | undefined;
  #clickTimer: number | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
    const { host } = options;
    const canvas = document.createElement('canvas');
    host.append(canvas, this.#selection, this.#cursor);
    this.#painter = new ChartPainter(canvas);
    this.#resizes = new ResizeObserver(() => {
      this.#hasFit = false;
      this.#paintSoon();
    });
    this.#resizes.observe(host);
    this.#darkness.addEventListener('change', this.recolour);
    host.addEventListener('pointermove', this.#onMove);
    host.addEventListener('pointerleave', this.#onLeave);
    host.addEventListener('pointerdown', this.#onDown);
    host.addEventListener('pointerup', this.#onUp);
    host.addEventListener('pointercancel', this.#onLeave);
    host.addEventListener('dblclick', this.#onDoubleClick);
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#paintSoon();
  }

  close(): void {
    window.clearTimeout(this.#clickTimer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#resizes.disconnect();
    this.#darkness.removeEventListener('change', this.recolour);
    this.#options.host.replaceChildren();
  }

  readonly recolour = (): void => {
    this.#painter.forgetColours();
    this.#paintSoon();
  };

  #paintSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const { buckets, ticketsMs, zone: shownZone } = this.#shown;
      // Asking for its size has the browser lay the page out: only when it has changed.
      if (!this.#hasFit) this.#painter.fit();
      this.#hasFit = true;
      this.#painter.paint(buckets && { buckets, ticketsMs, zone: shownZone });
      this.#tell();
    });
  }

  /** Within the bars, CSS pixels from their left edge. */
  #placeOf(event: PointerEvent): number {
    const { left, width } = this.#painter.plot;
    const x = event.clientX - this.#options.host.getBoundingClientRect().left - left;
    return Math.max(0, Math.min(width, x));
  }

  #timeAt(place: number): number {
    const { buckets } = this.#shown;
    if (!buckets) return 0;
    return buckets.startMs + (place / this.#painter.plot.width) * (untilOf(buckets) - buckets.startMs);
  }

  #bucketAt(place: number): number | undefined {
    const { buckets } = this.#shown;
    if (!buckets) return undefined;
    const index = Math.min(
      buckets.counts.length - 1,
      Math.floor((this.#timeAt(place) - buckets.startMs) / buckets.stepMs),
    );
    return index < 0 ? undefined : index;
  }

  readonly #onMove = (event: PointerEvent): void => {
    const place = this.#placeOf(event);
    const { left } = this.#painter.plot;
    this.#hovered = this.#bucketAt(place);
    this.#cursor.hidden = this.#hovered === undefined;
    this.#cursor.style.transform = `translateX(${Math.round(left + place)}px)`;
    if (this.#pressedAt !== undefined) {
      const from = Math.min(this.#pressedAt, place);
      this.#selection.hidden = Math.abs(place - this.#pressedAt) < DRAG_PIXELS_MIN;
      this.#selection.style.left = `${left + from}px`;
      this.#selection.style.width = `${Math.abs(place - this.#pressedAt)}px`;
    }
    this.#tell();
  };

  readonly #onLeave = (): void => {
    this.#hovered = undefined;
    this.#pressedAt = undefined;
    this.#cursor.hidden = true;
    this.#selection.hidden = true;
    this.#tell();
  };

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || !this.#shown.buckets) return;
    this.#pressedAt = this.#placeOf(event);
    // A drag may end beside the chart.
    this.#options.host.setPointerCapture(event.pointerId);
  };

  readonly #onUp = (event: PointerEvent): void => {
    const from = this.#pressedAt;
    const { buckets } = this.#shown;
    this.#pressedAt = undefined;
    this.#selection.hidden = true;
    if (from === undefined || !buckets) return;
    const to = this.#placeOf(event);
    if (Math.abs(to - from) >= DRAG_PIXELS_MIN) {
      const [sinceMs, untilMs] = [this.#timeAt(Math.min(from, to)), this.#timeAt(Math.max(from, to))];
      this.#options.onRange(Math.floor(sinceMs), Math.ceil(untilMs));
    } else this.#click(buckets, this.#bucketAt(to));
  };

  #click(buckets: Buckets, index: number | undefined): void {
    window.clearTimeout(this.#clickTimer);
    if (index === undefined) return;
    const sinceMs = buckets.startMs + index * buckets.stepMs;
    this.#clickTimer = window.setTimeout(() => {
      this.#options.onRange(Math.floor(sinceMs), Math.ceil(sinceMs + buckets.stepMs));
    }, SECOND_CLICK_MS);
  }

  readonly #onDoubleClick = (): void => {
    window.clearTimeout(this.#clickTimer);
    this.#options.onReset();
  };

  /** The figures of the bar under the pointer, or of the whole range. */
  #tell(): void {
    const { readout } = this.#options;
    const { buckets, zone: shownZone } = this.#shown;
    const counts = buckets && (this.#hovered === undefined ? totalsOf(buckets) : buckets.counts[this.#hovered]);
    if (!buckets || !counts) readout.replaceChildren();
    else readout.replaceChildren(...readoutNodes(this.#timeText(buckets, shownZone), counts));
  }

  #timeText(buckets: Buckets, shownZone: Zone): string {
    const precision = buckets.stepMs < 60_000 ? 'second' : 'minute';
    if (this.#hovered === undefined) {
      return `${showMoment(buckets.startMs, shownZone, precision)} – ${showMoment(untilOf(buckets), shownZone, precision)}`;
    }
    return showMoment(buckets.startMs + this.#hovered * buckets.stepMs, shownZone, precision);
  }
}

function part(className: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  element.hidden = true;
  return element;
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
