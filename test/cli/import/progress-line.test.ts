import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importLine } from '../../../src/cli/import/progress-line.ts';
import type { ImportFigures } from '../../../src/cli/import/tally.ts';

const FIGURES: ImportFigures = {
  bytesRead: 50,
  bytesTotal: 200,
  bytesChecked: undefined,
  entriesStored: 1_500,
  entriesBefore: 0,
};

const CASES: readonly (readonly [
  form: 'bar' | 'words',
  figures: Partial<ImportFigures>,
  elapsedMs: number,
  line: string,
])[] = [
  ['bar', {}, 2_000, '[######------------------] 25 %  1,500 entries  750/s  6 s left'],
  ['words', {}, 2_000, '25 %  1,500 entries  750/s  6 s left'],
  ['words', {}, 30_000, '25 %  1,500 entries  50/s  1 min 30 s left'],
  ['words', { entriesBefore: 500 }, 2_000, '25 %  2,000 entries, 500 of them there already  1,000/s  6 s left'],
  ['words', { bytesTotal: undefined }, 2_000, '1,500 entries  750/s'],
  ['words', { bytesChecked: 100 }, 2_000, '50 % of the files looked at, to know them again'],
  ['bar', { bytesRead: 0, entriesStored: 0 }, 10, '[------------------------] 0 %  0 entries'],
];

for (const [form, figures, elapsedMs, line] of CASES) {
  test(`import: the line says "${line}"`, () => {
    assert.equal(importLine(form, { ...FIGURES, ...figures }, elapsedMs), line);
  });
}
