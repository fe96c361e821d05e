import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archivedTimeOf } from '../../../src/decode/import/archived-time.ts';

const NOW_MS = Date.parse('2026-11-23T03:10:11.123Z');

const CASES: readonly (readonly [line: string, time: string | undefined])[] = [
  ['2025-05-01T12:00:00.123+02:00 with a zone', '2025-05-01T10:00:00.123Z'],
  ['2025-05-01 10:00:00,123 without one', '2025-05-01T10:00:00.123Z'],
  ['[2025-05-01 10:00:00] in a bracket', '2025-05-01T10:00:00Z'],
  ['2025-05-01 10:00:00: a colon behind it', '2025-05-01T10:00:00Z'],
  ['1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326', '2000-10-10T20:55:36Z'],
  ['1.2.3.4 - - [10/Foo/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326', undefined],
  ['[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok', '2005-12-04T04:47:44Z'],
  ['[Sun Dec  4 04:47:44.123456 2005] [core:error] [pid 1]', '2005-12-04T04:47:44.123Z'],
  ['[Sun Foo 04 04:47:44 2005] [notice]', undefined],
  ['{"level":30,"time":1746093600123,"msg":"x"}', '2025-05-01T10:00:00.123Z'],
  ['no time at all', undefined],
];

for (const [line, time] of CASES) {
  test(`import plain: the time of ${JSON.stringify(line)}`, () => {
    assert.equal(archivedTimeOf(line, NOW_MS), time === undefined ? undefined : Date.parse(time));
  });
}

test('import plain: a time without a year is of the last year in which it is past', () => {
  const years = (['May  1', 'Nov 22', 'Nov 30', 'Dec 31'] as const).map((day) =>
    new Date(archivedTimeOf(`${day} 10:00:02 host app: m`, NOW_MS) ?? 0).getFullYear(),
  );
  assert.deepEqual(years, [2026, 2026, 2025, 2025]);
});
