import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesOf, ndjsonOf } from '../../scripts/bench/bodies.ts';

test('bodies: batches hold every line once, the last one what is left', () => {
  const ndjson = ndjsonOf(1_050, 1);
  for (const [linesPerBatch, count, left] of [
    [1, 1_050, 1],
    [100, 11, 50],
    [1_050, 1, 1_050],
    [5_000, 1, 1_050],
  ] as const) {
    const batches = batchesOf(ndjson, linesPerBatch);
    assert.equal(batches.length, count);
    assert.deepEqual(Buffer.concat(batches), ndjson);
    assert.equal(batches.at(-1)?.toString().trimEnd().split('\n').length, left);
  }
});
