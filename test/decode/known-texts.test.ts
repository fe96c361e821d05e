import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownTexts } from '../../src/decode/known-texts.ts';

test('known texts: each is found with its own value or not at all, however many share a place', () => {
  const known = new KnownTexts<string>();
  const texts = Array.from({ length: 5_000 }, (_, index) => `client-${index}`);
  const bytes = Buffer.from(texts.join(' '));
  const spans = texts.map((text) => ({ text, from: bytes.indexOf(`${text} `) }));
  spans[spans.length - 1] = { text: texts.at(-1) ?? '', from: bytes.length - (texts.at(-1)?.length ?? 0) };
  let found = 0;
  for (const { text, from } of spans) {
    known.keep(bytes, from, from + text.length, text);
    assert.equal(known.find(bytes, from, from + text.length), text);
  }
  for (const { text, from } of spans) {
    const value = known.find(bytes, from, from + text.length);
    if (value === undefined) continue;
    found++;
    assert.equal(value, text);
  }
  assert.ok(found > 100);
  assert.equal(known.find(Buffer.from('nobody'), 0, 6), undefined);
});

test('known texts: a text that is a part of another is another, and the empty one is one too', () => {
  const known = new KnownTexts<number>();
  const bytes = Buffer.from('web-1 web-10');
  known.keep(bytes, 6, 12, 10);
  assert.equal(known.find(bytes, 0, 5), undefined);
  known.keep(bytes, 0, 5, 1);
  assert.deepEqual([known.find(bytes, 0, 5), known.find(bytes, 6, 12)], [1, 10]);
  assert.equal(known.find(bytes, -1, -1), undefined);
  known.keep(bytes, -1, -1, 0);
  assert.equal(known.find(bytes, 3, 3), 0);
});
