import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotatedNames } from '../../../src/agent/follow/rotated-names.ts';

const CASES: readonly { base: string; names: string[]; sorted: string[] }[] = [
  {
    base: 'a.log',
    names: ['a.log', 'a.log.1', 'a.log.10.gz', 'a.log.2.gz', 'b.log.1', 'a.log.bz', 'a.logs', 'xa.log.1'],
    sorted: ['a.log.10.gz', 'a.log.2.gz', 'a.log.1'],
  },
  {
    base: 'syslog',
    names: ['syslog-20261122.gz', 'syslog-20261121.gz', 'syslog', 'syslog-20261123', 'syslogger'],
    sorted: ['syslog-20261121.gz', 'syslog-20261122.gz', 'syslog-20261123'],
  },
  {
    base: 'app.log',
    names: ['app-2026-11-22.log', 'app-2026-11-21.log.gz', 'app.log', 'app.1.log', 'application.log'],
    sorted: ['app-2026-11-21.log.gz', 'app-2026-11-22.log', 'app.1.log'],
  },
  {
    base: 'a.log',
    names: ['a.log.2026-11-22.2', 'a.log.2026-11-22.1'],
    sorted: ['a.log.2026-11-22.2', 'a.log.2026-11-22.1'],
  },
  { base: 'a.log', names: ['a.log.old', 'a.log.zst', 'a.log.1.zst'], sorted: ['a.log.1.zst', 'a.log.old'] },
];

for (const { base, names, sorted } of CASES) {
  test(`rotated-names: of ${base} among ${names.join(' ')}, the oldest first`, () => {
    assert.deepEqual(
      rotatedNames(base, names).map(({ name }) => name),
      sorted,
    );
  });
}
