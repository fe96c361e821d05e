import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBatch } from '../../src/entry/batch.ts';
import { decodeEntry } from '../../src/entry/codec.ts';
import { createIdMaker } from '../../src/entry/id.ts';
import { LEVELS } from '../../src/entry/level.ts';
import { anyDraft } from '../support/drafts.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 3, 10, 11, 123);

test('batch: with its ids filled in it is the text of its entries, and what stands beside it is right', () => {
  const anyTimes = anyDraft({ min: 0, max: NOW_MS });
  const anyDrafts = fc.array(
    fc.tuple(anyTimes, fc.boolean()).map(([draft, hasTime]) => (hasTime ? draft : { ...draft, timeMs: undefined })),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(anyDrafts, (drafts) => {
      const batch = encodeBatch(drafts, NOW_MS);
      assert.equal(batch.count, drafts.length);
      assert.equal(batch.starts.length, drafts.length + 1);
      assert.equal(batch.starts[drafts.length], batch.text.length);
      assert.equal(new Set(batch.clients).size, batch.clients.length);
      const ids = createIdMaker({ nowMs: () => NOW_MS, node: '0123456789ab' });
      const same = createIdMaker({ nowMs: () => NOW_MS, node: '0123456789ab' });
      ids.fill(batch.text, batch.idAt);
      for (const [index, draft] of drafts.entries()) {
        const id = same.next();
        const text = new TextDecoder('utf-8', { fatal: true }).decode(
          batch.text.subarray(batch.starts[index], batch.starts[index + 1]),
        );
        const entry = decodeEntry(text);
        assert.ok(entry);
        const timeMs = draft.timeMs ?? NOW_MS;
        const { level, clientId, message, source, fields } = draft;
        assert.deepEqual(
          { ...entry },
          {
            id,
            timeMs,
            level,
            clientId,
            message,
            ...(source === undefined ? {} : { source }),
            ...(fields === undefined ? {} : { fields }),
          },
        );
        assert.equal(batch.timesMs[index], timeMs);
        assert.equal(LEVELS[batch.levels[index] ?? -1], level);
        assert.equal(batch.clients[batch.clientOf[index] ?? -1], clientId);
      }
    }),
    { numRuns: 500 },
  );
});

test('batch: an empty one has no text', () => {
  const batch = encodeBatch([], NOW_MS);
  assert.deepEqual([batch.count, batch.text.length, batch.starts[0]], [0, 0, 0]);
});
