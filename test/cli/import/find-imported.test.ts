import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findImported, type Sought } from '../../../src/cli/import/find-imported.ts';
import type { Wanted } from '../../../src/cli/searchable.ts';
import { entryOf } from '../../support/entry-json.ts';

const idOf = (number: number) => `7f3c1f6e-3c1e-4a5b-9f5e-${String(number).padStart(12, '0')}`;
const sought = (line: number, timeMs: number | undefined): Sought => ({ line, oldId: idOf(line), timeMs });
const idsIn = ({ text }: Wanted) => [...text.matchAll(/id:(\S{36})/g)].map(([, id]) => id ?? '');

/** Finds everything, unless it is asked for more ids than that at once. */
function entriesFor(idsMax: number) {
  const asked: Wanted[] = [];
  return {
    asked,
    async newest(wanted: Wanted) {
      asked.push(wanted);
      const ids = idsIn(wanted);
      if (ids.length > idsMax) return { logs: [], isPartial: true, next: undefined };
      return { logs: ids.map((id) => entryOf(1, { fields: { id } })), isPartial: false, next: undefined };
    },
  };
}

test('import: ids that were near one another are sought together, at their times alone', async () => {
  const entries = entriesFor(100);
  const found = await findImported(entries, [
    sought(9_000, 9_000),
    sought(2, 1_002),
    sought(1, 1_001),
    sought(7, undefined),
  ]);
  assert.deepEqual([...found.keys()].sort(), [1, 2, 7, 9_000].map(idOf));
  assert.deepEqual(
    entries.asked.map((wanted) => [idsIn(wanted).length, wanted.sinceMs, wanted.untilMs]),
    [
      [1, undefined, undefined],
      [2, 1_001, 1_003],
      [1, 9_000, 9_001],
    ],
  );
});

test('import: a search for many ids that runs out of time is divided, one for a single id fails', async () => {
  const many = Array.from({ length: 200 }, (_, number) => sought(number, number));
  assert.equal((await findImported(entriesFor(7), many)).size, 200);
  await assert.rejects(findImported(entriesFor(0), many), /ran out of time: run the import again later/);
});
