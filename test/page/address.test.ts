/** The state of the view page in its URL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, ALL, boundsOf, formatAddress, parseAddress, safeNext } from '../../src/page/address.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const ID = '01939b1e-5a2b-7000-8000-0123456789ab';

test('address: what is written is read back', () => {
  const range = fc.oneof(
    fc.constant(ALL),
    fc.constantFrom('15m', '24h', '7d').map((span) => ({ kind: 'last', span }) as const),
    fc
      .tuple(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 1, max: 1e9 }))
      .map(([sinceMs, length]) => ({ kind: 'between', sinceMs, untilMs: sinceMs + length }) as const),
  );
  const address: fc.Arbitrary<Address> = fc.record({
    query: fc.string(),
    range,
    entryId: fc.option(fc.constant(ID), { nil: undefined }),
  });
  fc.assert(fc.property(address, (given) => assert.deepEqual(parseAddress(formatAddress(given), NOW), { ...given })));
});

test('address: nothing said is everything', () => {
  assert.equal(formatAddress({ query: '', range: ALL, entryId: undefined }), '');
  assert.deepEqual(parseAddress('', NOW), { query: '', range: ALL, entryId: undefined });
});

test('address: what makes no sense is left out', () => {
  for (const search of ['?since=rubbish', '?since=2026-11-23&until=2026-11-22', '?until=2026-11-23']) {
    assert.deepEqual(parseAddress(search, NOW).range, ALL, search);
  }
  assert.equal(parseAddress('?entry=javascript:alert(1)', NOW).entryId, undefined);
});

test('address: an open range reaches up to now', () => {
  assert.deepEqual(boundsOf({ kind: 'last', span: '15m' }, NOW), { sinceMs: NOW - 900_000 });
  assert.deepEqual(boundsOf(ALL, NOW), {});
});

test('address: signing in leads to a path of this server and nowhere else', () => {
  const cases: [string, string][] = [
    ['/view?query=a', '/view?query=a'],
    ['/tickets', '/tickets'],
    ['//evil.example/', '/view'],
    ['/\\evil.example', '/view'],
    ['/\t/evil.example', '/view'],
    ['https://evil.example/', '/view'],
    ['javascript:alert(1)', '/view'],
    ['', '/view'],
  ];
  for (const [next, wanted] of cases) assert.equal(safeNext(`?next=${encodeURIComponent(next)}`), wanted, next);
});
