/** Numbers as the pages show them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plural, showCount, showPart, showRate } from '../../src/page/figures.ts';

test('figures: counts stay within seven characters', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [4_912, '4,912'],
    [99_999, '99,999'],
    [100_000, '100k'],
    [999_999, '999k'],
    [1_250_000, '1.2M'],
    [12_500_000, '12M'],
    [3e9, '3.0G'],
  ];
  for (const [count, wanted] of cases) assert.equal(showCount(count), wanted);
});

test('figures: rates, parts and plurals', () => {
  assert.equal(showRate(0), '0/s');
  assert.equal(showRate(0.333), '0.3/s');
  assert.equal(showRate(4_912), '4,912/s');
  assert.equal(showPart(1, 1_000), '<1%');
  assert.equal(showPart(0, 0), '0%');
  assert.equal(showPart(12, 100), '12%');
  assert.equal(plural(1, 'entry', 'entries'), '1 entry');
  assert.equal(plural(2, 'entry', 'entries'), '2 entries');
});
