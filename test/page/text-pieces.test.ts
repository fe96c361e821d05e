/** Messages as pieces: safe, coloured, marked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuery } from '../../src/entry/query/parse.ts';
import { plainText, textPieces } from '../../src/page/text-pieces.ts';
import { createHighlighter } from '../../src/viewer/highlight.ts';

const ESC = '\u001b';

function highlighter(text: string) {
  const parsed = parseQuery(text);
  assert.ok(parsed.ok);
  return createHighlighter(parsed.query);
}

test('pieces: colours are shown and their sequences are not', () => {
  assert.deepEqual(
    textPieces(`a ${ESC}[1;31mred${ESC}[0m ${ESC}[38;5;10mgreen${ESC}[39m b`, undefined, {}).map((piece) => [
      piece.text,
      piece.colour,
      piece.isBold,
    ]),
    [
      ['a ', undefined, false],
      ['red', 1, true],
      [' ', undefined, false],
      ['green', 10, false],
      [' b', undefined, false],
    ],
  );
});

test('pieces: what hides, moves or blinks stays as visible text', () => {
  const cases: [string, string][] = [
    [`${ESC}[8mhidden`, '\\x1b[8mhidden'],
    [`${ESC}[31;8mhidden`, '\\x1b[31;8mhidden'],
    [`${ESC}[2Jcleared`, '\\x1b[2Jcleared'],
    [`${ESC}]0;title\u0007`, '\\x1b]0;title\\x07'],
    [`${ESC}[31`, '\\x1b[31'],
    ['\u009b31m', '\\x9b31m'],
  ];
  for (const [message, shown] of cases) assert.equal(plainText(message, {}), shown);
});

test('pieces: hits are marked across colours, and nothing is lost or doubled', () => {
  const pieces = textPieces(`con${ESC}[32mnection${ESC}[0m reset`, highlighter('connection'), {});
  assert.deepEqual(
    pieces.map((piece) => [piece.text, piece.isHit, piece.colour]),
    [
      ['con', true, undefined],
      ['nection', true, 2],
      [' reset', false, undefined],
    ],
  );
  const part = fc.constantFrom('a', 'b', 'ab', ' ', `${ESC}[31m`, `${ESC}[0m`, `${ESC}[8m`, '\u202e', '\n');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const message = parts.join('');
      const shown = textPieces(message, highlighter('ab OR b'), {});
      assert.equal(shown.map((piece) => piece.text).join(''), plainText(message, {}));
      assert.doesNotMatch(shown.map((piece) => piece.text).join(''), /[\u0000-\u001f\u202e]/);
    }),
  );
});
