/**
 * The clients at the side: how much each sends, when last, and what its agent is behind with and has lost.
 */
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import type { ClientRow } from '../client-activity.ts';
import { ago, short } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Attribute, Theme } from '../theme.ts';
import { hash } from './list.ts';

export interface Column {
  readonly heading: string;
  readonly width: number;
  readonly show: (row: ClientRow, look: Look) => readonly [text: string, attribute: Attribute];
}

export interface Look {
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  readonly nowMs: number;
}

/** Shorter than this is no lag but the way things go. */
const LAG_TOLD_MS = 1_000;
/** Room below which the name would suffer. */
const NAME_WIDTH_MIN = 11;

export const RATE: Column = {
  heading: '/s',
  width: 5,
  show: ({ perSecond }, { theme, glyphs }) =>
    perSecond === 0 ? [glyphs.dot, theme.dim] : [short(perSecond), theme.text],
};
export const ERRORS: Column = {
  heading: 'err',
  width: 5,
  show: ({ errors }, { theme }) => [short(errors), errors > 0 ? theme.bad : theme.dim],
};
export const LAG: Column = {
  heading: 'lag',
  width: 4,
  show: ({ agent }, { theme, glyphs }) => {
    // A spool that fills is why there is lag, or soon will be.
    if (agent?.troubles.has('spool')) return ['full', theme.caution];
    if (!agent || agent.lagMs < LAG_TOLD_MS) return [glyphs.dot, theme.dim];
    return [ago(Math.max(2_000, agent.lagMs)), agent.troubles.has('lag') ? theme.caution : theme.text];
  },
};
export const GAPS: Column = {
  heading: 'gap',
  width: 4,
  show: ({ agent }, { theme, glyphs }) =>
    agent?.troubles.has('gaps') ? [short(agent.gaps), theme.caution] : [glyphs.dot, theme.dim],
};
export const SEEN: Column = {
  heading: 'seen',
  width: 4,
  show: ({ lastSeenMs, isSilent }, { theme, nowMs }) => [ago(nowMs - lastSeenMs), isSilent ? theme.caution : theme.dim],
};

export function paintClients(canvas: Canvas, rows: readonly ClientRow[], look: Look): void {
  const { theme, glyphs } = look;
  canvas.clear(theme.text);
  const columns = placed(columnsFor(rows, canvas.width), canvas.width);
  const nameWidth = (columns[0]?.x ?? canvas.width) - 3;
  canvas.text(1, 0, 'client', theme.dim);
  for (const { x, column } of columns) canvas.text(x, 0, column.heading.padStart(column.width), theme.dim);
  const room = canvas.height - 1;
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows;
  shown.forEach((client, index) => {
    const y = index + 1;
    const name = theme.clients[hash(client.clientId) % theme.clients.length] ?? theme.text;
    canvas.text(1, y, sanitize(client.clientId), client.isSilent ? theme.dim : name, {
      width: nameWidth,
      cut: glyphs.cut,
    });
    for (const { x, column } of columns) {
      const [text, attribute] = column.show(client, look);
      canvas.text(x, y, text.padStart(column.width), attribute);
    }
  });
  if (shown.length < rows.length) canvas.text(1, room, `and ${rows.length - shown.length} more`, theme.dim);
}

/** What agents tell goes before the errors, which the level bars show too. */
function columnsFor(rows: readonly ClientRow[], width: number): readonly Column[] {
  if (!rows.some(({ agent }) => agent)) return [RATE, ERRORS, SEEN];
  const all = [RATE, ERRORS, LAG, GAPS, SEEN];
  return width - widthOf(all) < NAME_WIDTH_MIN + 3 ? [RATE, LAG, GAPS, SEEN] : all;
}

function placed(columns: readonly Column[], width: number): { x: number; column: Column }[] {
  let x = width - widthOf(columns);
  return columns.map((column) => {
    const at = x;
    x += column.width + 1;
    return { x: at, column };
  });
}

/** With a cell behind each. */
function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + 1, 0);
}
