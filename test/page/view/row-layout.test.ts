/** Where the rows of the list stand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineCount, uniformLayout, variableLayout } from '../../../src/page/view/row-layout.ts';

test('row layout: every position leads to the row that stands there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 100 }),
      fc.nat(),
      (heights, at) => {
        const layout = variableLayout(heights.length, (index) => heights[index] ?? 0);
        const y = at % layout.totalHeight;
        const index = layout.indexAt(y);
        assert.ok(layout.topOf(index) <= y && y < layout.topOf(index) + layout.heightOf(index));
      },
    ),
  );
});

test('row layout: positions outside lead to the nearest row', () => {
  for (const layout of [uniformLayout(3, 20), variableLayout(3, () => 20)]) {
    assert.equal(layout.totalHeight, 60);
    assert.equal(layout.indexAt(-5), 0);
    assert.equal(layout.indexAt(59), 2);
    assert.equal(layout.indexAt(1_000), 2);
  }
  assert.equal(uniformLayout(0, 20).indexAt(10), -1);
  assert.equal(variableLayout(0, () => 20).indexAt(10), -1);
});

test('row layout: lines are counted as they break', () => {
  const cases: [string, number, number][] = [
    ['', 10, 1],
    ['0123456789', 10, 1],
    ['0123456789a', 10, 2],
    ['a\nb\n\nc', 10, 4],
    ['日本語日本', 10, 1],
    ['日本語日本語', 10, 2],
    ['👍👍👍👍👍', 10, 1],
  ];
  for (const [text, columns, lines] of cases) assert.equal(lineCount(text, columns), lines, text);
});
