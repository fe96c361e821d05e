/** One reader that writes into one batch after another: each is what it would be from a reader of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlainLineReader } from '../../src/decode/plain-line.ts';
import { type Batch, encodeBatch } from '../../src/entry/batch.ts';
import { BatchWriter } from '../../src/entry/batch-writer.ts';
import { parseDraft } from '../../src/entry/draft.ts';
import type { Draft } from '../../src/entry/entry.ts';
import { ID_LENGTH } from '../../src/entry/id.ts';

const EXPECTED = { bytes: 100, entries: 2 };
const body = fc.record(
  {
    message: fc.constantFrom('m', 'another message', 'a "quoted" one', 'grüße', ''),
    client_id: fc.constantFrom('web-1', 'web-2', 'db', ''),
    level: fc.constantFrom('info', 'ERROR', 'warn', 'nonsense', ''),
    timestamp: fc.constantFrom('2026-01-02T03:04:05.678Z', '2026-02-29T00:00:00.000Z', '2026-01-02', 'never'),
    source: fc.constantFrom('file', 'syslog'),
  },
  { requiredKeys: ['message'] },
);

test('plain lines: into one batch after another, as each is alone', () => {
  const reader = new PlainLineReader(new BatchWriter(0, EXPECTED));
  let plainCount = 0;
  fc.assert(
    fc.property(fc.array(body, { maxLength: 12 }), fc.nat(4_000_000_000_000), fc.nat(30), (bodies, nowMs, before) => {
      const writer = new BatchWriter(nowMs, EXPECTED);
      reader.writeInto(writer);
      const drafts: Draft[] = [];
      for (const value of bodies) {
        const json = JSON.stringify(value);
        // As in the middle of a request, and with something behind it.
        const bytes = Buffer.from(`${' '.repeat(before)}${json}POST`);
        const end = bytes.length - 4;
        if (!reader.read(bytes, before, end)) continue;
        plainCount++;
        const parsed = parseDraft(value);
        assert.ok(parsed.ok, `${json} was taken though it is no entry`);
        drafts.push(parsed.draft);
      }
      assert.deepEqual(parts(writer.finish()), parts(encodeBatch(drafts, nowMs)));
    }),
    { numRuns: 1_000 },
  );
  assert.ok(plainCount > 500, `${plainCount} lines were plain`);
});

function parts({ count, text, starts, idAt, timesMs, levels, clients, clientOf }: Batch) {
  const bytes = Buffer.from(text);
  // What stands there before the store fills in an id is nobody's business.
  for (const at of Array.from(idAt)) bytes.fill('0', at, at + ID_LENGTH);
  return {
    count,
    text: bytes.toString(),
    numbers: [starts, idAt, timesMs, levels, clientOf].map((numbers) => Array.from(numbers)),
    clients,
  };
}
