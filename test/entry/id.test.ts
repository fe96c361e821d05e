import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createIdMaker, ID_LENGTH, ID_NONE, idFloor, idTimeMs, isId } from '../../src/entry/id.ts';

const NODE = '0123456789ab';
const TIME_MS = Date.UTC(2026, 10, 23, 3, 10, 11, 123);

test('id: it is a UUIDv7 of the time, and ids of one start share their low bits', () => {
  const ids = createIdMaker({ nowMs: () => TIME_MS, node: NODE });
  for (const id of [ids.next(), ids.next()]) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-0123456789ab$/);
    assert.equal(id.length, ID_LENGTH);
    assert.ok(isId(id));
    assert.equal(idTimeMs(id), TIME_MS);
    assert.ok(id > ID_NONE);
  }
});

test('id: ids rise strictly whatever the clock does and however often it is started', () => {
  const step = fc.record({ moveMs: fc.integer({ min: -5_000, max: 5_000 }), isRestart: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let nowMs = TIME_MS;
      let last = ID_NONE;
      let ids = createIdMaker({ nowMs: () => nowMs, node: NODE });
      for (const { moveMs, isRestart } of steps) {
        nowMs += moveMs;
        if (isRestart) ids = createIdMaker({ nowMs: () => nowMs, node: 'ba9876543210', after: last });
        const id = ids.next();
        assert.ok(isId(id) && id > last, `${id} after ${last}`);
        last = id;
      }
    }),
  );
});

test('id: a millisecond takes more ids than its counter holds by going on with the next', () => {
  const full = '019e5a2b-3c4d-7fff-bfff-0123456789ab';
  const ids = createIdMaker({ nowMs: () => idTimeMs(full), node: NODE, after: full });
  const next = ids.next();
  assert.ok(next > full);
  assert.equal(idTimeMs(next), idTimeMs(full) + 1);
});

test('id: a hundred thousand of one millisecond rise and differ', () => {
  const ids = createIdMaker({ nowMs: () => TIME_MS, node: NODE });
  let last = ID_NONE;
  for (let count = 0; count < 100_000; count++) {
    const id = ids.next();
    assert.ok(id > last);
    last = id;
  }
  assert.equal(idTimeMs(last), TIME_MS);
});

test('id: the floor of a time is not above any id of that time, and above all before it', () => {
  const at = (timeMs: number) => createIdMaker({ nowMs: () => timeMs, node: '000000000000' }).next();
  assert.ok(idFloor(TIME_MS) <= at(TIME_MS));
  assert.ok(idFloor(TIME_MS) > at(TIME_MS - 1));
  assert.ok(isId(idFloor(-5)) && isId(idFloor(TIME_MS + 0.5)));
});

test('id: only a UUID in lower case is an id', () => {
  assert.ok(isId('f47ac10b-58cc-4372-a567-0e02b2c3d479'));
  for (const text of ['', 'F47AC10B-58CC-4372-A567-0E02B2C3D479', 'f47ac10b58cc4372a5670e02b2c3d479', `${ID_NONE} `]) {
    assert.equal(isId(text), false, text);
  }
  assert.throws(() => createIdMaker({ nowMs: () => 0, node: 'short' }), /BUG/);
});

test('id: filled in one go they are those that come one by one, over every carry of the counter', () => {
  const after = `0193b0a8-0000-7003-bf00-000000000000`;
  const make = () => createIdMaker({ nowMs: () => 0, node: '0123456789ab', after });
  const one = make();
  const all = make();
  const places = Array.from({ length: 70_000 }, (_, index) => index * 40);
  const text = new Uint8Array(places.length * 40);
  const told = all.fill(text, places);
  const written = places.map((at) => String.fromCharCode(...text.subarray(at, at + ID_LENGTH)));
  const wanted = places.map(() => one.next());
  assert.deepEqual(written, wanted);
  assert.deepEqual(told, { firstId: wanted[0], lastId: wanted.at(-1) });
  assert.equal(all.next(), one.next());
  assert.equal(all.fill(text, []), undefined);
});
