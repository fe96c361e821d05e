/**
 * Text → cells of a terminal. Whatever a terminal may count otherwise than we do is taken apart: joined emoji are shown
 * one by one, flags as letters, so that columns stay straight everywhere.
 */
import { WIDE_RANGES } from './width-table.ts';

/** What stands in the second cell of a wide character; blessed skips it. */
export const FILLER = '\u0000';

const ASCII = /^[\u0020-\u007e]*$/;
const MARK = /^[\p{Mn}\p{Me}]$/u;
/** Combining marks of one cell. Beyond: left out, a pile of them would run over other rows. */
const MARKS_MAX = 3;
const MARK_CACHE = new Map<number, boolean>();

/** 0, 1 or 2 cells. */
export function charWidth(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if (isSkipped(code) || isMark(code)) return 0;
  return isWide(code) ? 2 : 1;
}

/**
 * A text as cells: one character with its combining marks each, FILLER behind a wide one. The text must have been
 * sanitised.
 */
export function toCells(text: string): string[] {
  if (ASCII.test(text)) return text.split('');
  const cells: string[] = [];
  let marks = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isSkipped(code)) continue;
    if (code >= 0x1f1e6 && code <= 0x1f1ff) {
      cells.push(String.fromCharCode(0x41 + code - 0x1f1e6));
      marks = 0;
    } else if (code >= 0x300 && isMark(code)) {
      addMark(cells, character, ++marks);
    } else {
      cells.push(character);
      if (isWide(code)) cells.push(FILLER);
      marks = 0;
    }
  }
  return cells;
}

/** How many cells a sanitised text takes. */
export function textWidth(text: string): number {
  return ASCII.test(text) ? text.length : toCells(text).length;
}

function addMark(cells: string[], mark: string, count: number): void {
  if (count > MARKS_MAX) return;
  const at = cells.at(-1) === FILLER ? cells.length - 2 : cells.length - 1;
  if (at < 0) cells.push(`\u25cc${mark}`);
  else cells[at] += mark;
}

/** Joiners, emoji and text selectors, skin tones, conjoining vowels and finals: they belong to the character before. */
function isSkipped(code: number): boolean {
  return (
    code === 0x200c ||
    code === 0x200d ||
    code === 0xfe0e ||
    code === 0xfe0f ||
    (code >= 0x1f3fb && code <= 0x1f3ff) ||
    (code >= 0x1160 && code <= 0x11ff)
  );
}

function isMark(code: number): boolean {
  let known = MARK_CACHE.get(code);
  if (known === undefined) {
    known = MARK.test(String.fromCodePoint(code));
    if (MARK_CACHE.size < 10_000) MARK_CACHE.set(code, known);
  }
  return known;
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  let low = 0;
  let high = WIDE_RANGES.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (WIDE_RANGES[middle * 2] ?? 0)) high = middle - 1;
    else if (code > (WIDE_RANGES[middle * 2 + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}
