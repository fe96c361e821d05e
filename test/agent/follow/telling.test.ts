/**
 * What the follower says of trouble: each kind once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Telling } from '../../../src/agent/follow/telling.ts';
import type { Report } from '../../../src/system/reporter.ts';

test('telling: more files than the process may open are told once, with the way out, and other trouble by its path', () => {
  const reports: Report[] = [];
  const telling = new Telling(
    { lost: () => {}, reporter: (report) => reports.push(report) },
    { patterns: [], lineBytesMax: 1_000 },
  );
  for (const path of ['/a.log', '/b.log']) {
    telling.trouble(path, Object.assign(new Error(`EMFILE: too many open files, open '${path}'`), { code: 'EMFILE' }));
    telling.trouble(path, new Error('it is no file'));
    telling.trouble(path, new Error('it is no file'));
  }
  assert.equal(reports.length, 3);
  assert.match(reports[0]?.message ?? '', /^cannot open more files: .*ulimit -n.*LimitNOFILE/);
  assert.match(reports[2]?.message ?? '', /^cannot read \/b\.log: it is no file/);
});
