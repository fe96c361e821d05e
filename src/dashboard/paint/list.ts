/**
 * The list of entries: one row each, or more where long messages are wrapped.
 */
import type { EntryJson } from '../../entry/entry.ts';
import type { Highlighter } from '../../viewer/highlight.ts';
import type { GapRow, Row } from '../../viewer/row.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import { grouped, LEVEL_SHORT } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import type { ListScroll } from '../list-scroll.ts';
import { shownMessage } from '../message-cells.ts';
import type { DashboardState } from '../state.ts';
import type { Attribute, Theme } from '../theme.ts';
import { textWidth, toCells } from '../width.ts';

const CLIENT_WIDTH_MIN = 6;
const CLIENT_WIDTH_MAX = 18;
/** From this width on times are shown with milliseconds. */
const WIDE_FROM = 76;
/** Below this width clients take less of it. */
const NARROW_BELOW = 96;
/** Screen rows of one wrapped message. */
const WRAPPED_ROWS_MAX = 12;

interface Columns {
  readonly time: number;
  readonly timeWidth: number;
  readonly level: number;
  readonly client: number;
  readonly clientWidth: number;
  readonly message: number;
  readonly messageWidth: number;
}

export function paintList(
  canvas: Canvas,
  state: DashboardState,
  scroll: ListScroll,
  theme: Theme,
  glyphs: Glyphs,
): void {
  canvas.clear(theme.text);
  const { viewer } = state;
  const snapshot = viewer.snapshot();
  if (snapshot.shownCount === 0) {
    paintEmpty(canvas, state, theme, glyphs);
    return;
  }
  const columns = columnsOf(canvas.width, viewer.rows(snapshot.shownCount - 200, snapshot.shownCount));
  const placed = scroll.place(viewer, {
    height: canvas.height,
    heightOf: (row) => (state.wraps ? wrappedHeight(row, columns) : 1),
  });
  for (const { row, index, y, height } of placed) {
    const isSelected = !snapshot.isFollowing && index === snapshot.selectedIndex;
    if (row.kind === 'gap') {
      paintGap(canvas, y, row, isSelected, theme, glyphs);
      continue;
    }
    const part = canvas.part(0, y, canvas.width, height);
    paintEntry(part, row.entry, { columns, isSelected, state, theme, glyphs });
  }
}

interface EntryOptions {
  readonly columns: Columns;
  readonly isSelected: boolean;
  readonly state: Pick<DashboardState, 'highlighter' | 'wraps' | 'left'>;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

function paintEntry(
  canvas: Canvas,
  entry: EntryJson,
  { columns, isSelected, state, theme, glyphs }: EntryOptions,
): void {
  const level = entry.log_level;
  const on = (attribute: Attribute) => (isSelected ? theme.selected(attribute) : attribute);
  if (isSelected) canvas.clear(theme.selected(theme.text));
  if (level === 'ERROR' || level === 'CRITICAL' || level === 'WARNING') {
    const edge = level === 'CRITICAL' ? theme.level.ERROR : theme.level[level];
    for (let y = 0; y < canvas.height; y++) canvas.text(0, y, glyphs.edge, on(edge));
  }
  const time = entry.timestamp_str.slice(11, 11 + columns.timeWidth).replace(',', '.');
  canvas.text(columns.time, 0, time, on(theme.dim));
  canvas.text(columns.level, 0, LEVEL_SHORT[level], on(theme.level[level]));
  const client = theme.clients[hash(entry.client_id) % theme.clients.length] ?? theme.text;
  canvas.text(columns.client, 0, sanitize(entry.client_id), on(client), {
    width: columns.clientWidth,
    cut: glyphs.cut,
  });

  const marks = marksOf(entry, glyphs);
  const marksWidth = marks === '' ? 0 : textWidth(marks) + 1;
  const { cells, text } = shownMessage(entry);
  const base = on(theme.message[level]);
  const hits = hitCells(text, state.highlighter);
  const attributeAt = (index: number) => (hits?.has(index) ? theme.hit : base);
  if (state.wraps) {
    const { messageWidth } = columns;
    for (let y = 0; y < canvas.height && y * messageWidth < cells.length; y++) {
      const isLast = y === canvas.height - 1;
      canvas.cells(columns.message, y, cells, attributeAt, {
        skip: y * messageWidth,
        width: messageWidth,
        ...(isLast ? { cut: glyphs.cut } : {}),
      });
    }
  } else {
    const width = columns.messageWidth - marksWidth;
    canvas.cells(columns.message, 0, cells, attributeAt, { skip: state.left, width, cut: glyphs.more });
    if (state.left > 0 && cells.length > 0) canvas.text(columns.message - 1, 0, glyphs.less, on(theme.dim));
  }
  if (marks !== '') {
    canvas.fill(canvas.width - marksWidth, 0, marksWidth, ' ', on(theme.text));
    canvas.text(canvas.width - marksWidth + 1, 0, marks, on(theme.caution));
  }
}

function marksOf(entry: EntryJson, glyphs: Glyphs): string {
  return (
    (entry.note === undefined ? '' : glyphs.note) +
    (entry.is_pinned ? glyphs.pin : '') +
    (entry.is_ticket ? glyphs.ticket : '') +
    (entry.is_deleted ? glyphs.deleted : '')
  );
}

function paintGap(canvas: Canvas, y: number, row: GapRow, isSelected: boolean, theme: Theme, glyphs: Glyphs): void {
  const text = ` ${grouped(row.missed)} entries came too fast and are not here; Enter loads them `;
  const on = (attribute: Attribute) => (isSelected ? theme.selected(attribute) : attribute);
  canvas.fill(0, y, canvas.width, glyphs.horizontal, on(theme.rule));
  canvas.text(Math.max(0, Math.floor((canvas.width - text.length) / 2)), y, text, on(theme.caution));
}

function paintEmpty(canvas: Canvas, state: DashboardState, theme: Theme, glyphs: Glyphs): void {
  const { connection } = state.viewer.snapshot();
  const lines: [string, Attribute][] = [];
  if (connection.kind === 'waiting' || (connection.kind === 'closed' && connection.reason !== undefined)) {
    lines.push(['The server cannot be reached', theme.bad]);
    for (const line of wrapWords(sanitize(connection.reason ?? ''), Math.min(72, canvas.width - 4))) {
      lines.push([line, theme.dim]);
    }
  } else if (state.isLoading || connection.kind === 'connecting') lines.push([`Loading${glyphs.dots}`, theme.dim]);
  else if (state.filterText !== '') {
    lines.push(['Nothing matches the filter yet', theme.strong]);
    lines.push(['f changes it, F clears it; new entries appear as they come', theme.dim]);
  } else {
    lines.push(['No entry yet', theme.strong]);
    lines.push([`Send one:  logd ship --server ${sanitize(state.serverUrl)} --source syslog`, theme.dim]);
  }
  const top = Math.max(0, Math.floor((canvas.height - lines.length) / 2) - 1);
  lines.forEach(([line, attribute], index) => {
    canvas.text(Math.max(1, Math.floor((canvas.width - textWidth(line)) / 2)), top + index, line, attribute);
  });
}

/** Words in lines of at most that width. */
function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

function columnsOf(width: number, rows: readonly Row[]): Columns {
  const timeWidth = width >= WIDE_FROM ? 12 : 8;
  let clientWidth = CLIENT_WIDTH_MIN;
  for (const row of rows) {
    if (row.kind === 'entry')
      clientWidth = Math.max(clientWidth, Math.min(row.entry.client_id.length, CLIENT_WIDTH_MAX));
  }
  if (width < NARROW_BELOW) clientWidth = Math.min(clientWidth, 14);
  if (width < WIDE_FROM) clientWidth = Math.min(clientWidth, 12);
  const level = 2 + timeWidth;
  const client = level + 4;
  const message = client + clientWidth + 2;
  return { time: 1, timeWidth, level, client, clientWidth, message, messageWidth: Math.max(1, width - message) };
}

function wrappedHeight(row: Row, columns: Columns): number {
  if (row.kind === 'gap') return 1;
  const rows = Math.ceil(shownMessage(row.entry).cells.length / columns.messageWidth);
  return Math.min(Math.max(1, rows), WRAPPED_ROWS_MAX);
}

/** The cells that a search has hit. */
function hitCells(text: string, highlighter: Highlighter | undefined): Set<number> | undefined {
  const spans = highlighter?.(text);
  if (!spans || spans.length === 0) return undefined;
  const hits = new Set<number>();
  for (const { from, to } of spans) {
    const start = toCells(text.slice(0, from)).length;
    const end = start + toCells(text.slice(from, to)).length;
    for (let index = start; index < end; index++) hits.add(index);
  }
  return hits;
}

/** Spreads names over a few colours; the same name always has the same. */
export function hash(text: string): number {
  let value = 7;
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) >>> 0;
  return value;
}
