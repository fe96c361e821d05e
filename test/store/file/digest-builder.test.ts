/**
 * What a digest says of a block is what a plain look at each of its entries gives.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntry, encodeEntry } from '../../../src/entry/codec.ts';
import type { Draft, Entry } from '../../../src/entry/entry.ts';
import { LEVELS, levelIndex } from '../../../src/entry/level.ts';
import { foldCase } from '../../../src/entry/query/query.ts';
import { type BlockDigest, type ShapeBook, VARIABLE } from '../../../src/store/file/digest.ts';
import { DigestBuilder } from '../../../src/store/file/digest-builder.ts';
import { readHead, splitEntries } from '../../../src/store/file/head.ts';
import { letterMask, mayHoldLetters } from '../../../src/store/file/letter-grams.ts';
import { SHAPE_BYTES_MAX, SHAPES_MAX, SPAN_COUNTS_MAX } from '../../../src/store/file/limits.ts';
import { anyDraft, draft } from '../../support/drafts.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const ID = '01a20a9a-a2a9-7000-8000-0123456789ab';
const HEAD = `2026-11-23 00:00:00,000 - [INFO] - [web-1] - [ID:${ID}] - `;
const VARIABLES = /[A-Za-z]*\d[A-Za-z0-9]*/g;

function lineOf(given: Draft): string {
  return encodeEntry({ ...given, id: ID, timeMs: given.timeMs ?? NOW_MS });
}

function createBuilder(book?: ShapeBook): { builder: DigestBuilder; clients: string[] } {
  const clients: string[] = [];
  return { clients, builder: new DigestBuilder({ book, clientNumber: (client) => clients.push(client) - 1 }) };
}

/** Texts of the shapes of one block, unknown ones as null. */
function shapesOf(text: string | Buffer): (string | null)[] {
  const { builder } = createBuilder();
  builder.digest(Buffer.from(text));
  return builder.book.shapes.map((shape) => shape.text?.replaceAll(VARIABLE, '#') ?? null);
}

const CASES: readonly (readonly [message: string, shape: string | null])[] = [
  ['job 17 of web-2 took 10ms', 'job # of web-# took #'],
  ['', ''],
  ['1', '#'],
  ['a1b2c3', '#'],
  ['a.1', 'a.#'],
  ['two\nlines 2', 'two\nlines #'],
  ['a\n\tb\n\n9', 'a\n\tb\n\n#'],
  ['tab\t{"a":1}', 'tab\t{"a":#}'],
  ['\u001b[31mred\u001b[0m', '\u001b[#\u001b[#'],
  ['\\x41 and \\', '\\# and \\'],
  ['\u009b7 é 7é', '\u009b# é #é'],
  ['straße 5', 'straße #'],
  ['straße5', null],
  ['straßen5', null],
  ['straße,5', 'straße,#'],
  ['weiß5', null],
  ['5ſ', null],
  ['5é', '#é'],
  ['\u001a', null],
  ['x'.repeat(SHAPE_BYTES_MAX - 1), 'x'.repeat(SHAPE_BYTES_MAX - 1)],
  ['x'.repeat(SHAPE_BYTES_MAX + 1), null],
  [`${'x1 '.repeat(SHAPE_BYTES_MAX / 2 + 1)}`, null],
  ['7'.repeat(3 * SHAPE_BYTES_MAX), '#'],
];

for (const [message, shape] of CASES) {
  test(`digest: the shape of ${JSON.stringify(message.slice(0, 40))}`, () => {
    assert.deepEqual(shapesOf(lineOf(draft(message))), [shape]);
  });
}

test('digest: texts that another program wrote are read as the codec reads them', () => {
  const cases: readonly (readonly [string | Buffer, (string | null)[]])[] = [
    [`${HEAD}a\n`, ['a']],
    [`${HEAD}a`, ['a']],
    [`${HEAD}a\nb 2\n`, ['a\nb #']],
    [`${HEAD}a\n\n`, ['a\n']],
    [`${HEAD}\\x41\n`, [null]],
    [`${HEAD}\\x1a\n`, [null]],
    [`${HEAD}\\xdf\n`, ['ß']],
    [`${HEAD}\u001a\n`, [null]],
    [`${HEAD}a\t{"source":"x"}\n`, ['a']],
    [`${HEAD}a\t{"other":"x"}\n`, ['a\t{"other":"x"}']],
    [`${HEAD}a\t{"source":"x"}\n\tb\n`, ['a\t{"source":"x"}\nb']],
    [`${HEAD}a\t{1 \t{"source":"x"}\n`, ['a\t{# \t{"source":"x"}']],
    [`${HEAD}a\n\t{"source":"x"}\n`, ['a\n{"source":"x"}']],
    [`${HEAD}a\nb\t{"source":"x"}\n`, ['a\nb']],
    [Buffer.from(`${HEAD}\xff\n`, 'latin1'), [null]],
    [`${HEAD}\ufeffa\n${HEAD}a\n`, ['\ufeffa', 'a']],
    [`${HEAD}a\n${HEAD.toLowerCase()}b\n`, [`a\n${HEAD.toLowerCase().replace(VARIABLES, '#')}b`]],
  ];
  for (const [text, shapes] of cases) assert.deepEqual(shapesOf(text), shapes, JSON.stringify(text.toString()));
});

test('digest: beside a variable part stands no character that folds to an ASCII letter', () => {
  const piece = 4_096;
  for (let from = 0x80; from <= 0x2_ffff; from += piece) {
    const characters = Array.from({ length: piece }, (_, at) => String.fromCodePoint(from + at)).filter((c) =>
      c.isWellFormed(),
    );
    const known = new Set(
      shapesOf(characters.flatMap((c) => [`1${c}`, `${c}1`].map((m) => lineOf(draft(m)))).join('')),
    );
    for (const character of characters) {
      const isKnown = !/[A-Z0-9]/.test(foldCase(character));
      const name = `U+${character.codePointAt(0)?.toString(16)}`;
      assert.deepEqual([known.has(`#${character}`), known.has(`${character}#`)], [isKnown, isKnown], name);
    }
  }
});

/** The plain way to what a builder counts. Shapes stand under their level, attributes and text. */
function digestPlainly(texts: readonly string[]) {
  const shapes = new Map<string, number>();
  const clients = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const text of texts) {
    const entry = decodeEntry(text);
    assert.ok(entry);
    const hasAttributes = /\t\{/.test(text) && (entry.source !== undefined || entry.fields !== undefined);
    count(shapes, JSON.stringify([levelIndex(entry.level), hasAttributes, shapeOf(text, entry) ?? null]));
    count(clients, JSON.stringify([entry.clientId, levelIndex(entry.level)]));
  }
  return { shapes, clients };
}

function shapeOf(text: string, { message, source, fields }: Entry): string | undefined {
  const tail = text.slice(text.indexOf('] - ', text.indexOf('[ID:')) + 4);
  const hasAttributes = source !== undefined || fields !== undefined;
  const written = hasAttributes ? tail.replace(/(?<=^|\n.)([^\n]*?)\t\{[^\n]*\n?$/, '$1') : tail;
  const isForeign = /\\x(?!5c|7f)[2-7][0-9a-f]/i.test(written) || message.includes(VARIABLE);
  const shape = message.replace(VARIABLES, VARIABLE);
  const isFoldedBeside = [...shape.matchAll(/(?:(.)\u001a|\u001a(.))/gsu), ...shape.matchAll(/(?<=\u001a)()(.)/gsu)]
    .flatMap(([, before = '', behind = '']) => [before, behind])
    .some((character) => character > '\u007f' && /[A-Z]/.test(foldCase(character)));
  return isForeign || isFoldedBeside ? undefined : shape;
}

function foundIn(digest: BlockDigest, book: ShapeBook, clientNames: readonly string[]) {
  const shapes = new Map<string, number>();
  for (const [index, number] of Array.from(digest.shapes).entries()) {
    const shape = book.shapes[number];
    assert.ok(shape);
    const key = JSON.stringify([shape.level, shape.hasAttributes, shape.text ?? null]);
    shapes.set(key, (shapes.get(key) ?? 0) + (digest.shapeCounts[index] ?? 0));
  }
  const clients = new Map<string, number>();
  for (let at = 0; at < digest.clientCounts.length; at += 3) {
    const [client = 0, level, count = 0] = Array.from(digest.clientCounts).slice(at, at + 3);
    clients.set(JSON.stringify([clientNames[client], level]), count);
  }
  return { shapes, clients };
}

function checkSpans({ spanMs, spanStartMs, spanCounts }: BlockDigest, entries: readonly Entry[]): void {
  assert.ok(spanCounts.length / 3 <= SPAN_COUNTS_MAX);
  assert.equal(Math.abs(spanStartMs % spanMs), 0);
  const expected = new Map<string, number>();
  for (const { timeMs, level } of entries) {
    const key = `${Math.floor(timeMs / spanMs)} ${levelIndex(level)}`;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  const found = new Map<string, number>();
  for (let at = 0; at < spanCounts.length; at += 3) {
    const span = spanStartMs / spanMs + (spanCounts[at] ?? 0);
    found.set(`${span} ${spanCounts[at + 1]}`, spanCounts[at + 2] ?? 0);
  }
  assert.deepEqual(found, expected);
}

/** Pieces of messages where runs, escapes and folding meet. */
const anyMessage = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'B', '1', '22', 'ms', ' ', '.', 'é', 'ß', 'ſ', '\u212a', 'ﬁ', '\u001b[', '\n', '\t', '{'),
      fc.constantFrom('\\', '\\x41', '\\x1b', 'x41', '\u001a', '\u0085', '😀', '\ufeff', '\t{"source":"a"}', '\\x5cx'),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

const anyLine = fc.oneof(
  { weight: 3, arbitrary: anyDraft({ min: -62_135_596_800_000, max: 253_402_300_799_999 }).map(lineOf) },
  { weight: 3, arbitrary: anyMessage.map((message) => lineOf(draft(message))) },
  { weight: 2, arbitrary: anyMessage.map((text) => `${HEAD}${text.replace(/\n?$/, '\n')}`) },
);

test('digest: it counts what a plain look at each entry counts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyLine, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }),
      (blocks) => {
        let { builder, clients } = createBuilder();
        for (const [at, lines] of blocks.entries()) {
          const bytes = Buffer.from(lines.join(''));
          const starts = splitEntries(bytes);
          const texts = starts.slice(0, -1).map((start, index) => bytes.toString('utf8', start, starts[index + 1]));
          const digest = builder.digest(bytes);
          const found = foundIn(digest, builder.book, clients);
          const expected = digestPlainly(texts);
          assert.deepEqual(new Map([...found.shapes].sort()), new Map([...expected.shapes].sort()));
          assert.deepEqual(new Map([...found.clients].sort()), new Map([...expected.clients].sort()));
          checkSpans(
            digest,
            texts.map((text) => decodeEntry(text)).filter((entry) => entry !== undefined),
          );
          // A book that was stored and read again goes on as if nothing had been.
          if (at === 1) {
            const { shapes } = builder.book;
            ({ builder, clients } = createBuilder(structuredClone({ ...builder.book })));
            assert.deepEqual(builder.book.shapes, shapes);
            const size = shapes.length;
            builder.digest(bytes);
            assert.equal(builder.book.shapes.length, size, 'nothing is new in what was known');
          }
        }
      },
    ),
    { numRuns: 1_500 },
  );
});

test('digest: letters of variable parts are known by what stands side by side', () => {
  const { builder } = createBuilder();
  builder.digest(Buffer.from([lineOf(draft('user1443 took 10ms')), lineOf(draft('be907f17 abc'))].join('')));
  const { letterGrams, letterMasks } = builder.book;
  for (const word of ['USER', 'SER', 'U', 'MS', 'BE', 'F', 'R']) assert.ok(mayHoldLetters(letterGrams, word), word);
  for (const word of ['TOOK', 'ABC', 'USERS', 'EB', 'RU', 'SM', 'X'])
    assert.ok(!mayHoldLetters(letterGrams, word), word);
  assert.deepEqual(Array.from(letterMasks), [letterMask('usermsx') & ~letterMask('x'), letterMask('bef')]);
});

test('digest: beyond the bound of shapes nothing is known of the messages, and counts go on', () => {
  const { builder } = createBuilder();
  const word = (number: number) => Array.from(String(number), (digit) => 'abcdefghij'[Number(digit)]).join('');
  const lines = Array.from({ length: SHAPES_MAX + 50 }, (_, index) => lineOf(draft(word(index))));
  const digest = builder.digest(Buffer.from(lines.join('')));
  assert.equal(builder.book.shapes.length, SHAPES_MAX + 1);
  assert.deepEqual(builder.book.shapes.at(-1), { level: 1, hasAttributes: false, text: undefined });
  assert.equal(digest.shapeCounts[SHAPES_MAX], 50);
});

const samples = join(import.meta.dirname, '../../../../shared/data/loghub');

test('digest: on logs of real programs', { skip: existsSync(samples) ? false : `there is no ${samples}` }, () => {
  for (const path of globSync(join(samples, '*.log'))) {
    const messages = readFileSync(path, 'utf8')
      .toWellFormed()
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const texts = messages.map((message, index) =>
      lineOf(draft(message, { level: LEVELS[index % 4] ?? 'INFO', timeMs: NOW_MS + index * 977 })),
    );
    const { builder, clients } = createBuilder();
    const bytes = Buffer.from(texts.join(''));
    const digest = builder.digest(bytes);
    assert.ok(readHead(bytes, 0));
    const found = foundIn(digest, builder.book, clients);
    const expected = digestPlainly(texts);
    assert.deepEqual(new Map([...found.shapes].sort()), new Map([...expected.shapes].sort()), path);
    assert.ok(found.shapes.size < messages.length / 3, `${path}: ${found.shapes.size} shapes`);
  }
});
