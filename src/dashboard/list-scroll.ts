/**
 * Which rows of a list are on the screen: follows the newest, keeps still while paused, keeps the selection in sight.
 */
import type { Row } from '../viewer/row.ts';
import type { Viewer } from '../viewer/viewer.ts';

export interface PlacedRow {
  readonly row: Row;
  readonly index: number;
  readonly y: number;
  /** Screen rows it takes. */
  readonly height: number;
}

export interface PlaceOptions {
  readonly height: number;
  heightOf(row: Row): number;
}

export class ListScroll {
  /** Index of the first row on the screen. */
  #top = 0;
  #headShift = 0;
  #placed: readonly PlacedRow[] = [];

  place(viewer: Viewer, { height, heightOf }: PlaceOptions): PlacedRow[] {
    const { shownCount, selectedIndex, isFollowing, headShift } = viewer.snapshot();
    this.#top = Math.max(0, this.#top - (headShift - this.#headShift));
    this.#headShift = headShift;
    const lowest = lastTop(viewer, shownCount, height, heightOf);
    if (isFollowing) this.#top = lowest;
    this.#top = Math.min(this.#top, lowest);
    if (selectedIndex !== -1) {
      if (selectedIndex < this.#top) this.#top = selectedIndex;
      this.#top = Math.max(this.#top, topFor(viewer, selectedIndex, height, heightOf));
    }
    const placed: PlacedRow[] = [];
    let y = 0;
    for (let index = this.#top; y < height; index++) {
      const row = viewer.row(index);
      if (!row) break;
      const rowHeight = heightOf(row);
      placed.push({ row, index, y, height: rowHeight });
      y += rowHeight;
    }
    this.#placed = placed;
    return placed;
  }

  /** The index of the row that was placed there last. */
  indexAt(y: number): number | undefined {
    return this.#placed.find((placed) => y >= placed.y && y < placed.y + placed.height)?.index;
  }

  /** Brings the selected row to the middle, for jumps. */
  center(viewer: Viewer, height: number): void {
    this.#top = Math.max(0, viewer.selectedIndex - Math.floor(height / 2));
  }
}

/** The first row when the last one stands at the bottom. */
function lastTop(viewer: Viewer, count: number, height: number, heightOf: (row: Row) => number): number {
  return count === 0 ? 0 : topFor(viewer, count - 1, height, heightOf);
}

/** The least first row that still shows all of the row at an index, or its beginning when it is higher than the screen. */
function topFor(viewer: Viewer, index: number, height: number, heightOf: (row: Row) => number): number {
  let room = height;
  let top = index;
  for (let at = index; at >= 0; at--) {
    const row = viewer.row(at);
    if (!row) break;
    room -= heightOf(row);
    if (room < 0) break;
    top = at;
  }
  return top;
}
