import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAGMENT_LENGTH_MAX, FragmentScan } from '../../../src/store/file/fragment-scan.ts';

/** Every place at which a text stands, whatever its case, also where two overlap. */
function placesOf(bytes: Buffer, text: string): number[] {
  const folded = bytes.toString('latin1').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const places: number[] = [];
  for (let at = folded.indexOf(text); at !== -1; at = folded.indexOf(text, at + 1)) places.push(at);
  return places;
}

test('fragment scan: it finds every place, in any case, in bytes of any length', () => {
  const anyBytes = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'B', '1', ' ', '\n', '{', '[', '\x81', '\xe1'), maxLength: 60 }),
    fc.string({ unit: fc.constantFrom('a', 'A'), maxLength: 40 }),
  );
  const anyText = fc.string({ unit: fc.constantFrom('A', 'B', '1', ' ', '{', '['), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(anyBytes, anyText, (text, wanted) => {
      const bytes = Buffer.from(text, 'latin1');
      assert.deepEqual(new FragmentScan(wanted).find(bytes), placesOf(bytes, wanted));
    }),
    { numRuns: 20_000 },
  );
});

test('fragment scan: the longest text there may be', () => {
  const wanted = 'X'.repeat(FRAGMENT_LENGTH_MAX - 1).concat('Y');
  const bytes = Buffer.from(`${'x'.repeat(700)}y${'X'.repeat(300)}Y`);
  assert.deepEqual(new FragmentScan(wanted).find(bytes), placesOf(bytes, wanted));
  assert.equal(placesOf(bytes, wanted).length, 2);
});
