/**
 * Painting into cells: the rows of a blessed screen, or any of the same form. Everything is clipped, nothing in a text
 * is interpreted.
 */
import type { Attribute } from './theme.ts';
import { FILLER, toCells } from './width.ts';

export type Cell = [attribute: Attribute, character: string];

/** A row of a screen; `dirty` says that it must be drawn. */
export type CellRow = Cell[] & { dirty?: boolean };

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextOptions {
  /** Cells of the text to leave out at its beginning. */
  readonly skip?: number;
  /** Cells to use at most. */
  readonly width?: number;
  /** What is put in the last cell of a text that does not fit. */
  readonly cut?: string;
}

export class Canvas {
  readonly #rows: readonly CellRow[];
  readonly region: Region;

  constructor(rows: readonly CellRow[], region: Region) {
    this.#rows = rows;
    this.region = region;
  }

  get width(): number {
    return this.region.width;
  }

  get height(): number {
    return this.region.height;
  }

  /** A part of this canvas with its own origin. */
  part(x: number, y: number, width: number, height: number): Canvas {
    const left = Math.min(Math.max(0, x), this.width);
    const top = Math.min(Math.max(0, y), this.height);
    return new Canvas(this.#rows, {
      x: this.region.x + left,
      y: this.region.y + top,
      width: Math.max(0, Math.min(width, this.width - left)),
      height: Math.max(0, Math.min(height, this.height - top)),
    });
  }

  /** Puts a sanitised text. @returns the column behind it */
  text(x: number, y: number, text: string, attribute: Attribute, options: TextOptions = {}): number {
    return this.cells(x, y, toCells(text), () => attribute, options);
  }

  /** Puts cells, each with the attribute of its place. @returns the column behind them */
  cells(
    x: number,
    y: number,
    cells: readonly string[],
    attributeAt: (index: number) => Attribute,
    { skip = 0, width = this.width - x, cut }: TextOptions = {},
  ): number {
    const room = Math.min(width, this.width - x);
    const count = cells.length - skip;
    if (room <= 0 || count <= 0) return x;
    const isCut = count > room;
    const shown = Math.min(count, room);
    for (let column = 0; column < shown; column++) {
      const index = skip + column;
      let character = cells[index] ?? ' ';
      // Half a wide character cannot be shown.
      if (column === 0 && character === FILLER) character = ' ';
      if (column === shown - 1 && cells[index + 1] === FILLER) character = ' ';
      if (isCut && cut !== undefined && column === shown - 1) {
        character = cut;
        if (cells[index] === FILLER && column > 0) this.#put(x + column - 1, y, ' ', attributeAt(index - 1));
      }
      this.#put(x + column, y, character, attributeAt(index));
    }
    return x + shown;
  }

  fill(x: number, y: number, width: number, character: string, attribute: Attribute): void {
    const end = Math.min(x + width, this.width);
    for (let column = Math.max(0, x); column < end; column++) this.#put(column, y, character, attribute);
  }

  /** Blanks all of it. */
  clear(attribute: Attribute): void {
    for (let y = 0; y < this.height; y++) this.fill(0, y, this.width, ' ', attribute);
  }

  #put(x: number, y: number, character: string, attribute: Attribute): void {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return;
    const row = this.#rows[this.region.y + y];
    const cell = row?.[this.region.x + x];
    if (!row || !cell || (cell[0] === attribute && cell[1] === character)) return;
    cell[0] = attribute;
    cell[1] = character;
    row.dirty = true;
  }
}
