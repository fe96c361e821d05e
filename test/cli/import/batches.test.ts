/** What makes a second run find the batches of the first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchBuilder, type ImportBatch } from '../../../src/cli/import/batches.ts';
import { FileReader } from '../../../src/decode/import/file-reader.ts';

const ID = '7f3c1f6e-3c1e-4a5b-9f5e-0123456789ab';
const OWN_ID = '0193b0a8-1234-7abc-8def-0123456789ab';

function batchesOf(pieces: readonly Buffer[], { takesPlain }: { readonly takesPlain: (line: number) => boolean }) {
  const made: ImportBatch[] = [];
  const bad: number[] = [];
  const batches = new BatchBuilder((batch) => made.push(batch));
  const reader = new FileReader({
    format: 'text',
    plainClientId: 'old',
    source: 'old.log',
    nowMs: 0,
    listener: {
      onRecord: (record) => batches.add(record, undefined),
      onPlainEntry(entry, line) {
        if (!takesPlain(line)) return false;
        batches.addPlain(entry, line);
        return true;
      },
      onBadLine: (line) => bad.push(line),
    },
  });
  for (const piece of pieces) reader.feed(piece);
  reader.end();
  batches.flush();
  return { made: made.map(({ body, ...rest }) => ({ ...rest, body: body.toString() })), bad };
}

const time = fc.constantFrom(
  '2025-05-01 10:00:00,123',
  '2025-05-01 23:59:59,999',
  '2025-05-02 00:00:00,000',
  '2025-02-30 10:00:00,123',
  '2025-13-01 10:00:00,123',
  '2025-05-01 24:00:00,000',
  '2025-05-01 10:60:00,123',
  '0001-01-01 00:00:00,000',
);
const line = fc.oneof(
  fc
    .record({
      time,
      level: fc.constantFrom('INFO', 'ERROR', 'UNKNOWN', 'WARN', 'ODD', 'info'),
      client: fc.constantFrom('web-1', 'a b', 'zwö', 'a\\x5d', 'c'.repeat(257), '', '"q"'),
      id: fc.constantFrom(ID, OWN_ID, ID.toUpperCase(), ID.slice(1)),
      message: fc.constantFrom(
        'm',
        'hello world',
        'a "b"',
        'C:\\x86',
        'é',
        'tab\there',
        '',
        ' ',
        'x'.repeat(300),
        'r\r',
      ),
    })
    .map((of) => `${of.time} - [${of.level}] - [${of.client}] - [ID:${of.id}] - ${of.message}`),
  fc.constant(`2025-05-01 10:00:00,123 - [INFO] - [web-1] - [ID:${ID}] - usual`),
  fc.constantFrom('', 'further', '\tfurther', '  ', '2025-05-01 10:00:00,123 - [INFO] - [web-1', '{"a":1}', '\0\0'),
);

test('import: entries that are taken as they lie there, and files cut anywhere, make the same batches', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 4 }), (lines, cuts) => {
      // Longer than what is held to tell the format by.
      const usual = `2025-05-01 10:00:00,123 - [INFO] - [web-1] - [ID:${ID}] - usual\n`.repeat(800);
      const bytes = Buffer.from(`${usual}${lines.join('\n')}`);
      const from = bytes.length - Buffer.byteLength(lines.join('\n'));
      const places = cuts.map((cut) => from + (cut % (bytes.length - from + 1))).sort((a, b) => a - b);
      const pieces = [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
      const whole = batchesOf([bytes], { takesPlain: () => false });
      assert.deepEqual(batchesOf(pieces, { takesPlain: () => true }), whole);
      assert.deepEqual(batchesOf(pieces, { takesPlain: (line) => line % 3 > 0 }), whole);
      assert.deepEqual(batchesOf(pieces, { takesPlain: () => false }), whole);
    }),
    { numRuns: 400 },
  );
});

test('import: a batch ends by its entries and by its length, and one entry is always taken', () => {
  const made: ImportBatch[] = [];
  const batches = new BatchBuilder((batch) => made.push(batch));
  const add = (message: string) =>
    batches.add({ line: 1, draft: { level: 'INFO', clientId: 'c', message } }, undefined);
  for (let count = 0; count < 10_001; count++) add('m');
  add('x'.repeat(3 * 1024 * 1024));
  add('ü'.repeat(700_000));
  add('ü'.repeat(700_000));
  batches.flush();
  batches.flush();
  assert.deepEqual(
    made.map(({ sequence, lines }) => [sequence, lines.length]),
    [
      [1, 10_000],
      [2, 1],
      [3, 1],
      [4, 1],
      [5, 1],
    ],
  );
});
