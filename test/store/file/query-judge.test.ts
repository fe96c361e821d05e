/**
 * What is said of shapes before an entry is read holds for every entry of them.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntry, encodeEntry } from '../../../src/entry/codec.ts';
import { type Entry, PLAIN_STATE } from '../../../src/entry/entry.ts';
import { compileQuery } from '../../../src/entry/query/match.ts';
import { foldCase, type Query } from '../../../src/entry/query/query.ts';
import { DigestBuilder } from '../../../src/store/file/digest-builder.ts';
import { compileJudge } from '../../../src/store/file/query-judge.ts';
import { MAYBE, NO, YES } from '../../../src/store/file/verdict.ts';
import { draft } from '../../support/drafts.ts';
import { anyPart, anyQuery, textQuery } from '../../support/queries.ts';
import { MESSAGE_PIECES } from '../../support/search-corpus.ts';

const ID = '01a20a9a-a2a9-7000-8000-0123456789ab';

/** The entries by shape, each with the facts that a judge is asked about. */
function shapesOf(texts: readonly string[]) {
  const builder = new DigestBuilder({ clientNumber: () => 0 });
  const { book } = builder;
  const byShape = texts.map((text) => {
    const shape = builder.digest(Buffer.from(text)).shapes[0] ?? -1;
    const entry = decodeEntry(text);
    assert.ok(entry);
    return { shape, entry };
  });
  return Array.from(book.shapes, ({ level, hasAttributes, text }, number) => ({
    facts: {
      number: undefined,
      level,
      hasAttributes,
      folded: text === undefined ? undefined : foldCase(text),
    },
    letterMask: book.letterMasks[number] ?? 0,
    letterGrams: book.letterGrams,
    entries: byShape.filter(({ shape }) => shape === number).map(({ entry }) => entry),
  }));
}

function check(query: Query, texts: readonly string[]): void {
  const matches = compileQuery(query);
  for (const { facts, letterMask, letterGrams, entries } of shapesOf(texts)) {
    const { judge, blockTerms } = compileJudge(query, letterGrams);
    const verdict = judge(
      facts,
      letterMask,
      blockTerms.map(() => MAYBE),
    );
    for (const entry of entries) {
      const isMatch = matches(entry, PLAIN_STATE);
      assert.ok(verdict === MAYBE || (verdict === YES) === isMatch, `${verdict}: ${JSON.stringify([query, entry])}`);
    }
  }
}

function lineOf(message: string, rest: Partial<Entry> = {}): string {
  return encodeEntry({ ...draft(message), id: ID, timeMs: 0, ...rest });
}

/** Few characters, so that runs, separators and foldings meet in every way. */
const TIGHT = [
  'a',
  'B',
  'k',
  's',
  '1',
  '2',
  ' ',
  '-',
  'é',
  'ß',
  'ſ',
  '\u212a',
  'ı',
  'ﬁ',
  '\n',
  '\\',
  '\u001a',
  '\u001b',
];
const anyTight = fc.string({ unit: fc.constantFrom(...TIGHT), minLength: 1, maxLength: 7 });

test('judge: of a text it says no more than is true of every entry of a shape', () => {
  fc.assert(
    fc.property(anyTight, fc.array(anyTight, { minLength: 1, maxLength: 12 }), (text, messages) => {
      check(
        textQuery(text),
        messages.map((message) => lineOf(message)),
      );
    }),
    { numRuns: 20_000 },
  );
});

test('judge: of a query of any kind it says no more than is true of every entry of a shape', () => {
  const anyMessage = fc.array(fc.constantFrom(...MESSAGE_PIECES), { minLength: 1, maxLength: 3 });
  const anyLine = fc.tuple(anyMessage, fc.boolean()).map(([pieces, hasFields]) => {
    return lineOf(pieces.join(''), hasFields ? { fields: { a: 'timeout', id: ID } } : {});
  });
  fc.assert(fc.property(anyQuery(MESSAGE_PIECES, [ID]), fc.array(anyLine, { minLength: 1, maxLength: 10 }), check), {
    numRuns: 5_000,
  });
});

test('judge: what it says', () => {
  const lines = ['job 17 of web-2 took 10ms', 'job 18 of web-3 took 20s'].map((message) => lineOf(message));
  const [shape] = shapesOf(lines);
  assert.ok(shape);
  const cases: readonly (readonly [text: string, verdict: number])[] = [
    ['job', YES],
    [' OF WEB-', YES],
    ['took', YES],
    ['job 17', MAYBE],
    ['2 took', MAYBE],
    ['7 of web', MAYBE],
    ['ms', MAYBE],
    ['10m', MAYBE],
    ['m', MAYBE],
    ['tookms', NO],
    ['jobs', NO],
    ['us', NO],
    ['10us', NO],
    ['17 off', NO],
    ['job  1', NO],
    ['2-took', NO],
  ];
  for (const [text, verdict] of cases) {
    assert.equal(
      compileJudge(textQuery(text), shape.letterGrams).judge(shape.facts, shape.letterMask, []),
      verdict,
      text,
    );
  }
});

const samples = join(import.meta.dirname, '../../../../shared/data/loghub');

test('judge: on logs of real programs', { skip: existsSync(samples) ? false : `there is no ${samples}` }, () => {
  for (const path of globSync(join(samples, '*.log'))) {
    const messages = readFileSync(path, 'utf8')
      .toWellFormed()
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const shapes = shapesOf(messages.map((message) => lineOf(message)));
    let settled = 0;
    const texts = fc.sample(anyPart(messages), { numRuns: 100, seed: 7 });
    for (const text of texts) {
      const matches = compileQuery(textQuery(text));
      for (const { facts, letterMask, letterGrams, entries } of shapes) {
        const verdict = compileJudge(textQuery(text), letterGrams).judge(facts, letterMask, []);
        if (verdict !== MAYBE) settled++;
        for (const entry of entries) {
          assert.ok(
            verdict === MAYBE || (verdict === YES) === matches(entry, PLAIN_STATE),
            `${text} in ${entry.message}`,
          );
        }
      }
    }
    assert.ok(settled > 0.5 * texts.length * shapes.length, `${path}: ${settled / texts.length / shapes.length}`);
  }
});
