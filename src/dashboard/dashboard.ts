/**
 * `logd tail` on a terminal: state, feed, controls and screen put together, and the rhythm of drawing.
 */
import { spawn } from 'node:child_process';
import type { ApiClient } from '../api/client.ts';
import type { StreamEnd } from '../api/stream-reader.ts';
import { compileQuery } from '../entry/query/match.ts';
import { parseQuery } from '../entry/query/parse.ts';
import { type Clock, realClock } from '../system/clock.ts';
import { RateMeter } from '../viewer/rate.ts';
import { sanitize } from '../viewer/sanitize.ts';
import { Viewer } from '../viewer/viewer.ts';
import { Canvas, type Region } from './canvas.ts';
import { Charts } from './charts.ts';
import { ClientActivity } from './client-activity.ts';
import { Controls } from './controls.ts';
import { Feed } from './feed.ts';
import { paintFrameOf } from './frame.ts';
import { ASCII_GLYPHS, CONSOLE_GLYPHS, UTF8_GLYPHS } from './glyphs.ts';
import { HourStrip } from './hour-strip.ts';
import type { SideLayout } from './layout.ts';
import { ListScroll } from './list-scroll.ts';
import type { DashboardState } from './state.ts';
import { openTerminal } from './terminal.ts';
import type { PressedKey } from './terminal-key.ts';
import { createTheme } from './theme.ts';

export interface DashboardOptions {
  readonly client: ApiClient;
  readonly query: string;
  /** Event time of the oldest entry to begin with; undefined: the latest ones. */
  readonly sinceMs: number | undefined;
  readonly hasColor: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

export type DashboardEnd =
  | StreamEnd
  | { readonly kind: 'quit' }
  /** By Ctrl-C, or because the terminal is gone. */
  | { readonly kind: 'interrupted'; readonly by: 'SIGINT' | 'SIGHUP' };

/** 20 frames a second at most; half as many of a flood that nobody can read, but keys are answered at once. */
const FRAME_MS = 50;
const FLOOD_FRAME_MS = 100;
/** Every frame of it shows other entries than the one before. */
const FLOOD_PER_SECOND = 2_000;
/** Clocks, rates and waiting times move on without an event. */
const REPAINT_MS = 500;
/** Nothing that this program does takes as long: the machine, or this process, has slept. */
const ASLEEP_MS = 10_000;

export async function runDashboard(options: DashboardOptions, stop: AbortSignal): Promise<DashboardEnd> {
  const { client, clock = realClock } = options;
  const query = parseQuery(options.query);
  if (!query.ok) throw new Error('BUG: the dashboard was given a wrong query');
  const state: DashboardState = {
    viewer: new Viewer({ match: compileQuery(query.query) }),
    serverUrl: client.serverUrl,
    rate: new RateMeter(),
    hour: new HourStrip(),
    clients: new ClientActivity(),
    lagMs: undefined,
    filterText: options.query.trim(),
    searchText: '',
    highlighter: undefined,
    wraps: false,
    left: 0,
    overlay: undefined,
    prompt: undefined,
    notice: undefined,
    focus: 'list',
    isLoading: false,
  };
  const over = new AbortController();
  let end: DashboardEnd | undefined;
  const finish = (how: DashboardEnd) => {
    end ??= how;
    over.abort();
  };
  const painter = createPainter(state, options, clock, {
    onKey: (key) => {
      if (key.name === 'C-c') finish({ kind: 'interrupted', by: 'SIGINT' });
      else if (key.name === 'C-z') painter.suspend();
      else controls.press(key);
      painter.paintSoon();
    },
    onWheel: (rows) => controls.wheel(rows),
    onClick: (row) => {
      if (row !== undefined) state.viewer.selectIndex(row);
      painter.paintSoon();
    },
    onGone: () => finish({ kind: 'interrupted', by: 'SIGHUP' }),
    onWake: () => feed.wake(),
  });
  const feed = new Feed({
    client,
    state,
    sinceMs: options.sinceMs,
    clock,
    onChange: painter.changed,
    onState: () => controls.stateChanged(),
  });
  const controls = new Controls({
    client,
    state,
    feed,
    clock,
    pageRows: painter.pageRows,
    center: painter.center,
    copy: painter.copy,
    openInBrowser,
    onChange: painter.changed,
    quit: () => finish({ kind: 'quit' }),
  });
  try {
    painter.paintSoon();
    const fed = await feed.run(AbortSignal.any([stop, over.signal]));
    return end ?? fed;
  } finally {
    over.abort();
    painter.close();
  }
}

interface PainterEvents {
  onKey(key: PressedKey): void;
  onWheel(rows: number): void;
  /** @param index of the row clicked, undefined beside the list */
  onClick(index: number | undefined): void;
  onGone(): void;
  /** Much more time has passed than was waited for. */
  onWake(): void;
}

/** Owns the terminal: paints when something has changed, at most 20 times a second, and at once after a key. */
function createPainter(state: DashboardState, options: DashboardOptions, clock: Clock, events: PainterEvents) {
  const theme = createTheme(options.hasColor);
  const scroll = new ListScroll();
  let list: Region = { x: 0, y: 0, width: 0, height: 0 };
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  let paintedMs = Number.NEGATIVE_INFINITY;
  let frameMs = FRAME_MS;
  const charts = { paintedMs: Number.NEGATIVE_INFINITY, place: '' };

  const terminal = openTerminal({
    env: options.env,
    onKey: events.onKey,
    onResize: () => {
      charts.place = '';
      paintSoon();
    },
    onWheel: (rows) => {
      events.onWheel(rows);
      changed();
    },
    onClick: (x, y) => {
      const isInside = x >= list.x && x < list.x + list.width && y >= list.y && y < list.y + list.height;
      events.onClick(isInside ? scroll.indexAt(y - list.y) : undefined);
    },
    onGone: events.onGone,
  });
  const glyphs = !terminal.isUtf8 ? ASCII_GLYPHS : terminal.isConsole ? CONSOLE_GLYPHS : UTF8_GLYPHS;
  const widgets = new Charts(terminal.screen);
  terminal.setTitle(`logd tail ${sanitize(state.serverUrl)}`);
  let aliveMs = clock.nowMs();
  const repaint = setInterval(() => {
    const sleptMs = clock.nowMs() - aliveMs;
    aliveMs += sleptMs;
    if (sleptMs > ASLEEP_MS) events.onWake();
    changed();
  }, REPAINT_MS);

  /** Their widgets are slow: twice a second, and when they have a new place or something lay over them. */
  function paintCharts(side: SideLayout): void {
    const nowMs = clock.nowMs();
    const place = `${state.overlay?.kind} ${side.bars.x} ${side.bars.height} ${side.sparkline.y}`;
    if (place === charts.place && clock.monotonicMs() - charts.paintedMs < REPAINT_MS) return;
    charts.place = place;
    charts.paintedMs = clock.monotonicMs();
    // What lay over them goes first; between two pictures nothing else touches this part.
    new Canvas(terminal.rows, side.charts).clear(theme.text);
    widgets.paint(
      { bars: side.bars, sparkline: side.sparkline },
      { levels: state.rate.levels(nowMs), rates: state.rate.history(nowMs) },
    );
  }

  function paint(): void {
    clearTimeout(timer);
    clearImmediate(soon);
    timer = undefined;
    soon = undefined;
    paintedMs = clock.monotonicMs();
    const { cursor, list: listRegion } = paintFrameOf({
      rows: terminal.rows,
      width: terminal.width,
      height: terminal.height,
      state,
      scroll,
      theme,
      glyphs,
      nowMs: clock.nowMs(),
      monotonicMs: paintedMs,
      paintCharts: glyphs === UTF8_GLYPHS && theme.hasColor ? paintCharts : undefined,
    });
    list = listRegion;
    frameMs = state.rate.perSecond(clock.nowMs()) > FLOOD_PER_SECOND ? FLOOD_FRAME_MS : FRAME_MS;
    terminal.draw(cursor);
  }

  function changed(): void {
    if (timer || soon) return;
    // Timers leave out the part of a millisecond: without it there would be a frame too many now and then.
    timer = setTimeout(paint, Math.max(0, Math.ceil(frameMs - (clock.monotonicMs() - paintedMs))));
  }

  function paintSoon(): void {
    soon ??= setImmediate(paint);
  }

  return {
    changed,
    paintSoon,
    pageRows: () => list.height,
    center: () => scroll.center(state.viewer, list.height),
    copy: terminal.copy,
    suspend: () =>
      terminal.suspend(() => {
        charts.place = '';
        paintSoon();
      }),
    close: () => {
      clearInterval(repaint);
      clearTimeout(timer);
      clearImmediate(soon);
      terminal.close();
    },
  };
}

function openInBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', url]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', url];
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
  // Without a browser here the address in the status line must do.
  child.on('error', () => {});
  child.unref();
}
