import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as ndjson from '../../src/decode/ndjson.ts';
import { type Batch, encodeBatch } from '../../src/entry/batch.ts';
import { decodeEntry } from '../../src/entry/codec.ts';
import { parseDraft } from '../../src/entry/draft.ts';
import type { Draft } from '../../src/entry/entry.ts';

const NOW_MS = Date.parse('2026-11-23T03:10:11.123Z');

function decodeNdjson(bytes: Buffer, nowMs: number): ndjson.DecodedBatch {
  const decoded = ndjson.decodeNdjson(bytes, nowMs);
  assert.ok(!('kind' in decoded));
  return decoded;
}

/** A batch in a form that compares: its text, and every entry with what stands beside it. */
function shown(batch: Batch) {
  const text = Buffer.from(batch.text).toString();
  return {
    text: text.replaceAll('\0', '0'),
    entries: Array.from({ length: batch.count }, (_, index) => ({
      start: batch.starts[index],
      idAt: batch.idAt[index],
      timeMs: batch.timesMs[index],
      level: batch.levels[index],
      client: batch.clients[batch.clientOf[index] ?? -1],
    })),
    end: batch.starts[batch.count],
  };
}

/** The slow and obvious way: JSON.parse and parseDraft for every line. */
function slowly(body: string): Batch {
  const drafts: Draft[] = [];
  for (const line of body.split('\n')) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // A line that is no JSON is rejected.
      continue;
    }
    const parsed = parseDraft(value);
    if (parsed.ok) drafts.push(parsed.draft);
  }
  return encodeBatch(drafts, NOW_MS);
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\\x41', '\t{', 'a\nb', ']', '"', 'é', '\x7f', '\u0085'),
);
const time = fc.oneof(
  fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    '',
    '2025-02-30T10:00:00.000Z',
    '2025-05-01T24:00:00.000Z',
    '2025-05-01T10:00:60.000Z',
    '2025-05-01 10:00:00',
    '2025-05-01T10:00:00.123+02:00',
    '2025-05-01T10:0x:00.000Z',
  ),
  fc.integer(),
);
const value = fc.oneof(
  fc.record(
    {
      message: text,
      level: fc.oneof(fc.constantFrom('INFO', 'warn', 'err', 'blue'), text),
      client_id: text,
      source: text,
      timestamp: time,
      fields: fc.dictionary(fc.oneof(fc.constantFrom('id', '__proto__'), text), fc.oneof(text, fc.jsonValue()), {
        maxKeys: 2,
      }),
    },
    { requiredKeys: [] },
  ),
  fc.record({ message: text, fields: fc.dictionary(text, fc.jsonValue()) }),
  fc.jsonValue(),
);
const line = fc.oneof(
  value.map((sent) => JSON.stringify(sent)),
  value.map((sent) => JSON.stringify(sent).replaceAll('":', '": ').replaceAll(',"', ', "')),
  value.map((sent) => `${JSON.stringify(sent)}\r`),
  value.map((sent) => JSON.stringify(sent).slice(0, -2)),
  fc.constantFrom(
    '',
    '  ',
    '{}',
    '{"message":"a","message":""}',
    '{"message":"a"} x',
    '{"message":"a",}',
    '{"message" :"a"}',
    '{"message":"\\u0041"}',
    '{"message":"a","fields":{"id":"1"}}',
    '{"fields":{"id":"1"},"message":"a","source":"s","fields":{"id":"2"}}',
    '{"message":"a","fields":{"id":"1","id":"2"}}',
    '{"message":"a","fields":{"id":"1"}x}',
    '{"message":"a","fields":{"id":"1"',
    '{"message":"a","fields":{}}',
    '{"message":"a","fields":"x"}',
    '{"message":{"id":"1"}}',
  ),
);

test('lines that go from bytes to bytes become what JSON.parse would have made of them', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, endsWithLf) => {
      const body = lines.join('\n').toWellFormed() + (endsWithLf ? '\n' : '');
      assert.deepEqual(shown(decodeNdjson(Buffer.from(body), NOW_MS).batch), shown(slowly(body)));
    }),
    { numRuns: 3_000 },
  );
});

test('a body cut at any byte gives its whole lines, and at most one line is rejected', () => {
  const lines = [
    '{"level":"INFO","message":"one","client_id":"web-1"}',
    '{"message":"zwö","timestamp":"2025-05-01T10:00:00.000Z"}',
    '{"message":"three","source":"file"}',
  ];
  const body = Buffer.from(lines.join('\n'));
  for (let cut = 0; cut <= body.length; cut++) {
    const { batch, rejected } = decodeNdjson(body.subarray(0, cut), NOW_MS);
    const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('\n')));
    assert.equal(batch.count, ends.filter((end) => end <= cut).length, `cut at ${cut}`);
    assert.ok(rejected.length <= 1);
  }
});

test('rejected lines are told by their number, blank ones counting', () => {
  const { batch, rejected } = decodeNdjson(Buffer.from('\n{"message":"a"}\n\n{nope\n{"level":"INFO"}\n'), NOW_MS);
  assert.equal(batch.count, 1);
  assert.deepEqual(
    rejected.map(({ line }) => line),
    [4, 5],
  );
});

test('an array gives the same batch as its values line by line', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 8 }), (values) => {
      const decoded = ndjson.decodeArray(Buffer.from(JSON.stringify(values)), NOW_MS);
      assert.ok(!('kind' in decoded));
      assert.deepEqual(shown(decoded.batch), shown(slowly(values.map((each) => JSON.stringify(each)).join('\n'))));
    }),
  );
});

test('bytes that are no UTF-8 do not reach the store', () => {
  const body = Buffer.concat([Buffer.from('{"message":"a'), Buffer.from([0xff, 0xc3]), Buffer.from('b"}')]);
  const { batch } = decodeNdjson(body, NOW_MS);
  assert.equal(decodeEntry(Buffer.from(batch.text).toString().replaceAll('\0', '0'))?.message, 'a\ufffd\ufffdb');
});

test('more lines than a batch may have are refused at once, however short; blank ones cost next to nothing', () => {
  const refused = ndjson.decodeNdjson(Buffer.from('{}\n'.repeat(1_000_001)), NOW_MS);
  assert.equal('kind' in refused && refused.kind, 'too-large');
  const started = performance.now();
  const { batch } = decodeNdjson(Buffer.alloc(60 * 1024 * 1024, 10), NOW_MS);
  assert.equal(batch.count, 0);
  assert.ok(performance.now() - started < 2_000);
});

test('of very many rejected lines the first thousand are told and all are counted', () => {
  const { rejected, rejectedCount } = decodeNdjson(Buffer.from('x\n'.repeat(5_000)), NOW_MS);
  assert.equal(rejected.length, 1_000);
  assert.equal(rejectedCount, 5_000);
});
