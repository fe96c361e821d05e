/**
 * Habits that every file of src keeps.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSourceFiles, type SourceFile } from './source-files.ts';

/** Beyond, a file holds a second idea. */
const LINES_MAX = 400;

const files = readSourceFiles();

test('source: there is some', () => {
  assert.ok(files.length > 10, 'the tests below would pass over nothing');
});

test('source: every file begins with what it is for', () => {
  const silent = files.filter(({ text }) => !/^(#![^\n]*\n)?\/\*\*\s*\n? ?\*? ?\S/.test(text)).map(({ path }) => path);
  assert.deepEqual(silent, [], 'the first thing in a file is a docstring: one to three sentences, what it is for');
});

test('source: no file has outgrown its idea', () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  assert.deepEqual(long, [], `a file has at most ${LINES_MAX} lines: look for the second idea in it`);
});

interface Habit {
  readonly never: string;
  /** `code` is the text without comments and strings. */
  readonly where: 'code' | 'text';
  readonly pattern: RegExp;
}

const HABITS: readonly Habit[] = [
  { never: 'any', where: 'code', pattern: /(?::\s|<|\bas\s|\|\s|,\s|=>\s)any\b(?!\s*[:(])/ },
  { never: 'a catch that is empty and says not why', where: 'text', pattern: /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/ },
  {
    never: 'a rejection that is dropped without a comment above that says why',
    where: 'text',
    pattern: /^(?!\s*\/\/).*\n.*\.catch\(\(\w*\)\s*=>\s*(\{\s*\}|undefined|null)\)/m,
  },
  { never: 'work left for later', where: 'text', pattern: /\b(TODO|FIXME|XXX|HACK)\b|not implemented/ },
  { never: 'a default export', where: 'code', pattern: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/ },
  {
    never: 'a silenced compiler or linter',
    where: 'text',
    pattern: /@ts-(ignore|expect-error|nocheck)|biome-ignore (?!format)|eslint-disable/,
  },
  { never: 'a test', where: 'text', pattern: /from '(node:test|node:assert[^']*|fast-check)'/ },
  { never: 'an enum or a namespace', where: 'code', pattern: /^\s*(export\s+)?(const\s+)?(enum|namespace)\s/m },
];

for (const { never, where, pattern } of HABITS) {
  test(`source: never ${never}`, () => {
    assert.deepEqual(
      files.flatMap((file) => linesOf(file, where, pattern)),
      [],
    );
  });
}

function linesOf(file: SourceFile, where: 'code' | 'text', pattern: RegExp): string[] {
  const text = file[where];
  return [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
    ({ index }) => `${file.path}:${text.slice(0, index).split('\n').length}`,
  );
}
