/** Finding what a ticket's message says once more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PLAIN_STATE } from '../../src/entry/entry.ts';
import { ID_NONE } from '../../src/entry/id.ts';
import { compileQuery } from '../../src/entry/query/match.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';
import { likenessOf, similarQuery } from '../../src/entry/similar.ts';

function finds(query: string | undefined, message: string): boolean {
  const parsed = parseQuery(query ?? '');
  assert.ok(query !== undefined && parsed.ok);
  return compileQuery(parsed.query)({ id: ID_NONE, timeMs: 0, level: 'INFO', clientId: 'c', message }, PLAIN_STATE);
}

test('similar: numbers and ids may differ, words may not', () => {
  const cases: [string, string, boolean][] = [
    ['took 12 ms', 'took 1204 ms', true],
    ['request 7f3a9c failed', 'request 01ab44 failed', true],
    ['panic at 0xc000112000', 'panic at 0xdeadbeef', true],
    ['connection reset by peer', 'connection refused by peer', false],
    ['disk /var is 91% full (a.b)', 'disk /var is 97% full (a.b)', true],
    ['disk /var is 91% full', 'disk /usr is 91% full', false],
    ['disk full', 'disk full of dust', false],
    ['disk full', 'disk full\nsecond line', true],
    ['took 1 ms\nsecond line', 'took 22 ms\nanother', true],
  ];
  for (const [message, other, wanted] of cases) {
    assert.equal(finds(similarQuery(message), other), wanted, `${message} ~ ${other}`);
    assert.equal(likenessOf(message) === likenessOf(other), wanted, `${message} = ${other}`);
  }
});

test('similar: whatever a message says, its query finds it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (message) => {
      const query = similarQuery(message);
      if (query !== undefined) assert.ok(finds(query, message), query);
    }),
  );
});

test('similar: messages of one likeness find each other', () => {
  const word = fc.constantFrom('disk', '12', '0x1f', ' ', '-', '--', 'full', '7f3a', '\n', '/', '.', 'é');
  const message = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
  fc.assert(
    fc.property(message, message, (one, other) => {
      const query = similarQuery(one);
      if (query !== undefined && likenessOf(one) === likenessOf(other)) assert.ok(finds(query, other), query);
    }),
  );
});

test('similar: a message made to be slow is masked in no time', () => {
  const startedMs = performance.now();
  for (const text of ['a', '-', '1-', 'a1-', '0x']) likenessOf(text.repeat(500_000));
  assert.ok(performance.now() - startedMs < 500);
});

test('similar: there is no query for a message without words', () => {
  for (const message of ['12 34', '---', 'ab']) assert.equal(similarQuery(message), undefined);
});
