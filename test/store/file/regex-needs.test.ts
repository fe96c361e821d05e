/**
 * What is read off a regular expression holds for everything that it matches.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, PLAIN_STATE } from '../../../src/entry/entry.ts';
import { compileQuery } from '../../../src/entry/query/match.ts';
import type { Query } from '../../../src/entry/query/query.ts';
import { regexNeeds } from '../../../src/store/file/regex-needs.ts';

/** A query in short: `(a & b)`, `(a | b)`, `*` for all. */
function shown(query: Query): string {
  switch (query.kind) {
    case 'text':
      return query.text;
    case 'and':
      return `(${query.of.map(shown).join(' & ')})`;
    case 'or':
      return `(${query.of.map(shown).join(' | ')})`;
    default:
      return '*';
  }
}

const CASES: readonly (readonly [source: string, flags: string, needs: string, isBounded: boolean])[] = [
  ['timeout', '', 'timeout', true],
  ['timeout of (500|1000)ms', '', '(timeout of  & (500 | 1000) & ms)', true],
  ['(?:timeout|refused)', 'i', '(timeout | refused)', true],
  ['timeout|', '', '*', true],
  ['a|b|c.', '', '(a | b | c)', true],
  ['a.b', '', '(a & b)', true],
  ['^abc$', 'm', 'abc', true],
  ['\\bab\\B', '', 'ab', true],
  ['abc?d', '', '(ab & d)', true],
  ['ab{2}c', '', '(ab & c)', true],
  ['ab{0}c', '', '(a & c)', true],
  ['ab+c', '', '(ab & c)', false],
  ['ab*c', '', '(a & c)', false],
  ['(ab)+', '', 'ab', false],
  ['(ab)?c', '', 'c', true],
  ['a(?=b)c', '', '(a & c)', true],
  ['(?!no)yes', '', 'yes', true],
  ['(?<=no)yes', '', 'yes', true],
  ['(?<name>ab)c\\k<name>', '', 'abc', false],
  ['(a)\\1', '', 'a', false],
  ['a[bc]d', '', '(a & d)', true],
  ['a[\\]|]d', '', '(a & d)', true],
  ['a\\.b\\/c\\x64\\u0065', '', 'a.b/cde', true],
  ['a\\tb\\n', '', 'a\tb\n', true],
  ['\\d\\w\\s\\S', '', '*', true],
  ['\\p{L}a', 'u', 'a', true],
  ['é', '', 'é', true],
  ['aéb', 'i', '(a & b)', true],
  ['a😀b', '', '(a & b)', true],
  ['a{,2}', '', 'a{,2}', true],
  ['(a{1,40}){1,40}', '', 'a', false],
  // What the reader does not know says nothing.
  ['(?i:a)b', '', '*', false],
  ['\\ca', '', '*', false],
  ['a\\0', '', '*', false],
  ['[a&&b]', 'v', '*', false],
];

for (const [source, flags, needs, isBounded] of CASES) {
  test(`regex: /${source}/${flags} needs ${JSON.stringify(needs)}`, () => {
    new RegExp(source, flags);
    const found = regexNeeds(source, flags);
    assert.deepEqual([shown(found.needs), found.isBounded], [needs, isBounded]);
  });
}

const anySource = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'k', 's', 'A', 'ſ', 'ß', 'é', '😀', '\u212a', ' ', '1', '\n') },
      { weight: 2, arbitrary: fc.constantFrom('(', '(?:', '(?=', '(?!', '(?<=', '(?<!', '(?<n>', ')', ')', ')', '|') },
      { weight: 2, arbitrary: fc.constantFrom('*', '+', '?', '{2}', '{0,1}', '{1,}', '{0}', '*?', '+?', '{', '}') },
      {
        weight: 2,
        arbitrary: fc.constantFrom('.', '^', '$', '\\b', '\\B', '[ab]', '[^a]', '[', ']', '[]]', '[^]', '\\]'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\\d', '\\w', '\\W', '\\1', '\\k<n>', '\\x61', '\\u0062', '\\n', '\\-', '\\😀'),
      },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

const anyMessage = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'k',
    's',
    'A',
    'B',
    'K',
    'S',
    'ſ',
    'ß',
    'é',
    'É',
    '😀',
    '\u212a',
    ' ',
    '1',
    '\n',
    '-',
    '{',
    ']',
  ),
  maxLength: 8,
});

test('regex: what matches holds what is needed', () => {
  let matched = 0;
  fc.assert(
    fc.property(
      anySource,
      fc.constantFrom('', 'i', 'm', 's', 'u', 'iu', 'ims'),
      fc.array(anyMessage, { minLength: 8, maxLength: 8 }),
      (source, flags, messages) => {
        let expression: RegExp;
        try {
          expression = new RegExp(source, flags);
        } catch {
          // A random one need not be valid.
          return;
        }
        const matches = compileQuery(regexNeeds(source, flags).needs);
        for (const message of [...messages, source]) {
          if (!expression.test(message)) continue;
          matched++;
          assert.ok(matches({ message } as Entry, PLAIN_STATE), `/${source}/${flags} in ${JSON.stringify(message)}`);
        }
      },
    ),
    { numRuns: 60_000 },
  );
  assert.ok(matched > 20_000, `only ${matched} matches`);
});
