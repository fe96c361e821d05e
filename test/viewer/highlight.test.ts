import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseQuery } from '../../src/entry/query/parse.ts';
import { createHighlighter } from '../../src/viewer/highlight.ts';

/** The text with its hits in square brackets. */
function highlighted(queryText: string, text: string): string {
  const parsed = parseQuery(queryText);
  assert.ok(parsed.ok);
  const spans = createHighlighter(parsed.query)?.(text) ?? [];
  let shown = '';
  let at = 0;
  for (const { from, to } of spans) {
    shown += `${text.slice(at, from)}[${text.slice(from, to)}]`;
    at = to;
  }
  return shown + text.slice(at);
}

describe('highlight', () => {
  const cases: [query: string, text: string, shown: string][] = [
    ['timeout', 'Timeout after timeouts', '[Timeout] after [timeout]s'],
    ['"a phrase" x', 'x and a phrase', '[x] and [a phrase]'],
    ['ab bc', 'abc', '[abc]'],
    ['-ab c', 'abc', 'ab[c]'],
    ['/\\d+/', 'took 12 of 345', 'took [12] of [345]'],
    ['a.b*', 'axb a.b*', 'axb [a.b*]'],
    ['level:error client:web-1', 'error web-1', 'error web-1'],
    ['a OR b', 'ab', '[ab]'],
    ['/x*/', 'ab', 'ab'],
  ];
  for (const [query, text, shown] of cases) {
    test(`${query} in "${text}"`, () => {
      assert.equal(highlighted(query, text), shown);
    });
  }
});
