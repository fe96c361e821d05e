import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEntry, encodeEntry, isHeadLine } from '../../../src/entry/codec.ts';
import type { Entry } from '../../../src/entry/entry.ts';
import type { ScannedEntry } from '../../../src/store/file/block-index.ts';
import { entryAround, readEntry, readHead, splitEntries } from '../../../src/store/file/head.ts';
import { scanEntries } from '../../../src/store/file/scan.ts';
import { anyDraft } from '../../support/drafts.ts';

const anyEntry: fc.Arbitrary<Entry> = fc
  .tuple(anyDraft({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), fc.uuid({ version: [4, 7] }))
  .map(([draft, id]) => ({ ...draft, id, timeMs: draft.timeMs ?? 0 }));

/** Lines that are heads, nearly heads, and neither. */
const anyLine = fc.oneof(
  anyEntry.map((entry) => encodeEntry(entry)),
  fc
    .tuple(anyEntry.map(encodeEntry), fc.nat(), fc.constantFrom('', ' ', ']', '\n', '0', 'x', '\t', '-'))
    .map(([text, at, put]) => `${text.slice(0, at % 90)}${put}${text.slice((at % 90) + 1)}`.toWellFormed()),
  fc.string({ unit: 'grapheme' }).map((text) => `${text.toWellFormed()}\n`),
);

test('head: bytes are read as the codec reads text', () => {
  fc.assert(
    fc.property(anyLine, (text) => {
      const bytes = Buffer.from(text);
      const head = readHead(bytes, 0);
      const entry = decodeEntry(text);
      assert.equal(head === undefined, entry === undefined, JSON.stringify(text));
      if (!head || !entry) return;
      assert.deepEqual(readEntry(bytes, head, bytes.length), entry);
    }),
    { numRuns: 4_000 },
  );
});

test('head: of times it takes those that the codec takes', () => {
  const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'));
  const time = fc.tuple(fc.integer({ min: 1_000, max: 9_999 }), two(13), two(32), two(25), two(61), two(61), two(99));
  fc.assert(
    fc.property(time, ([year, month, day, hour, minute, second, ms]) => {
      const stamp = `${year}-${month}-${day} ${hour}:${minute}:${second},0${ms}`;
      const text = `${stamp} - [INFO] - [c] - [ID:01a2265a-49e8-7000-8000-607792b91383] - m\n`;
      assert.equal(readHead(Buffer.from(text), 0)?.timeMs, decodeEntry(text)?.timeMs, stamp);
    }),
    { numRuns: 20_000 },
  );
});

test('head: a text is split where the codec says that entries begin', () => {
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 8 }), (lines) => {
      const text = lines.join('');
      const starts: number[] = [];
      let at = 0;
      for (const line of text.split(/(?<=\n)/)) {
        if (isHeadLine(line) && decodeEntry(line)) starts.push(at);
        at += Buffer.byteLength(line);
      }
      const bytes = Buffer.from(text);
      assert.deepEqual(splitEntries(bytes), [...starts, bytes.length]);
      for (let byte = starts[0] ?? bytes.length; byte < bytes.length; byte++) {
        const start = starts.findLast((candidate) => candidate <= byte) ?? 0;
        const end = starts.find((candidate) => candidate > byte) ?? bytes.length;
        const found = entryAround(bytes.subarray(starts[0]), byte - (starts[0] ?? 0));
        assert.deepEqual(found, [start - (starts[0] ?? 0), end - (starts[0] ?? 0)], `around byte ${byte}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('scan: a text of any size gives each entry with its place, also when lines are longer than a piece', async () => {
  const head = (n: number) =>
    `2026-11-23 03:10:11,123 - [INFO] - [c] - [ID:0193b0a8-0000-7000-8000-00000000000${n}] - `;
  const texts = [
    `${head(1)}short\n`,
    `${head(2)}${'x'.repeat(3_000_000)}\n\t${'y'.repeat(1_500_000)}\n`,
    `${head(3)}\n`,
    `${head(4)}${'é'.repeat(1_048_576 - 70)}\n`,
    `${head(5)}last\n`,
  ];
  const junk = `${'z'.repeat(1_200_000)}\n`;
  const bytes = Buffer.from(junk + texts.join(''));
  const found: ScannedEntry[] = [];
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  await scanEntries({ read }, { from: 0, to: bytes.length }, (entry) => found.push(entry));
  assert.deepEqual(
    found.map(({ offset, length }) => bytes.toString('utf8', offset, offset + length)),
    texts,
  );
});
