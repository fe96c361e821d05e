/**
 * Cells for a terminal without UTF-8: each character becomes one of ASCII, and a wide one two, so that columns stay straight.
 */
import type { CellRow } from './canvas.ts';
import { FILLER } from './width.ts';

const ASCII = /^[ -~]$/;
const OTHER = '?';
/** What has a usual spelling in ASCII; a letter with accents becomes the letter. */
const SPELLINGS: Readonly<Record<string, string>> = {
  '·': '-',
  '•': '*',
  '…': '~',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '→': '>',
  '←': '<',
  '─': '-',
  '│': '|',
  ß: 's',
  ø: 'o',
  Ø: 'O',
};

/** Changes the cells in place. */
export function toAscii(rows: readonly CellRow[]): void {
  for (const row of rows) {
    for (const cell of row) if (!ASCII.test(cell[1])) cell[1] = asciiOf(cell[1]);
  }
}

function asciiOf(character: string): string {
  if (character === FILLER) return OTHER;
  const base = character.normalize('NFD')[0] ?? OTHER;
  return ASCII.test(base) ? base : (SPELLINGS[base] ?? OTHER);
}
