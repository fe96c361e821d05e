import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateMeter } from '../../src/viewer/rate.ts';

test('rate: the mean of the last whole seconds, the running one left out', () => {
  const rate = new RateMeter();
  rate.add('INFO', 10_100, 6);
  rate.add('INFO', 11_900, 3);
  rate.add('ERROR', 12_500, 100);
  assert.equal(rate.perSecond(12_900), 3);
  assert.equal(rate.perSecond(13_000, 1), 100);
});

test('rate: a minute of history, oldest first, and its levels; older seconds are forgotten', () => {
  const rate = new RateMeter();
  rate.add('WARNING', 1_000, 5);
  rate.add('INFO', 60_000, 7);
  assert.deepEqual(rate.history(61_000).slice(0, 2), [5, 0]);
  assert.equal(rate.history(61_000).at(-1), 7);
  assert.equal(rate.levels(61_000).WARNING, 5);
  assert.equal(rate.levels(62_000).WARNING, 0);
  assert.deepEqual(new Set(rate.history(1_000_000)), new Set([0]));
});

test('rate: a clock that steps back stays in its second', () => {
  const rate = new RateMeter();
  rate.add('INFO', 50_000);
  rate.add('INFO', 20_000);
  assert.equal(rate.levels(50_000).INFO, 2);
});
