/** Editing a query by clicks on facets and fields. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, PLAIN_STATE } from '../../src/entry/entry.ts';
import { ID_NONE } from '../../src/entry/id.ts';
import { LEVELS } from '../../src/entry/level.ts';
import { compileQuery } from '../../src/entry/query/match.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';
import {
  clientTerm,
  type FacetAct,
  type FacetKey,
  fieldTerm,
  levelsAsked,
  readFacet,
  toggleTerm,
  withFacet,
  withLevelFloor,
  withoutFacet,
  withTerm,
} from '../../src/page/query-terms.ts';

test('terms: a query and a term find what both do', () => {
  const cases = [
    ['', 'is:pinned'],
    ['a b', 'a b is:pinned'],
    ['a OR b', 'is:pinned (a OR b)'],
    ['a is:pinned', 'a is:pinned'],
  ] as const;
  for (const [text, wanted] of cases) assert.equal(withTerm(text, 'is:pinned'), wanted);
});

test('query terms: a click sets, adds, leaves out and takes back', () => {
  const cases: [string, FacetKey, string, FacetAct, string][] = [
    ['', 'level', 'ERROR', 'only', 'level:error'],
    ['level:error', 'level', 'ERROR', 'only', ''],
    ['level:error timeout', 'level', 'INFO', 'only', 'level:info timeout'],
    ['level:error timeout', 'level', 'CRITICAL', 'add', '(level:error OR level:critical) timeout'],
    ['(level:error OR level:critical) timeout', 'level', 'ERROR', 'add', 'level:critical timeout'],
    ['timeout', 'level', 'DEBUG', 'not', '-level:debug timeout'],
    ['-level:debug timeout', 'level', 'DEBUG', 'not', 'timeout'],
    ['level>=warning timeout', 'level', 'INFO', 'only', 'level:info timeout'],
    ['a OR b', 'level', 'ERROR', 'only', 'level:error (a OR b)'],
    ['level:error (a OR b)', 'level', 'ERROR', 'only', 'a OR b'],
    ['"a level:info b"', 'level', 'ERROR', 'only', 'level:error "a level:info b"'],
    ['/level:info x/', 'level', 'ERROR', 'only', 'level:error /level:info x/'],
    ['', 'client', 'web 1', 'only', 'client:"web 1"'],
    ['client:"web 1"', 'client', 'web 1', 'only', ''],
    ['client:a level:error', 'client', 'b', 'only', 'client:b level:error'],
    ['client:a', 'client', 'say "hi" \\o/', 'add', '(client:a OR client:"say \\"hi\\" \\\\o/")'],
  ];
  for (const [text, key, value, act, wanted] of cases) {
    assert.equal(withFacet(text, key, value, act), wanted, `${text} + ${act} ${key}:${value}`);
  }
});

test('query terms: a facet shows what the text says', () => {
  assert.deepEqual(readFacet('(client:a OR client:b) x', 'client'), { only: ['a', 'b'], not: [] });
  assert.deepEqual(readFacet('-client:a x', 'client'), { only: [], not: ['a'] });
  assert.equal(withoutFacet('level:error -level:debug x y', 'level'), 'x y');
});

test('query terms: whatever was typed, a click on a client leads to its entries and no others', () => {
  const rest = fc.constantFrom(
    '',
    'timeout',
    '"a b"',
    'a OR b',
    '(a OR b) c',
    '-x',
    'client:other',
    'level>=info /a b/i',
  );
  const client = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes('*'));
  fc.assert(
    fc.property(rest, client, client, (text, name, other) => {
      const next = parseQuery(withFacet(text, 'client', name, 'only'));
      assert.ok(next.ok, `${text} + ${name}`);
      const match = compileQuery(next.query);
      const entry = (clientId: string): Entry => ({
        id: ID_NONE,
        timeMs: 0,
        level: 'ERROR',
        clientId,
        message: 'timeout a b c',
      });
      const isFound = match(entry(name), PLAIN_STATE);
      assert.equal(isFound, true);
      if (other !== name) assert.equal(match(entry(other), PLAIN_STATE), false);
    }),
  );
});

test('query terms: the levels that pass are those the text lets through', () => {
  assert.deepEqual([...levelsAsked('')], [...LEVELS]);
  assert.deepEqual([...levelsAsked('level>=warning x')], ['WARNING', 'ERROR', 'CRITICAL']);
  assert.deepEqual([...levelsAsked('(level:info OR level:debug) x')], ['DEBUG', 'INFO']);
  assert.deepEqual(
    [...levelsAsked('-level:unknown')],
    LEVELS.filter((level) => level !== 'UNKNOWN'),
  );
  assert.deepEqual([...levelsAsked('level:error OR timeout')], [...LEVELS]);
});

test('query terms: a level key sets a floor, and takes it back', () => {
  assert.equal(withLevelFloor('timeout', 'WARNING'), 'level>=warning timeout');
  assert.equal(withLevelFloor('level>=warning timeout', 'ERROR'), 'level>=error timeout');
  assert.equal(withLevelFloor('level>=error timeout', 'ERROR'), 'timeout');
  assert.equal(withLevelFloor('', 'CRITICAL'), 'level:critical');
});

test('query terms: a field becomes a term only where the language has one', () => {
  const cases: [string, string, string | undefined][] = [
    ['http.status', '404', 'http.status:404'],
    ['path', '/users', 'path:"/users"'],
    ['user', 'a b', 'user:"a b"'],
    ['url', '//x', 'url:"//x"'],
    ['level', 'x', undefined],
    ['two words', 'x', undefined],
    ['empty', '', undefined],
  ];
  for (const [name, value, wanted] of cases) assert.equal(fieldTerm(name, value), wanted, `${name}=${value}`);
  assert.equal(clientTerm('api 1'), 'client:"api 1"');
});

test('query terms: a term comes and goes, and replaces its opposite', () => {
  assert.equal(toggleTerm('a', 'x:1'), 'a x:1');
  assert.equal(toggleTerm('a x:1', 'x:1'), 'a');
  assert.equal(toggleTerm('a x:1', '-x:1'), 'a -x:1');
  assert.equal(toggleTerm('a OR b', 'x:1'), 'x:1 (a OR b)');
});

test('query terms: no text, however broken, hangs or throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('(', ')', '"', '/', '\\', '-', ':', ' ', 'a', 'OR ', 'level:', '[') }),
      (text) => {
        readFacet(text, 'level');
        withFacet(text, 'level', 'ERROR', 'only');
        toggleTerm(text, 'x:1');
      },
    ),
  );
});
