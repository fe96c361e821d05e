/**
 * Cells as text, for tests and golden frames.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { CellRow } from '../../src/dashboard/canvas.ts';
import { attribute } from '../../src/dashboard/theme.ts';
import { FILLER } from '../../src/dashboard/width.ts';

export function blankRows(width: number, height: number): CellRow[] {
  return Array.from({ length: height }, () =>
    Array.from({ length: width }, (): [number, string] => [attribute(), ' ']),
  );
}

/** Rows without the blanks at their ends; a wide character stands for its two cells. */
export function textOf(rows: readonly CellRow[]): string[] {
  return rows.map((row) =>
    row
      .map(([, character]) => (character === FILLER ? '' : character))
      .join('')
      .trimEnd(),
  );
}

/** The text, and below it a letter for the look of each cell, with what the letters mean. */
export function pictureOf(rows: readonly CellRow[]): string {
  const letters = new Map<number, string>([[attribute(), ' ']]);
  const looks = rows.map((row) =>
    row
      .map(([look]) => {
        const letter = letters.get(look) ?? String.fromCharCode(0x60 + letters.size);
        letters.set(look, letter);
        return letter;
      })
      .join('')
      .trimEnd(),
  );
  const legend = [...letters].slice(1).map(([look, letter]) => `${letter} ${describe(look)}`);
  return `${[...textOf(rows), '', ...looks, '', ...legend].join('\n')}\n`;
}

/** Compares with the file of that name in golden/; LOGD_UPDATE_GOLDEN=1 writes it instead. */
export function assertGolden(name: string, picture: string): void {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  if (process.env.LOGD_UPDATE_GOLDEN) writeFileSync(file, picture);
  assert.ok(existsSync(file), `there is no golden/${name}.txt: look at it and write it with LOGD_UPDATE_GOLDEN=1`);
  assert.equal(picture, readFileSync(file, 'utf8'), 'if the change is wanted, LOGD_UPDATE_GOLDEN=1 writes it');
}

function describe(look: number): string {
  const names = { 1: 'bold', 2: 'underline', 8: 'inverse' };
  const colour = (value: number) => (value === 0x1ff ? 'own' : String(value));
  const flags = Object.entries(names).flatMap(([flag, name]) => ((look >> 18) & Number(flag) ? [` ${name}`] : []));
  return `${colour((look >> 9) & 0x1ff)} on ${colour(look & 0x1ff)}${flags.join('')}`;
}
