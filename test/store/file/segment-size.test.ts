/**
 * How large app.log may grow.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SizeFacts, segmentSizeFor } from '../../../src/store/file/segment-size.ts';

const MIB = 1024 * 1024;

const quiet = (facts: SizeFacts) => segmentSizeFor(facts).quiet;

test('segment size: a fortieth of what is packed, within bounds', () => {
  const own = (sealed: number) => quiet({ asked: undefined, sealed, retain: undefined });
  assert.equal(own(0), 8 * MIB);
  assert.equal(own(320 * MIB), 8 * MIB);
  assert.equal(own(400 * MIB), 10 * MIB);
  assert.equal(own(5_120 * MIB), 128 * MIB);
  assert.equal(own(1_000_000 * MIB), 128 * MIB);
});

test('segment size: what was asked for holds, whatever is packed', () => {
  for (const sealed of [0, 100_000 * MIB]) {
    assert.equal(quiet({ asked: 64 * 1024, sealed, retain: undefined }), 64 * 1024);
    assert.equal(quiet({ asked: 4_096 * MIB, sealed, retain: undefined }), 4_096 * MIB);
  }
});

test('segment size: one segment is not most of what is kept', () => {
  assert.equal(quiet({ asked: 128 * MIB, sealed: 0, retain: 80 * MIB }), 10 * MIB);
  assert.equal(quiet({ asked: undefined, sealed: 0, retain: 16 * MIB }), 2 * MIB);
  assert.equal(quiet({ asked: undefined, sealed: 0, retain: 1 }), 64 * 1024);
});

test('segment size: while much comes in, the most, unless told otherwise', () => {
  const busy = (facts: SizeFacts) => segmentSizeFor(facts).busy;
  assert.equal(busy({ asked: undefined, sealed: 0, retain: undefined }), 128 * MIB);
  assert.equal(busy({ asked: 2 * MIB, sealed: 0, retain: undefined }), 2 * MIB);
  assert.equal(busy({ asked: undefined, sealed: 0, retain: 80 * MIB }), 10 * MIB);
});
