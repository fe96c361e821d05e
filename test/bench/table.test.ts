import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median } from '../../scripts/bench/median.ts';
import { shownCount, shownMs } from '../../scripts/bench/shown.ts';
import { markdownTable } from '../../scripts/bench/table.ts';

test('median: the middle one, or between the two in the middle', () => {
  for (const [values, middle] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 1, 2, 4], 3],
  ] as const) {
    assert.equal(median(values), middle);
  }
});

test('table: Markdown whose columns stand under each other', () => {
  assert.equal(
    markdownTable(
      ['work', 'logd'],
      [
        ['POST /log', '8.1k/s'],
        ['x', ''],
      ],
    ),
    '| work      | logd   |\n| --------- | ------ |\n| POST /log | 8.1k/s |\n| x         |        |\n',
  );
});

test('figures: three digits that count', () => {
  for (const [value, text] of [
    [0.57, '0.6'],
    [812, '812'],
    [8_120, '8.12k'],
    [14_230, '14.2k'],
    [456_400, '456k'],
    [1_234_000, '1.23M'],
  ] as const) {
    assert.equal(shownCount(value), text);
  }
  assert.deepEqual([shownMs(5.24), shownMs(143.6)], ['5.2 ms', '144 ms']);
});
