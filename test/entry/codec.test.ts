import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntry, encodeEntry, idInText, isHeadLine } from '../../src/entry/codec.ts';
import type { Entry } from '../../src/entry/entry.ts';
import { anyDraft } from '../support/drafts.ts';

const ID = '0193b0a8-1234-7abc-8def-0123456789ab';
const TIME_MS = Date.UTC(2026, 10, 23, 3, 10, 11, 123);
const HEAD = `2026-11-23 03:10:11,123 - [ERROR] - [web-1] - [ID:${ID}] - `;

function entry(message: string, rest: Partial<Entry> = {}): Entry {
  return { id: ID, timeMs: TIME_MS, level: 'ERROR', clientId: 'web-1', message, ...rest };
}

const anyEntry: fc.Arbitrary<Entry> = anyDraft({ min: -62_135_596_800_000, max: 253_402_300_799_999 }).map((draft) => ({
  ...draft,
  id: ID,
  timeMs: draft.timeMs ?? 0,
}));

/** The seed's regular expression for a line of app.log; its `.` is Python's, which only a line feed ends. */
const SEED_LINE =
  /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3}) - \[(\w+)\] - \[([^\]]+)\] - \[ID:([a-f0-9-]+)\] - ([^\n]*)$/;

const WRITTEN: [string, string, Partial<Entry>?][] = [
  ['plain', 'plain'],
  ['two\nlines', 'two\n\tlines'],
  ['ends with a break\n', 'ends with a break\n\t'],
  ['\n', '\n\t'],
  ['a\tb', 'a\tb'],
  ['a\t{b', 'a\\x09{b'],
  ['a\n{b', 'a\n\t{b'],
  ['a\n\t{b', 'a\n\t\\x09{b'],
  ['\u001b[31mred\u0000\r\u007f\u009b', '\\x1b[31mred\\x00\\x0d\\x7f\\x9b'],
  ['C:\\x86\\bin', 'C:\\x5cx86\\bin'],
  ['\\x5cx41', '\\x5cx5cx41'],
  ['\\xyz \\', '\\xyz \\'],
  ['with', 'with\t{"source":"file"}', { source: 'file' }],
  ['two\nlines', 'two\n\tlines\t{"fields":{"a":1}}', { fields: { a: 1 } }],
  ['empty last\n', 'empty last\n\t\t{"source":"s"}', { source: 's' }],
  ['c1', 'c1\t{"fields":{"a":"\\u0085\\u007f\\n"}}', { fields: { a: '\u0085\u007f\n' } }],
  ['ends in a tab\t', 'ends in a tab\t\t{"source":"s"}', { source: 's' }],
];

for (const [message, text, rest] of WRITTEN) {
  test(`codec: ${JSON.stringify(message)} stands as ${JSON.stringify(text)}`, () => {
    const given = entry(message, rest);
    assert.equal(encodeEntry(given), `${HEAD}${text}\n`);
    assert.deepEqual(decodeEntry(`${HEAD}${text}\n`), given);
    assert.deepEqual(decodeEntry(`${HEAD}${text}`), given, 'also without the last line break');
  });
}

test('codec: in a client id the closing bracket, the backslash and control characters are escaped', () => {
  const given = entry('m', { clientId: 'a]b\\c\n\td\u0085' });
  const text = encodeEntry(given);
  assert.ok(text.includes(' - [a\\x5db\\x5cc\\x0a\\x09d\\x85] - '), text);
  assert.deepEqual(decodeEntry(text), given);
});

test('codec: whatever is written is read back exactly', () => {
  fc.assert(
    fc.property(anyEntry, (given) => {
      assert.deepEqual(decodeEntry(encodeEntry(given)), given);
    }),
    { numRuns: 3_000 },
  );
});

test('codec: no entry can forge another, and showing the text is safe', () => {
  fc.assert(
    fc.property(anyEntry, (given) => {
      const text = encodeEntry(given);
      assert.ok(text.endsWith('\n'));
      const [first = '', ...others] = text.slice(0, -1).split('\n');
      assert.ok(isHeadLine(first));
      for (const line of others) assert.ok(line.startsWith('\t') && !isHeadLine(line), JSON.stringify(line));
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      assert.equal(idInText(text), ID);
      const parsed = SEED_LINE.exec(first);
      assert.ok(parsed, "the seed's expression does not parse it");
      assert.equal(parsed[4], ID);
    }),
    { numRuns: 3_000 },
  );
});

test('codec: a line cut anywhere is no entry or one with a shorter message, never a fault', () => {
  fc.assert(
    fc.property(anyEntry, fc.nat(), (given, at) => {
      const text = encodeEntry(given);
      const cut = text.slice(0, at % text.length);
      const read = decodeEntry(cut);
      if (read) assert.equal(read.id, ID);
      else assert.ok(cut.length < text.length);
    }),
    { numRuns: 2_000 },
  );
});

test('codec: what other programs wrote is read as far as it can be', () => {
  assert.deepEqual(
    decodeEntry(`${HEAD}raw \u001b[31m\n  not indented by us`),
    entry('raw \u001b[31m\n  not indented by us'),
  );
  assert.equal(decodeEntry(HEAD.replace('ERROR', 'WARN'))?.level, 'WARNING');
  assert.equal(decodeEntry(HEAD.replace('ERROR', 'ODD'))?.level, 'UNKNOWN');
  assert.equal(decodeEntry(HEAD.replace(ID, ID.toUpperCase()))?.id, ID);
  for (const tail of [
    'a\t{no json',
    'a\t{"a":1}',
    'a\t{"source":1}',
    'a\t{"fields":[1]}',
    'a\t{"source":"s"} and more',
  ]) {
    assert.deepEqual(decodeEntry(HEAD + tail), entry(tail), 'what is no attributes is part of the message');
  }
});

test('codec: what is no entry is none', () => {
  for (const text of [
    '',
    '\n',
    'nonsense',
    `\t${HEAD}x`,
    ` ${HEAD}x`,
    HEAD.slice(0, -1),
    `${HEAD.replace('2026-11-23', '2026-13-45')}x`,
    `${HEAD.replace(',123', '.123')}x`,
    `${HEAD.replace('[web-1]', '[]')}x`,
    `${HEAD.replace('[web-1]', '[we\nb]')}x`,
    `${HEAD.replace('[ERROR]', '[error]')}x`,
    `${HEAD.replace(ID, ID.slice(1))}x`,
  ]) {
    assert.equal(decodeEntry(text), undefined, JSON.stringify(text));
  }
});
