/**
 * The first row: connection, rate and lag; what the last hour held by level, and its heat strip.
 */
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import { duration, grouped, LEVEL_SHORT, short, URGENT_FIRST } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import { STRIP_MINUTES } from '../hour-strip.ts';
import type { DashboardState } from '../state.ts';
import type { Attribute, Theme } from '../theme.ts';
import { textWidth } from '../width.ts';

const STRIP_WIDTH_MIN = 10;

export function paintTopBar(canvas: Canvas, state: DashboardState, theme: Theme, glyphs: Glyphs, nowMs: number): void {
  canvas.fill(0, 0, canvas.width, ' ', theme.bar);
  let x = canvas.text(0, 0, ' logd ', theme.badge) + 1;
  const [sign, text, attribute] = connectionText(state, theme, glyphs, nowMs);
  x = canvas.text(x, 0, `${sign} ${text}`, attribute) + 2;
  if (state.viewer.snapshot().connection.kind === 'live') {
    x = canvas.text(x, 0, `${grouped(state.rate.perSecond(nowMs))}/s`, theme.barStrong) + 2;
    if (state.lagMs !== undefined && canvas.width >= 90) {
      x = canvas.text(x, 0, 'lag ', theme.barDim);
      x = canvas.text(x, 0, duration(state.lagMs), state.lagMs > 2_000 ? theme.barCaution : theme.bar) + 2;
    }
  }
  paintHour(canvas.part(x, 0, canvas.width - x, 1), state, theme, glyphs, nowMs);
}

function connectionText(
  state: DashboardState,
  theme: Theme,
  glyphs: Glyphs,
  nowMs: number,
): [sign: string, text: string, attribute: Attribute] {
  const { connection } = state.viewer.snapshot();
  switch (connection.kind) {
    case 'live':
      return [glyphs.live, 'LIVE', theme.barGood];
    case 'connecting':
      return [glyphs.waiting, 'connecting', theme.barCaution];
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.retryAtMs - nowMs) / 1_000));
      return [glyphs.waiting, `AWAY, next try in ${seconds} s`, theme.barBad];
    }
    case 'closed':
      return [glyphs.waiting, 'CLOSED', theme.barBad];
    default:
      connection satisfies never;
      throw new Error('BUG: a connection of unknown kind');
  }
}

/** From the right: address where there is room, heat strip, counts of the levels that occur. */
function paintHour(canvas: Canvas, state: DashboardState, theme: Theme, glyphs: Glyphs, nowMs: number): void {
  const counts = state.hour.counts(nowMs);
  const parts = URGENT_FIRST.filter((level) => counts[level] > 0 || level === 'ERROR' || level === 'WARNING').map(
    (level) => ({
      level,
      label: LEVEL_SHORT[level],
      count: short(counts[level]),
    }),
  );
  let right = canvas.width - 1;
  const address = sanitize(state.serverUrl.replace(/^http:\/\//, ''));
  const countsWidth = parts.reduce((width, part) => width + part.label.length + part.count.length + 3, 0);
  const room = right - countsWidth - 2;
  if (room >= STRIP_WIDTH_MIN + 8 + textWidth(address) + 2) {
    right -= textWidth(address);
    canvas.text(right, 0, address, theme.barDim);
    right -= 2;
  }
  const stripWidth = Math.min(STRIP_MINUTES, right - countsWidth - 6);
  if (stripWidth >= STRIP_WIDTH_MIN) {
    paintStrip(canvas.part(right - stripWidth, 0, stripWidth, 1), state, theme, glyphs, nowMs);
    right -= stripWidth + 1;
    right -= 3;
    canvas.text(right, 0, '1 h', theme.barDim);
    right -= 1;
  }
  let x = Math.max(0, right - countsWidth);
  for (const { level, label, count } of parts) {
    if (x + label.length + count.length + 1 > right) break;
    x = canvas.text(x, 0, label, theme.barLevel[level]) + 1;
    x = canvas.text(x, 0, count, theme.bar) + 2;
  }
}

function paintStrip(canvas: Canvas, state: DashboardState, theme: Theme, glyphs: Glyphs, nowMs: number): void {
  const columns = state.hour.columns(canvas.width, nowMs);
  const most = Math.max(1, ...columns.map(({ total }) => total));
  const { blocks } = glyphs;
  columns.forEach(({ total, worst }, x) => {
    // The root shows quiet minutes beside busy ones.
    const height = total === 0 ? 0 : Math.max(1, Math.round(Math.sqrt(total / most) * (blocks.length - 1)));
    const attribute = worst === undefined ? theme.barFaint : theme.barLevel[worst];
    canvas.text(x, 0, blocks[Math.max(1, height)] ?? ' ', attribute);
  });
}
