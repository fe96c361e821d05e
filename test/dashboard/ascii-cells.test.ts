import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAscii } from '../../src/dashboard/ascii-cells.ts';
import type { CellRow } from '../../src/dashboard/canvas.ts';
import { attribute } from '../../src/dashboard/theme.ts';
import { toCells } from '../../src/dashboard/width.ts';

const cases: [text: string, ascii: string][] = [
  ['GET /', 'GET /'],
  ['é e\u0301 ß', 'e e s'],
  ['日本 |', '???? |'],
  ['💥|', '??|'],
  ['deleted · u undo…', 'deleted - u undo~'],
  ['│─█', '|-?'],
];
for (const [text, ascii] of cases) {
  test(`cells without UTF-8: ${text} is ${ascii}, as many cells`, () => {
    const row: CellRow = toCells(text).map((cell) => [attribute(), cell]);
    toAscii([row]);
    assert.equal(row.map(([, character]) => character).join(''), ascii);
  });
}
