/**
 * Which part of the screen belongs to what.
 */

import type { Region } from './canvas.ts';
import { BAR_CHROME_ROWS } from './charts.ts';
import type { DashboardState } from './state.ts';

export interface Layout {
  readonly topBar: Region;
  readonly list: Region;
  /** Missing on narrow screens and where the detail is open. */
  readonly side: SideLayout | undefined;
  readonly detail: Region | undefined;
  /** For what opens over everything else. */
  readonly over: Region;
  /** The status line, or the two rows of the line being typed. */
  readonly bottom: Region;
}

export interface SideLayout {
  readonly rule: Region;
  readonly levelsHeading: Region;
  /** From the bars to the blank row below the sparkline. */
  readonly charts: Region;
  readonly bars: Region;
  /** Two rows within those of the bars. */
  readonly barLabels: Region;
  readonly rateHeading: Region;
  readonly sparkline: Region;
  readonly clientsHeading: Region;
  readonly clients: Region;
}

/** Below this the list needs all of the width. */
const SIDE_FROM = 100;
const SIDE_WIDTH = 36;
/** From this width on the side has room for all that is known of clients. */
const WIDE_SIDE_FROM = 160;
const WIDE_SIDE_WIDTH = 46;
/** From this width on the detail stands beside the list, else below it. */
const DETAIL_BESIDE_FROM = 120;
const BAR_ROWS_MAX = 6;

export function layOut(width: number, height: number, state: Pick<DashboardState, 'overlay' | 'prompt'>): Layout {
  const bottomHeight = state.prompt ? 2 : 1;
  const middle = { x: 0, y: 1, width, height: Math.max(0, height - 1 - bottomHeight) };
  const bars = {
    topBar: { x: 0, y: 0, width, height: 1 },
    bottom: { x: 0, y: height - bottomHeight, width, height: bottomHeight },
  };
  if (state.overlay?.kind === 'detail') {
    const [list, detail] = split(middle);
    return { ...bars, list, detail, side: undefined, over: middle };
  }
  if (width < SIDE_FROM) return { ...bars, list: middle, detail: undefined, side: undefined, over: middle };
  const sideWidth = width < WIDE_SIDE_FROM ? SIDE_WIDTH : WIDE_SIDE_WIDTH;
  const list = { ...middle, width: width - sideWidth };
  const side = laySide({ ...middle, x: width - sideWidth, width: sideWidth });
  return { ...bars, list, detail: undefined, side, over: middle };
}

function split(middle: Region): [list: Region, detail: Region] {
  if (middle.width >= DETAIL_BESIDE_FROM) {
    const listWidth = Math.floor(middle.width * 0.5);
    return [
      { ...middle, width: listWidth },
      { ...middle, x: listWidth, width: middle.width - listWidth },
    ];
  }
  const listHeight = Math.max(3, Math.floor(middle.height * 0.36));
  return [
    { ...middle, height: Math.min(listHeight, middle.height) },
    { ...middle, y: middle.y + listHeight, height: Math.max(0, middle.height - listHeight) },
  ];
}

function laySide(side: Region): SideLayout {
  const x = side.x + 1;
  const width = side.width - 1;
  const barRows = Math.max(2, Math.min(BAR_ROWS_MAX, side.height - 26));
  let y = side.y;
  const take = (height: number): Region => {
    const region = { x, y, width, height: Math.max(0, Math.min(height, side.y + side.height - y)) };
    y += height;
    return region;
  };
  const levelsHeading = take(1);
  const bars = take(barRows + BAR_CHROME_ROWS);
  const barLabels = { ...bars, y: bars.y + bars.height - 3, height: 2 };
  const rateHeading = take(1);
  const sparkline = take(1);
  take(1);
  const charts = { ...bars, height: y - bars.y };
  const clientsHeading = take(1);
  const clients = take(side.y + side.height - y);
  return {
    rule: { ...side, width: 1 },
    levelsHeading,
    charts,
    bars,
    barLabels,
    rateHeading,
    sparkline,
    clientsHeading,
    clients,
  };
}
