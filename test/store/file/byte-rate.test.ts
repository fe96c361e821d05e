import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteRate } from '../../../src/store/file/byte-rate.ts';

test('byte rate: counts the last whole second, the one that runs when more came in it, and forgets what is older', () => {
  let nowMs = 5_000;
  const rate = new ByteRate(() => nowMs);
  assert.equal(rate.perSecond, 0);
  const steps: readonly (readonly [atMs: number, added: number, perSecond: number])[] = [
    [5_000, 100, 100],
    [5_999, 50, 150],
    [6_000, 10, 150],
    [6_500, 200, 210],
    [7_900, 0, 210],
    [8_000, 0, 0],
    [9_000, 7, 7],
    [11_000, 0, 0],
  ];
  for (const [atMs, added, perSecond] of steps) {
    nowMs = atMs;
    rate.add(added);
    assert.equal(rate.perSecond, perSecond, `at ${atMs}`);
  }
});
