import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntry, encodeEntry } from '../../src/entry/codec.ts';
import { parseJson } from '../../src/entry/json.ts';

const ID = '01930000-0000-7000-8000-000000000001';

test('json: a key of one escaped character is read as it is, also behind an object with the key \\', () => {
  const texts = ['{"a":0,"\\\\":0,"":0}', '{"a":0,"\\n":0,"":0}', '{"a":0,"\\"":0,"":0}', '{"a":0,"\\u0001":0,"":0}'];
  const keys = ['\\', '\n', '"', '\u0001'];
  for (let round = 0; round < 3; round++) {
    for (const [index, text] of texts.entries()) {
      assert.deepEqual(Object.keys(parseJson(text) as object), ['a', keys[index], '']);
      const fields = { a: 0, [keys[index] ?? '']: 0, '': 0 };
      const entry = { id: ID, timeMs: 0, level: 'INFO', clientId: 'c', message: 'm', fields } as const;
      assert.deepEqual(decodeEntry(encodeEntry(entry))?.fields, fields);
    }
  }
});

test('json: whatever it is, it is read as it was written', () => {
  const key = fc.oneof(
    fc.constantFrom('\\', '\n', '"', '\u0001', '/', 'a', '', 'a\\', 'a\n', ',"a\\', '\\":'),
    fc.string({ maxLength: 3 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, key, fc.double({ noNaN: true }), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(value, fc.boolean(), (written, isSpaced) => {
      const text = JSON.stringify(written, undefined, isSpaced ? 1 : 0);
      assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(written));
    }),
    { numRuns: 1_000 },
  );
});

test('json: what is none is told as JSON.parse tells it', () => {
  assert.throws(() => parseJson('{"\\n":'), SyntaxError);
});
