/**
 * One picture of the dashboard: every painter in its place.
 */
import { Canvas, type CellRow, type Region } from './canvas.ts';
import { short } from './figures.ts';
import type { Glyphs } from './glyphs.ts';
import { layOut, type SideLayout } from './layout.ts';
import type { ListScroll } from './list-scroll.ts';
import { paintClients } from './paint/clients.ts';
import { paintClientsPane } from './paint/clients-pane.ts';
import { paintDetail } from './paint/detail.ts';
import { paintHelp } from './paint/help.ts';
import { paintList } from './paint/list.ts';
import { paintBarLabels, paintHeading, paintLevelBars, paintRule, paintSparkline } from './paint/side.ts';
import { paintPrompt, paintStatus } from './paint/status.ts';
import { paintTickets } from './paint/tickets.ts';
import { paintTopBar } from './paint/top-bar.ts';
import type { DashboardState } from './state.ts';
import type { Theme } from './theme.ts';

export interface FrameInput {
  readonly rows: readonly CellRow[];
  readonly width: number;
  readonly height: number;
  readonly state: DashboardState;
  readonly scroll: ListScroll;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** Draws the charts of the side by widgets; missing: they are painted. */
  readonly paintCharts?: ((side: SideLayout) => void) | undefined;
}

export interface FrameOutput {
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
  readonly list: Region;
}

const TOO_SMALL = 'logd tail needs 40x8';

export function paintFrameOf(input: FrameInput): FrameOutput {
  const { rows, width, height, state, scroll, theme, glyphs, nowMs } = input;
  const on = (region: Region) => new Canvas(rows, region);
  if (width < 40 || height < 8) {
    const screen = on({ x: 0, y: 0, width, height });
    screen.clear(theme.text);
    screen.text(0, 0, TOO_SMALL, theme.caution);
    return { cursor: undefined, list: { x: 0, y: 0, width: 0, height: 0 } };
  }
  const layout = layOut(width, height, state);
  if (layout.side) paintSide(layout.side, input);
  paintTopBar(on(layout.topBar), state, theme, glyphs, nowMs);
  paintList(on(layout.list), state, scroll, theme, glyphs);
  const { overlay, highlighter, focus } = state;
  if (overlay?.kind === 'detail' && layout.detail) {
    const entry = state.viewer.entry(overlay.entry.uuid) ?? overlay.entry;
    paintDetail(on(layout.detail), { overlay, entry, highlighter, isFocused: focus === 'overlay', theme, glyphs });
  } else if (overlay?.kind === 'help') paintHelp(on(layout.over), theme, glyphs);
  else if (overlay?.kind === 'tickets') paintTickets(on(layout.over), overlay, theme, glyphs, nowMs);
  else if (overlay?.kind === 'clients')
    paintClientsPane(on(layout.over), overlay, state.clients.rows(nowMs), { theme, glyphs, nowMs });
  const bottom = on(layout.bottom);
  if (!state.prompt) {
    paintStatus(bottom, state, theme, glyphs, input.monotonicMs);
    return { cursor: undefined, list: layout.list };
  }
  const { x, y } = paintPrompt(bottom, state.prompt, theme, glyphs);
  return { cursor: { x, y: layout.bottom.y + y }, list: layout.list };
}

function paintSide(side: SideLayout, { rows, state, theme, glyphs, nowMs, paintCharts }: FrameInput): void {
  const on = (region: Region) => new Canvas(rows, region);
  if (paintCharts) {
    paintCharts(side);
    paintBarLabels(on(side.barLabels), state.rate.levels(nowMs), theme);
  } else {
    paintLevelBars(on(side.bars), state.rate.levels(nowMs), theme, glyphs);
    paintSparkline(on(side.sparkline), state.rate.history(nowMs), theme, glyphs);
  }
  const most = Math.max(0, ...state.rate.history(nowMs));
  paintHeading(on(side.levelsHeading), 0, 'LAST MINUTE', 'by level', theme);
  paintHeading(on(side.rateHeading), 0, 'RATE', `at most ${short(most)}/s`, theme);
  paintHeading(on(side.clientsHeading), 0, 'CLIENTS', String(state.clients.count), theme);
  paintClients(on(side.clients), state.clients.rows(nowMs), { theme, glyphs, nowMs });
  paintRule(on(side.rule), theme, glyphs);
}
