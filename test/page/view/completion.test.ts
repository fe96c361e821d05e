/** What the search box completes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entryToJson } from '../../../src/entry/entry.ts';
import { ID_NONE } from '../../../src/entry/id.ts';
import { parseQuery } from '../../../src/entry/query/parse.ts';
import { completionAt, type Seen } from '../../../src/page/view/completion.ts';
import { seenFields } from '../../../src/page/view/seen-fields.ts';

const SEEN: Seen = {
  clients: ['api-1', 'web 1'],
  fields: new Map([
    ['http.status', ['200', '404']],
    ['path', ['/users']],
  ]),
};

test('completion: keys, levels, states, clients, fields and their values', () => {
  const cases: [string, string[]][] = [
    ['le', ['level:']],
    ['ht', ['http.status:']],
    ['level:err', ['level:error']],
    ['level>=w', ['level>=warning']],
    ['timeout -is:p', ['is:pinned']],
    ['client:w', ['client:"web 1"']],
    ['(client:API', ['client:api-1']],
    ['http.status:4', ['http.status:404']],
    ['path:u', ['path:"/users"']],
    ['', []],
    ['level:error ', []],
    ['level:error', []],
    ['"lev', []],
    ['nothing', []],
  ];
  for (const [text, wanted] of cases) {
    assert.deepEqual(
      completionAt(text, text.length, SEEN).items.map((item) => item.text),
      wanted,
      text,
    );
  }
});

test('completion: it takes the place of the word before the caret, and not within a word', () => {
  assert.equal(completionAt('a -lev b', 6, SEEN).from, 3);
  assert.deepEqual(completionAt('level', 3, SEEN).items, []);
});

test('completion: every value offered is a query that parses', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (client, value) => {
      const seen: Seen = { clients: [client], fields: new Map([['name', [value]]]) };
      for (const head of ['client:', 'name:']) {
        for (const { text } of completionAt(head, head.length, seen).items) assert.ok(parseQuery(text).ok, text);
      }
    }),
  );
});

test('completion: fields are those of the entries at hand, frequent values first', () => {
  const entry = (fields: Record<string, string | number>) =>
    entryToJson({ id: ID_NONE, timeMs: 0, level: 'INFO', clientId: 'c', message: 'm', source: 'file', fields });
  const seen = seenFields([entry({ user: 'bob' }), entry({ user: 'ann' }), entry({ user: 'ann', status: 404 })]);
  assert.deepEqual(seen.get('user'), ['ann', 'bob']);
  assert.deepEqual(seen.get('status'), ['404']);
  assert.deepEqual(seen.get('source'), ['file']);
});
