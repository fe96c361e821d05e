/** Times as the pages show them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailFor, showAgo, showMoment, showTime } from '../../src/page/time-shown.ts';

const TIME = Date.UTC(2026, 10, 23, 3, 14, 53, 698);

test('times: as much of the date as is asked for', () => {
  assert.equal(showTime(TIME, 'utc', 'none'), '03:14:53.698');
  assert.equal(showTime(TIME, 'utc', 'day'), '11-23 03:14:53.698');
  assert.equal(showTime(TIME, 'utc', 'year'), '2026-11-23 03:14:53.698');
  assert.equal(showTime(-1, 'utc', 'year'), '1969-12-31 23:59:59.999');
  assert.equal(showTime(Number.NaN, 'utc', 'year'), 'no valid time');
});

test('times: the zone of this machine is another clock for the same moment', () => {
  const local = new Date(TIME);
  assert.equal(showTime(TIME, 'local', 'none').slice(0, 2), String(local.getHours()).padStart(2, '0'));
});

test('times: rows show the day only when one of them is of another day', () => {
  const day = 86_400_000;
  assert.equal(detailFor({ oldest: TIME - 1_000, newest: TIME }, TIME, 'utc'), 'none');
  assert.equal(detailFor({ oldest: TIME - day, newest: TIME }, TIME, 'utc'), 'day');
  assert.equal(detailFor({ oldest: TIME - 400 * day, newest: TIME }, TIME, 'utc'), 'year');
  assert.equal(detailFor({ oldest: Number.NaN, newest: Number.NaN }, TIME, 'utc'), 'none');
});

test('times: moments and ages are short', () => {
  assert.equal(showMoment(TIME, 'utc', 'minute'), '11-23 03:14');
  assert.equal(showMoment(TIME, 'utc', 'second'), '11-23 03:14:53');
  assert.equal(showAgo(TIME - 5_000, TIME), 'just now');
  assert.equal(showAgo(TIME - 4 * 60_000, TIME), '4 min');
  assert.equal(showAgo(TIME - 47 * 3_600_000, TIME), '47 h');
  assert.equal(showAgo(TIME - 72 * 3_600_000, TIME), '3 d');
});
