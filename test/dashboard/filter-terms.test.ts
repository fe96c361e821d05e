import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toggleClient, toggleLevel } from '../../src/dashboard/filter-terms.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';

describe('filter terms', () => {
  const levels: [filter: string, then: string][] = [
    ['', 'level>=error'],
    ['level>=error', ''],
    ['level>=warning', 'level>=error'],
    ['timeout level:info web', 'timeout  web level>=error'],
    ['a OR b', '(a OR b) level>=error'],
    ['(a OR b) level>=error', '(a OR b)'],
    ['(a OR b) level>=info', '(a OR b) level>=error'],
    ['(a OR b) OR (c OR d)', '((a OR b) OR (c OR d)) level>=error'],
  ];
  for (const [filter, then] of levels) {
    test(`the key for errors turns "${filter}" into "${then}"`, () => {
      assert.equal(toggleLevel(filter, 'ERROR'), then);
      assert.ok(parseQuery(then).ok);
    });
  }

  const clients: [filter: string, client: string, then: string][] = [
    ['', 'web-1', 'client:web-1'],
    ['client:web-1', 'web-1', ''],
    ['x client:web-2', 'web-1', 'x client:web-1'],
    ['', 'a b"c\\', 'client:"a b\\"c\\\\"'],
    ['client:"a b\\"c\\\\"', 'a b"c\\', ''],
  ];
  for (const [filter, client, then] of clients) {
    test(`the key for ${client} turns "${filter}" into "${then}"`, () => {
      assert.equal(toggleClient(filter, client), then);
      assert.ok(parseQuery(then).ok);
    });
  }
});
