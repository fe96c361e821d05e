/**
 * Paints one row of the list into an element that is used again and again. Text goes in as text nodes only; what would
 * steer the reader's eye (bidi controls, zero-width characters, escapes) is written out.
 */
import type { EntryJson } from '../../entry/entry.ts';
import type { Highlighter } from '../../viewer/highlight.ts';
import type { GapRow, Row } from '../../viewer/row.ts';
import { type SanitizeOptions, sanitize } from '../../viewer/sanitize.ts';
import { plural } from '../figures.ts';
import { LEVEL_SHORT } from '../level-shown.ts';
import { type Piece, pieceClass, plainText, textPieces } from '../text-pieces.ts';
import { type DateDetail, showTime, type Zone } from '../time-shown.ts';

/** What all rows have in common; another object means that every row is painted anew. */
export interface RowStyle {
  readonly zone: Zone;
  readonly detail: DateDetail;
  readonly isWrapped: boolean;
  readonly highlight: Highlighter | undefined;
  /** UTF-16 units of a message that a row shows at most. */
  readonly textMax: number;
}

export interface RowMarks {
  readonly isSelected: boolean;
  readonly isChecked: boolean;
}

export class RowPainter {
  readonly element = element('div', 'row');
  readonly #check = element('span', 'row-check');
  readonly #time = element('span', 'row-time');
  readonly #level = element('span', 'row-level');
  readonly #client = element('span', 'row-client');
  readonly #message = element('span', 'row-message');
  readonly #flags = element('span', 'row-flags');
  readonly #gap = element('span', 'row-gap');
  #row: Row | undefined;
  #index = -1;
  #style: RowStyle | undefined;
  #isSelected = false;
  #isChecked = false;
  #top = -1;
  #height = -1;

  constructor(number: number) {
    this.element.id = `row-${number}`;
    this.element.setAttribute('role', 'row');
    for (const cell of [this.#check, this.#time, this.#level, this.#client, this.#message, this.#flags]) {
      cell.setAttribute('role', 'gridcell');
    }
    this.#check.setAttribute('aria-label', 'Choose');
    this.#gap.setAttribute('role', 'gridcell');
  }

  get row(): Row | undefined {
    return this.#row;
  }

  /** Does nothing that is done already. */
  paint(row: Row, index: number, style: RowStyle, marks: RowMarks): void {
    const { element } = this;
    if (row !== this.#row || style !== this.#style) {
      if (row.kind === 'gap') this.#paintGap(row);
      else this.#paintEntry(row.entry, style);
      this.#row = row;
      this.#style = style;
    }
    if (index !== this.#index) {
      this.#index = index;
      element.setAttribute('aria-rowindex', String(index + 1));
      element.classList.toggle('odd', index % 2 === 1);
    }
    if (marks.isSelected !== this.#isSelected) {
      this.#isSelected = marks.isSelected;
      element.classList.toggle('selected', marks.isSelected);
    }
    if (marks.isChecked !== this.#isChecked) {
      this.#isChecked = marks.isChecked;
      element.classList.toggle('checked', marks.isChecked);
    }
    const isChosen = marks.isSelected || marks.isChecked ? 'true' : 'false';
    if (element.getAttribute('aria-selected') !== isChosen) element.setAttribute('aria-selected', isChosen);
  }

  place(top: number, height: number): void {
    if (top !== this.#top) {
      this.#top = top;
      this.element.style.transform = `translateY(${top}px)`;
    }
    if (height !== this.#height) {
      this.#height = height;
      this.element.style.height = `${height}px`;
    }
    if (this.element.hidden) this.element.hidden = false;
  }

  hide(): void {
    if (!this.element.hidden) this.element.hidden = true;
  }

  #paintGap(row: GapRow): void {
    this.element.className = `row gap${this.#marks()}`;
    this.#gap.textContent = `${plural(row.missed, 'entry', 'entries')} skipped — load`;
    this.element.replaceChildren(this.#gap);
    delete this.element.dataset.id;
  }

  #paintEntry(entry: EntryJson, style: RowStyle): void {
    this.element.className = `row level-${entry.log_level.toLowerCase()}${this.#marks()}`;
    if (this.#row?.kind !== 'entry') {
      this.element.replaceChildren(this.#check, this.#time, this.#level, this.#client, this.#message, this.#flags);
    }
    this.element.dataset.id = entry.uuid;
    this.#time.textContent = showTime(Date.parse(entry.timestamp), style.zone, style.detail);
    this.#level.textContent = LEVEL_SHORT[entry.log_level];
    this.#client.textContent = sanitize(entry.client_id);
    this.#client.title = this.#client.textContent;
    paintMessage(this.#message, entry.message, style);
    paintFlags(this.#flags, entry);
  }

  #marks(): string {
    return `${this.#isSelected ? ' selected' : ''}${this.#isChecked ? ' checked' : ''}${this.#index % 2 === 1 ? ' odd' : ''}`;
  }
}

/** The text of a message as a row shows it. */
export function rowText(message: string, style: Pick<RowStyle, 'isWrapped' | 'textMax'>): string {
  return plainText(shownLine(cut(message, style.textMax), style), optionsOf(style));
}

function paintMessage(cell: HTMLElement, message: string, style: RowStyle): void {
  const pieces = textPieces(shownLine(cut(message, style.textMax), style), style.highlight, optionsOf(style));
  const only = pieces.length === 1 ? pieces[0] : undefined;
  if (only && isPlain(only)) cell.textContent = only.text;
  else cell.replaceChildren(...pieces.map(pieceNode));
}

function pieceNode(piece: Piece): Node {
  if (isPlain(piece)) return document.createTextNode(piece.text);
  const node = element(piece.isHit ? 'mark' : 'span', pieceClass(piece));
  node.textContent = piece.text;
  return node;
}

function isPlain({ colour, isBold, isHit }: Piece): boolean {
  return colour === undefined && !isBold && !isHit;
}

function cut(message: string, textMax: number): string {
  return message.length > textMax ? `${message.slice(0, textMax).toWellFormed()}…` : message;
}

/** On one line a break is a sign of its own. */
function shownLine(message: string, { isWrapped }: Pick<RowStyle, 'isWrapped'>): string {
  return isWrapped ? message : message.replace(/\r?\n/g, ' ⏎ ');
}

function optionsOf({ isWrapped }: Pick<RowStyle, 'isWrapped'>): SanitizeOptions {
  return isWrapped ? { lineBreaks: 'keep' } : {};
}

function paintFlags(cell: HTMLElement, entry: EntryJson): void {
  const flags: HTMLElement[] = [];
  if (entry.note !== undefined) flags.push(flag('note', '✎', `Note: ${sanitize(entry.note)}`));
  if (entry.is_ticket) flags.push(flag('ticket', '◆', 'Ticket'));
  if (entry.is_pinned) flags.push(flag('pin', '●', 'Pinned'));
  if (entry.is_deleted) flags.push(flag('deleted', 'deleted', 'Deleted'));
  cell.replaceChildren(...flags);
}

function flag(name: string, text: string, title: string): HTMLElement {
  const node = element('span', `flag flag-${name}`);
  node.textContent = text;
  node.title = title;
  node.setAttribute('aria-label', title);
  return node;
}

function element(tag: string, className: string): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}
