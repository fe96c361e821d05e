/** The level chart's figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emptyLevelCounts } from '../../../src/entry/level.ts';
import {
  addEntries,
  advance,
  type Buckets,
  bucketsFromBody,
  extend,
  spanFor,
  sumOf,
  totalsOf,
  untilOf,
} from '../../../src/page/view/buckets.ts';

const START = Date.UTC(2026, 10, 23, 3);

function tenMinutes(): Buckets {
  return { startMs: START, stepMs: 60_000, counts: Array.from({ length: 10 }, emptyLevelCounts) };
}

test('buckets: a span covers its range in whole steps, in no more bars than asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1.7e12 }), fc.integer({ min: 1, max: 1e12 }), (sinceMs, lengthMs) => {
      const span = spanFor(sinceMs, sinceMs + lengthMs, 150);
      assert.ok(span.sinceMs <= sinceMs && span.untilMs >= sinceMs + lengthMs);
      assert.ok(span.buckets >= 1 && span.buckets <= 150, `${span.buckets}`);
      const step = (span.untilMs - span.sinceMs) / span.buckets;
      assert.ok(Number.isInteger(step) && span.sinceMs % step === 0);
    }),
  );
});

test('buckets: what arrives is counted where it belongs, and nowhere outside', () => {
  const before = tenMinutes();
  const after = addEntries(before, [
    { timeMs: START, level: 'INFO' },
    { timeMs: START + 59_999, level: 'INFO' },
    { timeMs: START + 60_000, level: 'ERROR' },
    { timeMs: START - 1, level: 'INFO' },
    { timeMs: untilOf(before), level: 'INFO' },
  ]);
  assert.equal(after.counts[0]?.INFO, 2);
  assert.equal(after.counts[1]?.ERROR, 1);
  assert.equal(sumOf(totalsOf(after)), 3);
  assert.equal(sumOf(totalsOf(before)), 0, 'what was drawn before is not changed');
});

test('buckets: the right edge moves with the time, by whole steps', () => {
  const filled = addEntries(tenMinutes(), [{ timeMs: START + 540_000, level: 'INFO' }]);
  const moved = advance(filled, START + 12.5 * 60_000);
  assert.equal(moved.startMs, START + 3 * 60_000);
  assert.equal(moved.counts.length, 10);
  assert.equal(moved.counts[6]?.INFO, 1);
  assert.equal(advance(filled, START + 60_000), filled, 'nothing to move');
  assert.equal(sumOf(totalsOf(advance(filled, START + 1e10))), 0);
});

test('buckets: a range without an end grows, up to a bound', () => {
  const grown = extend(tenMinutes(), START + 11 * 60_000, 12);
  assert.equal(grown.counts.length, 12);
  assert.equal(extend(grown, START + 60 * 60_000, 12), grown);
});

test('buckets: an answer of the server becomes buckets, an empty one none', () => {
  const body = {
    buckets: [0, 1].map((n) => ({
      start: new Date(START + n * 60_000).toISOString(),
      counts: { ...emptyLevelCounts(), INFO: n },
    })),
    until: new Date(START + 120_000).toISOString(),
  };
  const buckets = bucketsFromBody(body);
  assert.equal(buckets?.stepMs, 60_000);
  assert.equal(buckets?.counts[1]?.INFO, 1);
  assert.equal(bucketsFromBody({ buckets: [], until: body.until }), undefined);
});
