import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { charWidth, FILLER, textWidth, toCells } from '../../src/dashboard/width.ts';
import { sanitize } from '../../src/viewer/sanitize.ts';

describe('width', () => {
  const cases: [what: string, text: string, cells: string[]][] = [
    ['ASCII', 'ab c', ['a', 'b', ' ', 'c']],
    ['accents', 'é', ['é']],
    ['a combining accent with its letter', 'e\u0301x', ['e\u0301', 'x']],
    ['a combining accent on a wide character', '語\u0301x', ['語\u0301', FILLER, 'x']],
    ['a combining accent on nothing', '\u0301', ['\u25cc\u0301']],
    ['at most three marks on one letter', 'a\u0300\u0301\u0302\u0303b', ['a\u0300\u0301\u0302', 'b']],
    ['CJK', '日本', ['日', FILLER, '本', FILLER]],
    ['full width forms', 'Ａ', ['Ａ', FILLER]],
    ['Hangul syllables', '한', ['한', FILLER]],
    ['emoji', '💥!', ['💥', FILLER, '!']],
    ['a text emoji with its selector as one cell', '❤️!', ['❤', '!']],
    ['joined emoji one by one', '👨‍👩', ['👨', FILLER, '👩', FILLER]],
    ['a skin tone left out', '👍🏽!', ['👍', FILLER, '!']],
    ['a flag as its letters', '🇩🇪', ['D', 'E']],
  ];
  for (const [what, text, cells] of cases) {
    test(what, () => {
      assert.deepEqual(toCells(text), cells);
      assert.equal(textWidth(text), cells.length);
    });
  }

  test('a wide character is followed by a filler, and nothing else is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const cells = toCells(sanitize(text));
        cells.forEach((cell, index) => {
          const isWide = cell !== FILLER && charWidth(cell.codePointAt(0) ?? 0) === 2;
          assert.equal(cells[index + 1] === FILLER, isWide);
        });
      }),
    );
  });
});
