/** The marks on the chart's axes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countTicks, timeTicks } from '../../../src/page/view/chart-ticks.ts';

const MIDNIGHT = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const counts = [
  { max: 1, ticks: 2, wanted: [0, 1] },
  { max: 3, ticks: 2, wanted: [0, 2] },
  { max: 49, ticks: 2, wanted: [0, 20, 40] },
  { max: 97, ticks: 2, wanted: [0, 50] },
  { max: 100, ticks: 2, wanted: [0, 50, 100] },
  { max: 4_912, ticks: 3, wanted: [0, 2_000, 4_000] },
];
for (const { max, ticks, wanted } of counts) {
  test(`chart ticks: counts up to ${max} are marked at ${wanted}`, () => {
    assert.deepEqual(countTicks(max, ticks), wanted);
  });
}

const times = [
  {
    lengthMs: 20 * MINUTE_MS,
    fromMs: MIDNIGHT - 10 * MINUTE_MS,
    ticks: 5,
    wanted: ['23:50', '23:55', '11-23', '00:05'],
  },
  { lengthMs: 30_000, fromMs: MIDNIGHT + MINUTE_MS, ticks: 3, wanted: ['00:01:00', '00:01:10', '00:01:20'] },
  { lengthMs: 3 * DAY_MS, fromMs: MIDNIGHT, ticks: 3, wanted: ['11-23', '11-24', '11-25'] },
  {
    lengthMs: 400 * DAY_MS,
    fromMs: Date.UTC(2025, 0, 2),
    ticks: 5,
    wanted: ['2025-04', '2025-07', '2025-10', '2026-01'],
  },
  { lengthMs: 3_000 * DAY_MS, fromMs: Date.UTC(2019, 0), ticks: 6, wanted: ['2020', '2022', '2024', '2026'] },
];
for (const { lengthMs, fromMs, ticks, wanted } of times) {
  test(`chart ticks: ${lengthMs / MINUTE_MS} minutes are marked ${wanted}`, () => {
    const range = { sinceMs: fromMs, untilMs: fromMs + lengthMs };
    assert.deepEqual(
      timeTicks(range, ticks, 'utc').map(({ text }) => text),
      wanted,
    );
  });
}

test('chart ticks: never more than there is room for, and all within the range', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1.7e12 }),
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('utc' as const, 'local' as const),
      (sinceMs, lengthMs, ticksMax, zone) => {
        const untilMs = sinceMs + lengthMs;
        const ticks = timeTicks({ sinceMs, untilMs }, ticksMax, zone);
        assert.ok(ticks.length <= ticksMax + 1, `${ticks.length}`);
        assert.ok(ticks.every(({ at }) => at >= sinceMs && at < untilMs));
      },
    ),
  );
});
