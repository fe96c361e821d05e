import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatLogTime, isTimeMs, parseEventTime, parseLogTime, parseTimeBound } from '../../src/entry/time.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 3, 10, 11, 123);
const DAY_MS = 86_400_000;

test('time: what app.log shows is read back, for every millisecond of the years 1 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (timeMs) => {
      const text = formatLogTime(timeMs);
      assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/);
      assert.equal(parseLogTime(text), timeMs);
      const iso = parseEventTime(text.replace(' ', 'T').replace(',', '.'));
      assert.deepEqual(iso, { ok: true, timeMs });
    }),
  );
  assert.equal(formatLogTime(NOW_MS), '2026-11-23 03:10:11,123');
  assert.equal(formatLogTime(-1), '1969-12-31 23:59:59,999');
});

const EVENT_TIMES: [unknown, number][] = [
  ['2026-11-23T03:10:11.123Z', NOW_MS],
  ['2026-11-23T03:10:11.123456789Z', NOW_MS],
  ['2026-11-23 03:10:11,123', NOW_MS],
  ['2026-11-23T04:10:11.123+01:00', NOW_MS],
  ['2026-11-23T04:10:11.123+0100', NOW_MS],
  ['2026-11-22T22:10:11.123-05:00', NOW_MS],
  ['2026-11-23T03:10:11', NOW_MS - 123],
  ['2026-11-23T03:10', NOW_MS - 11_123],
  [' 2026-11-23 ', Date.UTC(2026, 10, 23)],
  ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59, 999)],
  ['2024-02-29', Date.UTC(2024, 1, 29)],
  [1_795_403_411, 1_795_403_411_000],
  [1_795_403_411.123, 1_795_403_411_123],
  [1_795_403_411_123, 1_795_403_411_123],
  [1_795_403_411_123_456, 1_795_403_411_123],
  ['1795403411123456789', 1_795_403_411_123],
  ['1795403411123', 1_795_403_411_123],
  ['-1', -1_000],
  [0, 0],
];

for (const [given, timeMs] of EVENT_TIMES) {
  test(`time: ${JSON.stringify(given)} is ${new Date(timeMs).toISOString()}`, () => {
    assert.deepEqual(parseEventTime(given), { ok: true, timeMs });
  });
}

test('time: what is no time is refused with what was given', () => {
  for (const given of [
    '',
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-02-29T00:00:00Z',
    '2026-11-23T25:00:00Z',
    '2026-11-23T03:61:00Z',
    '20261123',
    '23/11/2026',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e30,
    true,
    {},
    null,
  ]) {
    const parsed = parseEventTime(given);
    assert.equal(parsed.ok, false, String(given));
    assert.ok(!parsed.ok && parsed.reason.startsWith('time must be ISO 8601 or an epoch number, got '));
  }
});

const BOUNDS: [string, number][] = [
  ['now', NOW_MS],
  ['10m', NOW_MS - 600_000],
  ['2h', NOW_MS - 7_200_000],
  ['3d', NOW_MS - 3 * DAY_MS],
  ['1w', NOW_MS - 7 * DAY_MS],
  ['30S', NOW_MS - 30_000],
  ['today', Date.UTC(2026, 10, 23)],
  ['Yesterday', Date.UTC(2026, 10, 22)],
  ['2026-11-23T03:10:11.123Z', NOW_MS],
  ['1795403411', 1_795_403_411_000],
];

for (const [given, timeMs] of BOUNDS) {
  test(`time: as a bound, ${given} is ${new Date(timeMs).toISOString()}`, () => {
    assert.deepEqual(parseTimeBound(given, NOW_MS), { ok: true, timeMs });
  });
}

test('time: a bound that is none is refused with the forms there are', () => {
  for (const given of ['', 'tomorrow', '10', '10x', '-10m', '1.5h']) {
    const parsed = parseTimeBound(given, NOW_MS);
    if (given === '10') assert.deepEqual(parsed, { ok: true, timeMs: 10_000 });
    else assert.ok(!parsed.ok && parsed.reason.includes('10m, 2h, 3d, today or yesterday'), given);
  }
  assert.equal(isTimeMs(Number.NaN), false);
});
