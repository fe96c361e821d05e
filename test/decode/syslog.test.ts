import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSyslog } from '../../src/decode/syslog.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function read(line: string, nowMs = NOW) {
  const { messageAt, ...rest } = parseSyslog(line, nowMs);
  return { ...JSON.parse(JSON.stringify(rest)), message: line.slice(messageAt) };
}

function local(text: string): number {
  return new Date(text).getTime();
}

const CASES: readonly (readonly [line: string, read: Readonly<Record<string, unknown>>])[] = [
  [
    'Nov 23 10:00:01 web-1 sshd[12]: hello: world',
    { timeMs: local('2026-11-23T10:00:01'), hostname: 'web-1', program: 'sshd', pid: '12', message: 'hello: world' },
  ],
  [
    '<13>Nov  3 10:00:01 web-1 cron: hello',
    { priority: 13, timeMs: local('2026-11-03T10:00:01'), hostname: 'web-1', program: 'cron', message: 'hello' },
  ],
  [
    '2026-11-23T05:19:47.123456+01:00 web-1 kernel: [ 1.5] eth0: up',
    {
      timeMs: Date.parse('2026-11-23T04:19:47.123Z'),
      hostname: 'web-1',
      program: 'kernel',
      message: '[ 1.5] eth0: up',
    },
  ],
  [
    '<165>1 2003-10-11T22:14:15.003Z host app 7 ID47 [a@1 x="1" y="q\\"\\]"][b] \ufeffhello',
    {
      priority: 165,
      timeMs: Date.parse('2003-10-11T22:14:15.003Z'),
      hostname: 'host',
      program: 'app',
      pid: '7',
      msgid: 'ID47',
      structuredData: { 'a@1.x': '1', 'a@1.y': 'q"]' },
      message: 'hello',
    },
  ],
  ['<34>1 - - - - - -', { priority: 34, message: '' }],
  ['<34>1 - - - - - - hello', { priority: 34, message: 'hello' }],
  ['<13>root: hello', { priority: 13, program: 'root', message: 'hello' }],
  ['just a text: with a colon', { message: 'just a text: with a colon' }],
  ['<192>x', { message: '<192>x' }],
  ['Nov 31 10:00:00 host a: b', { message: 'Nov 31 10:00:00 host a: b' }],
  ['Nov 23 25:00:00 host a: b', { message: 'Nov 23 25:00:00 host a: b' }],
  ['', { message: '' }],
];

for (const [line, expected] of CASES) {
  test(`syslog: ${JSON.stringify(line).slice(0, 90)}`, () => {
    assert.deepEqual(read(line), expected);
  });
}

test('syslog: a time without a year takes the nearest one', () => {
  const years = [
    ['Dec 31 23:59:59 h a: b', '2026-01-01T00:00:10', 2025],
    ['Jan  1 00:00:00 h a: b', '2025-12-31T23:59:50', 2026],
    ['Jun 14 15:16:01 h a: b', '2026-11-23T12:00:00', 2026],
    ['Feb 29 10:00:00 h a: b', '2025-06-01T12:00:00', 2024],
    ['Oct 11 2003 22:14:15: x', '2026-03-01T12:00:00', 2003],
  ] as const;
  for (const [line, now, year] of years) {
    const { timeMs } = parseSyslog(line, local(now));
    assert.ok(timeMs !== undefined, line);
    assert.equal(new Date(timeMs).getFullYear(), year, line);
  }
});

test('syslog: a line cut anywhere is still read without an error', () => {
  for (const [line] of CASES) {
    for (let end = 0; end <= line.length; end++) assert.ok(parseSyslog(line.slice(0, end), NOW).messageAt <= end);
  }
});

const VECTORS = new URL('../../../shared/data/syslog-parse/', import.meta.url);

/** Where the sources of the vectors differ among themselves (flags, damaged input) not all can be right. */
for (const { file, rightMin } of [
  { file: 'rfc-examples.jsonl', rightMin: 1 },
  { file: 'rsyslog-parsertest1.jsonl', rightMin: 0.75 },
  { file: 'syslog-ng-msgparse.jsonl', rightMin: 0.8 },
]) {
  test(`syslog: host, program and message of ${file}`, (t) => {
    const path = new URL(file, VECTORS);
    if (!existsSync(path)) return t.skip('no ../shared/data beside the checkout');
    const vectors = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((vector) => typeof vector.raw === 'string');
    const right = vectors.filter((vector) => {
      const found = read(vector.raw);
      const same = (name: string, wanted: unknown) =>
        wanted === undefined ||
        wanted === '$RS_HOSTNAME' ||
        String(found[name] ?? '').trim() === String(wanted ?? '').trim();
      return same('hostname', vector.host) && same('program', vector.program) && same('message', vector.msg);
    }).length;
    t.diagnostic(`${right} of ${vectors.length}`);
    assert.ok(right / vectors.length >= rightMin);
  });
}

test('syslog: every line of the real files has a time, a host and a program', (t) => {
  const folder = new URL('../../../shared/data/loghub/', import.meta.url);
  if (!existsSync(folder)) return t.skip('no ../shared/data beside the checkout');
  for (const name of ['Linux_2k.log', 'OpenSSH_2k.log']) {
    for (const line of readFileSync(new URL(name, folder), 'latin1')
      .split(/\r?\n/)
      .filter((text) => text !== '')) {
      const found = parseSyslog(line, NOW);
      assert.ok(found.timeMs !== undefined && found.hostname !== undefined, line);
      assert.ok(found.program !== undefined || / syslogd 1.4.1: | -- root/.test(line), line);
    }
  }
});
