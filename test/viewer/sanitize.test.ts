import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sanitize } from '../../src/viewer/sanitize.ts';

describe('sanitize', () => {
  const cases: [what: string, given: string, shown: string][] = [
    ['plain text', 'GET /users 200 {bold}x{/bold}', 'GET /users 200 {bold}x{/bold}'],
    ['colours and hidden text', '\u001b[8mhidden\u001b[0m', '\\x1b[8mhidden\\x1b[0m'],
    ['a C1 control sequence', 'a\u009b31mb', 'a\\x9b31mb'],
    ['a window title by OSC', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['a device control string', '\u0090q\u009c', '\\x90q\\x9c'],
    ['backspace, DEL, NUL', 'a\bb\u007fc\u0000', 'a\\x08b\\x7fc\\x00'],
    ['a carriage return that would overwrite the line', 'good\rbad', 'good\\rbad'],
    ['line breaks and tabs', 'one\ntwo\tthree', 'one\\ntwo three'],
    ['text turned round', 'abc\u202edef\u202c', 'abc\\u202edef\\u202c'],
    ['isolates and marks', '\u2066a\u2069\u200eb', '\\u2066a\\u2069\\u200eb'],
    ['zero-width characters', 'pass\u200bword\ufeff\u00ad', 'pass\\u200bword\\ufeff\\xad'],
    ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a variation selector on a letter', 'a\ufe0f', 'a\\ufe0f'],
    ['a variation selector supplement', 'a\u{e0100}', 'a\\u{e0100}'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['fillers', 'a\u3164b\u115f', 'a\\u3164b\\u115f'],
    ['a joiner between letters', 'a\u200db', 'a\\u200db'],
  ];
  for (const [what, given, shown] of cases) {
    test(`shows ${what}`, () => {
      assert.equal(sanitize(given), shown);
    });
  }

  const kept: [what: string, text: string][] = [
    ['other scripts', 'Ünïcödé 日本語 한국어 العربية हिन्दी'],
    ['combining marks', 'e\u0301'],
    ['emoji with selectors and joiners', '❤️ 👨‍👩‍👧 👍🏽 🏳️‍🌈 1️⃣'],
    ['joiners that a script needs', 'می\u200cخواهم क्\u200dष'],
    ['the replacement character', '\ufffd'],
  ];
  for (const [what, text] of kept) {
    test(`keeps ${what}`, () => {
      assert.equal(sanitize(text), text);
    });
  }

  test('keeps line breaks and tabs for those who ask', () => {
    assert.equal(sanitize('a\r\nb\nc\td\re', { lineBreaks: 'keep', tabs: 'keep' }), 'a\nb\nc\td\\re');
  });

  test('whatever comes in, nothing that a terminal acts on comes out', () => {
    const any = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(any, (text) => {
        const shown = sanitize(text);
        assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]/);
        assert.equal(sanitize(shown), shown, 'what is shown needs no further look');
      }),
      { numRuns: 2_000 },
    );
  });
});
