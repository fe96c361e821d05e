import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeOfLine } from '../../src/decode/event-time.ts';

const CASES: readonly (readonly [line: string, iso: string | undefined])[] = [
  ['2026-11-23T03:10:11Z INFO x', '2026-11-23T03:10:11.000Z'],
  ['2026-11-23T03:10:11.123456Z x', '2026-11-23T03:10:11.123Z'],
  ['2026-11-23 03:10:11,5 +01:00 x', '2026-11-23T02:10:11.500Z'],
  ['[2026-11-23T03:10:59+0530] x', '2026-11-22T21:40:59.000Z'],
  ['2026-12-31T23:59:60Z leap second', '2026-12-31T23:59:59.999Z'],
  ['{"time":"2026-11-23T03:10:11.5Z","msg":"x"}', '2026-11-23T03:10:11.500Z'],
  ['{"level":30,"time":1795403411123,"msg":"pino"}', new Date(1795403411123).toISOString()],
  ['{"ts":1795403411.5,"msg":"zap"}', new Date(1795403411500).toISOString()],
  ['{"time":12,"msg":"seconds since the start"}', undefined],
  ['2026-11-23 03:10:11 without a zone', undefined],
  ['2026-13-45T03:10:11Z no such day', undefined],
  ['2026-11-23T25:10:11Z no such hour', undefined],
  ['2026-11-23', undefined],
  ['started at 2026-11-23T03:10:11Z', undefined],
  ['', undefined],
];

for (const [line, iso] of CASES) {
  test(`event-time: ${line.slice(0, 60)} → ${iso ?? 'none'}`, () => {
    for (let times = 0; times < 2; times++) {
      const timeMs = timeOfLine(line);
      assert.equal(timeMs === undefined ? undefined : new Date(timeMs).toISOString(), iso);
    }
  });
}
