import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineDecoder, detectEncoding, type LineDecoder, type TextEncoding } from '../../src/decode/lines.ts';

const MAX = 64;

function decoder(encoding: TextEncoding = 'utf8', lineBytesMax = MAX): LineDecoder {
  return createLineDecoder({ encoding, lineBytesMax, atStart: true });
}

/** All lines of these pieces, the unfinished last one too. */
function linesOf(pieces: readonly Buffer[], made = decoder()): string[] {
  const lines: string[] = [];
  for (const piece of pieces) made.feed(piece, (line) => lines.push(line));
  made.end((line) => lines.push(line));
  return lines;
}

const UTF16 = Buffer.from('\ufeffeins\r\nzw\u0a0aei\n\nd\ud83d\ude00i\n', 'utf16le');

const CASES: readonly { name: string; bytes: Buffer; encoding?: TextEncoding; lines: string[] }[] = [
  { name: 'nothing', bytes: Buffer.alloc(0), lines: [] },
  { name: 'one line', bytes: Buffer.from('a\n'), lines: ['a'] },
  { name: 'a last line without LF', bytes: Buffer.from('a\nb'), lines: ['a', 'b'] },
  { name: 'CRLF', bytes: Buffer.from('a\r\nb\r\n'), lines: ['a', 'b'] },
  { name: 'one CR of two is stripped', bytes: Buffer.from('a\r\r\n'), lines: ['a\r'] },
  { name: 'a CR inside a line is text', bytes: Buffer.from('a\rb\n'), lines: ['a\rb'] },
  { name: 'empty lines are dropped', bytes: Buffer.from('\n\r\na\n\n\nb\n\n'), lines: ['a', 'b'] },
  { name: 'blanks are text', bytes: Buffer.from(' \n'), lines: [' '] },
  { name: 'a NUL hole is skipped', bytes: Buffer.from('\0\0\0\0a\nb\0c\n\0\n'), lines: ['a', 'b\0c'] },
  { name: 'Latin-1', bytes: Buffer.from('Gr\u00fc\u00dfe\n', 'latin1'), lines: ['Gr\ufffd\ufffde'] },
  { name: 'UTF-8 of two, three and four bytes', bytes: Buffer.from('äß€\n😀\n'), lines: ['äß€', '😀'] },
  { name: 'a byte order mark of UTF-8', bytes: Buffer.from('\ufeffa\n\ufeffb\n'), lines: ['a', '\ufeffb'] },
  { name: 'UTF-16LE', bytes: UTF16, encoding: 'utf16le', lines: ['eins', 'zw\u0a0aei', 'd😀i'] },
  { name: 'as long as may be', bytes: Buffer.from(`${'x'.repeat(MAX)}\ny\n`), lines: ['x'.repeat(MAX), 'y'] },
  {
    name: 'one byte too long',
    bytes: Buffer.from(`${'x'.repeat(MAX + 1)}\ny\n`),
    lines: [`${'x'.repeat(MAX - 8)}...[cut]`, 'y'],
  },
  {
    name: 'much too long',
    bytes: Buffer.from(`${'x'.repeat(MAX * 9)}\ny\n`),
    lines: [`${'x'.repeat(MAX - 8)}...[cut]`, 'y'],
  },
  {
    name: 'too long, in UTF-16LE',
    bytes: Buffer.from(`\ufeff${'x'.repeat(MAX * 9)}\ny\n`, 'utf16le'),
    encoding: 'utf16le',
    lines: [`${'x'.repeat(MAX / 2 - 8)}...[cut]`, 'y'],
  },
  {
    name: 'too long, never cut inside a character',
    bytes: Buffer.from(`${'€'.repeat(MAX)}\ny\n`),
    lines: [`${'€'.repeat(18)}...[cut]`, 'y'],
  },
];

for (const { name, bytes, encoding = 'utf8', lines } of CASES) {
  test(`lines: ${name}, cut at every boundary`, () => {
    assert.deepEqual(linesOf([bytes], decoder(encoding)), lines);
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(
        linesOf([bytes.subarray(0, cut), bytes.subarray(cut)], decoder(encoding)),
        lines,
        `cut at byte ${cut}`,
      );
    }
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    assert.deepEqual(linesOf(single, decoder(encoding)), lines, 'byte by byte');
  });
}

test('lines: an empty piece changes nothing, also within a line break of UTF-16', () => {
  const made = decoder('utf16le');
  const lines: string[] = [];
  for (const bytes of [[0x0a, 0x0a, 0x0a], [], [0]]) made.feed(Buffer.from(bytes), (line) => lines.push(line));
  assert.deepEqual([lines, made.pendingBytes], [['\u0a0a'], 0]);
});

test('lines: however it is cut, the lines and the counts are the same', () => {
  const byte = fc.constantFrom(0x0a, 0x0d, 0x00, 0x61, 0x20, 0xc3, 0xa4, 0xff, 0xe2, 0x82, 0xac);
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 300 }),
      fc.array(fc.nat(300), { maxLength: 12 }),
      fc.constantFrom<TextEncoding>('utf8', 'utf16le'),
      (values, cuts, encoding) => {
        const bytes = Buffer.from(values);
        const whole = decoder(encoding, 32);
        const wholeLines = linesOf([bytes], whole);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        const cut = decoder(encoding, 32);
        assert.deepEqual(linesOf(pieces, cut), wholeLines);
        assert.deepEqual(cut.counts, whole.counts);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('lines: pending bytes are those behind the last LF', () => {
  const made = decoder();
  made.feed(Buffer.from('ab\ncd'), () => {});
  assert.equal(made.pendingBytes, 2);
  made.feed(Buffer.from('e'), () => {});
  assert.equal(made.pendingBytes, 3);
  made.feed(Buffer.from('\n'), () => {});
  assert.equal(made.pendingBytes, 0);
});

test('lines: cut, empty and damaged lines are counted', () => {
  const made = decoder();
  linesOf([Buffer.from(`${'x'.repeat(1_000)}\n\n\r\nok\n`), Buffer.from([0xff, 0x0a])], made);
  assert.deepEqual(made.counts, { cutLines: 1, cutBytes: 1_000 - (MAX - 8), emptyLines: 2, invalidLines: 1 });
});

test('lines: a character that is U+FFFD itself is no damage', () => {
  const made = decoder();
  assert.deepEqual(linesOf([Buffer.from('\ufffd\n')], made), ['\ufffd']);
  assert.equal(made.counts.invalidLines, 0);
});

test('lines: a hole of any size and an endless line take no memory', () => {
  const made = decoder('utf8', 64 * 1024);
  const hole = Buffer.alloc(1024 * 1024);
  const filler = Buffer.alloc(1024 * 1024, 'x');
  const lines: string[] = [];
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 64; i++) made.feed(hole, (line) => lines.push(line));
  for (let i = 0; i < 64; i++) made.feed(filler, (line) => lines.push(line));
  assert.ok(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024);
  made.feed(Buffer.from('\nnext\n'), (line) => lines.push(line));
  assert.equal(lines[0]?.length, 64 * 1024);
  assert.equal(lines[1], 'next');
});

test('lines: the encoding is told by the first bytes', () => {
  assert.equal(detectEncoding(Buffer.from([0xff])), undefined);
  assert.equal(detectEncoding(Buffer.from([0xff, 0xfe])), 'utf16le');
  assert.equal(detectEncoding(Buffer.from([0xff, 0x20])), 'utf8');
  assert.equal(detectEncoding(Buffer.from('a')), 'utf8');
  assert.equal(detectEncoding(Buffer.alloc(0)), 'utf8');
});
