import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JOINED_LINES_MAX, JoinedLines } from '../../src/decode/joined-lines.ts';

function entriesOf(lines: readonly string[]): string[][] {
  const joined = new JoinedLines();
  const entries: string[][] = [];
  for (const line of lines) {
    if (joined.joins(line)) entries.at(-1)?.push(line);
    else entries.push([line]);
  }
  return entries;
}

const cases: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'lines without any sign stand alone': [['one'], ['two'], ['Error in three'], ['main(4)'], ['}']],
  'indented lines': [['head', '  more', '\tand more'], ['next']],
  Java: [
    [
      '2026-11-23 03:10:11,123 ERROR order 1 failed',
      'java.lang.IllegalStateException: closed',
      '\tat com.example.Order.close(Order.java:118)',
      'Caused by: java.sql.SQLException: no connection',
      '\t... 2 more',
    ],
    ['2026-11-23 03:10:12,000 INFO next'],
  ],
  Python: [
    [
      'ERROR:root:job failed',
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in run',
      "KeyError: 'x'",
      'During handling of the above exception, another exception occurred:',
      'Traceback (most recent call last):',
      '  File "a.py", line 9, in run',
      'my.module.Problem',
    ],
    ['INFO:root:next'],
  ],
  Go: [
    [
      'panic: runtime error: index out of range [3] with length 2',
      'goroutine 1 [running]:',
      'main.(*server).run(0xc000010000, 0x3)',
      '\t/srv/main.go:12 +0x1d',
      'created by main.main in goroutine 1',
      '\t/srv/main.go:5 +0x20',
      'exit status 2',
    ],
    ['2026/11/23 03:10:12 next'],
  ],
  Node: [
    ["TypeError: Cannot read properties of undefined (reading 'id')", '    at renderCart (/srv/cart.js:3:17)'],
    ['GET / 200'],
  ],
  '.NET': [
    [
      'fail: Worker[0] could not finish',
      'System.InvalidOperationException: closed',
      '   at App.Run() in Program.cs:line 3',
      '--- End of inner exception stack trace ---',
      '   at App.Main()',
    ],
    ['info: next'],
  ],
  'JSON over several lines': [
    ['{', '  "a": 1', '}'],
    ['{', '  "b": [', '    2', '  ]', '}'],
  ],
  'a time begins an entry, whatever stands before': [
    ['[2026-11-23 03:10:11] a', ' b'],
    ['Nov 23 03:10:12 host app: c'],
    ['<13>d'],
    ['03:10:13 e'],
    ['Sun Nov 23 03:10:14 2026 f'],
  ],
};

for (const [name, entries] of Object.entries(cases)) {
  test(`joined lines: ${name}`, () => assert.deepEqual(entriesOf(entries.flat()), entries));
}

test('joined lines: an entry has a bound', () => {
  const lines = ['head', ...Array.from({ length: JOINED_LINES_MAX + 10 }, (_, index) => ` ${index}`)];
  assert.deepEqual(
    entriesOf(lines).map((entry) => entry.length),
    [JOINED_LINES_MAX, 11],
  );
});

test('joined lines: what was given away takes no more', () => {
  const joined = new JoinedLines();
  assert.deepEqual([joined.joins('a'), joined.joins(' b')], [false, true]);
  joined.end();
  assert.deepEqual([joined.joins(' c'), joined.joins(' d')], [false, true]);
});
