/**
 * One entry in full: message, fields, note, and what stands around it in the store.
 */
import type { EntryJson } from '../../entry/entry.ts';
import type { Highlighter } from '../../viewer/highlight.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import { LEVEL_SHORT } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import { shownMessage } from '../message-cells.ts';
import type { DetailOverlay } from '../state.ts';
import type { Attribute, Theme } from '../theme.ts';
import { FILLER, textWidth, toCells } from '../width.ts';
import { paintFrame } from './frame.ts';

type Span = readonly [text: string, attribute: Attribute];
type Line = readonly Span[];

export interface DetailOptions {
  readonly overlay: DetailOverlay;
  /** The newest version of the entry. */
  readonly entry: EntryJson;
  readonly highlighter: Highlighter | undefined;
  readonly isFocused: boolean;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

/** What is shown of a message and of a field, in UTF-16 units; `y` copies all of it. */
const MESSAGE_LENGTH_MAX = 65_536;
const FIELD_LENGTH_MAX = 4_096;
const LABEL_WIDTH_MAX = 20;
const CONTEXT_CLIENT_WIDTH_MAX = 14;

/** @returns how far it can be scrolled */
export function paintDetail(canvas: Canvas, options: DetailOptions): { readonly scrollMax: number } {
  const { overlay, theme, glyphs, isFocused } = options;
  const footer = isFocused
    ? 'j k scroll  Tab list  Esc closes'
    : 'j k next  Tab scrolls here  p t a d act  y copy  Esc closes';
  const inside = paintFrame(canvas, { title: 'Entry', footer, isFocused }, theme, glyphs);
  const lines = detailLines(inside.width, options);
  const scrollMax = Math.max(0, lines.length - inside.height);
  overlay.scroll = Math.min(overlay.scroll, scrollMax);
  lines.slice(overlay.scroll, overlay.scroll + inside.height).forEach((line, y) => {
    let x = 0;
    for (const [text, attribute] of line) x = inside.text(x, y, text, attribute, { cut: glyphs.cut });
  });
  if (overlay.scroll < scrollMax) canvas.text(canvas.width - 3, canvas.height - 1, glyphs.down, theme.link);
  return { scrollMax };
}

function detailLines(width: number, options: DetailOptions): Line[] {
  const { entry, theme } = options;
  return [
    ...headLines(options),
    [],
    ...messageLines(entry.message, width, theme.message[entry.log_level]),
    ...noteLines(entry, width, theme),
    ...fieldLines(entry, width, theme),
    [],
    ...contextLines(options),
  ];
}

function headLines({ entry, theme, glyphs }: DetailOptions): Line[] {
  const marks: Span[] = [];
  if (entry.is_pinned) marks.push([`  ${glyphs.pin} pinned`, theme.caution]);
  if (entry.is_ticket) marks.push([`  ${glyphs.ticket} ticket`, theme.caution]);
  if (entry.is_deleted) marks.push([`  ${glyphs.deleted} deleted`, theme.bad]);
  const local = localTime(entry.timestamp);
  return [
    [[` ${entry.log_level} `, theme.level[entry.log_level]], [` ${sanitize(entry.client_id)}`, theme.strong], ...marks],
    [
      [`${entry.timestamp_str.replace(',', '.')} UTC`, theme.text],
      [local === '' ? '' : `  ${local} here`, theme.dim],
    ],
    [
      [entry.uuid, theme.dim],
      [entry.source === undefined ? '' : `  from ${sanitize(entry.source)}`, theme.dim],
    ],
  ];
}

/** Empty where this machine's time is UTC. */
function localTime(timestamp: string): string {
  const time = new Date(timestamp);
  if (time.getTimezoneOffset() === 0 || Number.isNaN(time.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function messageLines(message: string, width: number, attribute: Attribute): Line[] {
  const cut = message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX).toWellFormed()}…` : message;
  return sanitize(cut, { lineBreaks: 'keep', tabs: 'keep' })
    .split('\n')
    .flatMap((line) => wrapCells(line.replaceAll('\t', '    '), width).map((part): Line => [[part, attribute]]));
}

function noteLines(entry: EntryJson, width: number, theme: Theme): Line[] {
  if (entry.note === undefined) return [];
  const lines = sanitize(entry.note, { lineBreaks: 'keep' })
    .split('\n')
    .flatMap((line) => wrapCells(line, width));
  return [[], [['NOTE', theme.title]], ...lines.map((line): Line => [[line, theme.text]])];
}

function fieldLines(entry: EntryJson, width: number, theme: Theme): Line[] {
  const fields = Object.entries(entry.fields ?? {});
  if (fields.length === 0) return [];
  const labels = fields.map(([name]) => sanitize(name));
  const labelWidth = Math.min(LABEL_WIDTH_MAX, Math.max(...labels.map(textWidth)));
  const lines = fields.flatMap(([, value], index): Line[] => {
    const label = labels[index] ?? '';
    const text = sanitize(String(value).slice(0, FIELD_LENGTH_MAX).toWellFormed());
    const parts = wrapCells(text, Math.max(8, width - labelWidth - 2));
    return parts.map((part, row): Line => {
      return [
        [`${fitted(row === 0 ? label : '', labelWidth)}  `, theme.link],
        [part, theme.text],
      ];
    });
  });
  return [[], [['FIELDS', theme.title]], ...lines];
}

function contextLines({ overlay, entry, theme, glyphs }: DetailOptions): Line[] {
  const { context } = overlay;
  const heading: Line = [['AROUND IT', theme.title]];
  switch (context.kind) {
    case 'loading':
      return [heading, [[`loading${glyphs.dots}`, theme.dim]]];
    case 'failed':
      return [heading, [[sanitize(context.reason), theme.bad]]];
    case 'loaded': {
      const entries = [...context.before, entry, ...context.after];
      const widths = entries.map(({ client_id }) => textWidth(sanitize(client_id)));
      const clientWidth = Math.min(CONTEXT_CLIENT_WIDTH_MAX, Math.max(...widths));
      const line = (other: EntryJson): Line => [
        [other.uuid === entry.uuid ? glyphs.edge : ' ', theme.link],
        [`${other.timestamp_str.slice(11, 19)} `, theme.dim],
        [LEVEL_SHORT[other.log_level], theme.level[other.log_level]],
        [` ${fitted(sanitize(other.client_id), clientWidth)} `, theme.dim],
        [shownMessage(other).text, other.uuid === entry.uuid ? theme.strong : theme.text],
      ];
      return [heading, ...entries.map(line)];
    }
    default:
      context satisfies never;
      throw new Error('BUG: a context of unknown kind');
  }
}

/** Exactly that many cells: filled up, or cut. */
function fitted(text: string, width: number): string {
  const cells = toCells(text);
  if (cells.length <= width) return text + ' '.repeat(width - cells.length);
  const kept = cells.slice(0, cells[width - 1] === FILLER ? width - 2 : width - 1);
  return `${joined(kept)}~${' '.repeat(width - kept.length - 1)}`;
}

function joined(cells: readonly string[]): string {
  return cells.filter((cell) => cell !== FILLER).join('');
}

/** A text in pieces of at most that many cells, never cut inside a character. */
function wrapCells(text: string, width: number): string[] {
  const cells = toCells(text);
  if (cells.length <= width) return [text];
  const pieces: string[] = [];
  for (let from = 0; from < cells.length; ) {
    let to = Math.min(cells.length, from + Math.max(2, width));
    if (cells[to] === FILLER) to--;
    else if (to < cells.length) {
      // Between words where that does not leave a ragged line.
      const space = cells.lastIndexOf(' ', to);
      if (space > from + width * 0.6) to = space + 1;
    }
    pieces.push(joined(cells.slice(from, to)));
    from = to;
  }
  return pieces;
}
