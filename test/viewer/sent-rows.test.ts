import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Entry, type EntryJson, type EntryState, entryToJson } from '../../src/entry/entry.ts';
import { LEVELS } from '../../src/entry/level.ts';
import type { Match } from '../../src/entry/query/match.ts';
import { SentRow } from '../../src/viewer/row.ts';
import { cutSentEntries } from '../../src/viewer/sent-rows.ts';
import { Viewer } from '../../src/viewer/viewer.ts';
import { entryOf, idOf } from '../support/entry-json.ts';

const all: Match = () => true;

function cutJson(entries: readonly object[], passed: Match | undefined) {
  return cutSentEntries(Buffer.from(JSON.stringify(entries)), passed);
}

/** What could be taken for the end of an entry or the beginning of the next. */
const tricky = fc.constantFrom(
  '},{"uuid":"',
  '"}',
  '\\',
  '\\"',
  '"is_pinned":false,"is_ticket":false,"is_deleted":false}',
  '{"uuid":"x"}]',
  '日本\u2028💥',
);
const text = fc
  .array(fc.oneof(tricky, fc.string({ unit: 'grapheme' })), { maxLength: 4 })
  .map((all) => `${all.join('')}.`);
const state: fc.Arbitrary<EntryState | undefined> = fc.option(
  fc.record({
    isPinned: fc.boolean(),
    isTicket: fc.boolean(),
    isDeleted: fc.boolean(),
    note: fc.option(text, { nil: undefined }),
  }),
  { nil: undefined },
);
const entry: fc.Arbitrary<EntryJson> = fc
  .record({
    number: fc.nat(1_000_000),
    level: fc.constantFrom(...LEVELS),
    clientId: text,
    message: text,
    timeMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    source: fc.option(text, { nil: undefined }),
    fields: fc.option(fc.dictionary(fc.oneof(fc.constant('uuid'), text), fc.oneof(text, fc.integer(), fc.boolean())), {
      nil: undefined,
    }),
    state,
  })
  .map(({ number, state, ...rest }) => entryToJson({ id: idOf(number), ...rest } satisfies Entry, state));

describe('entries as they were sent', () => {
  test('are those that JSON.parse reads, whatever they say', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (entries) => {
        const sent = JSON.stringify(entries);
        const cut = cutSentEntries(Buffer.from(sent), all);
        assert.ok(cut);
        assert.deepEqual(
          cut.map(({ row }) => row.entry),
          JSON.parse(sent),
        );
        cut.forEach(({ row, clientId }, index) => {
          assert.equal(row.key, entries[index]?.uuid);
          assert.equal(row.level, entries[index]?.log_level);
          assert.equal(clientId, entries[index]?.client_id);
        });
      }),
    );
  });

  test('are not read before somebody looks, when nobody has touched them', () => {
    const [plain, pinned] = cutJson([entryOf(1), entryOf(2, { is_pinned: true })], all) ?? [];
    assert.ok(plain?.row instanceof SentRow);
    assert.ok(!(pinned?.row instanceof SentRow));
    assert.equal(plain.row.entry, plain.row.entry);
  });

  for (const other of ['[]', '{}', '[{"id":1}]', '[1,2]', '[{"uuid":"x"']) {
    test(`what looks otherwise is left to others: ${other}`, () => {
      assert.equal(cutSentEntries(Buffer.from(other), all), undefined);
    });
  }

  test('an entry of another form is read at once', () => {
    const { uuid, ...rest } = entryOf(1);
    const turned = [{ uuid, ...Object.fromEntries(Object.entries(rest).reverse()) }];
    assert.deepEqual(
      cutJson(turned, all)?.map(({ row }) => row.entry),
      [entryOf(1)],
    );
  });

  test('are shown without a look by the filter that let them pass, and asked again by another', () => {
    let asked = 0;
    const first: Match = () => ++asked > 0;
    const second: Match = ({ message }) => message === 'message 2';
    const viewer = new Viewer({ match: first });
    const sent = cutJson([entryOf(1), entryOf(2)], viewer.filter) ?? [];
    viewer.appendRows(sent.map(({ row }) => row));
    assert.equal(viewer.snapshot().shownCount, 2);
    assert.equal(asked, 0);
    viewer.setFilter(second);
    assert.equal(viewer.snapshot().shownCount, 1);
    viewer.pause();
    viewer.appendRows((cutJson([entryOf(3)], first) ?? []).map(({ row }) => row));
    assert.equal(viewer.snapshot().unseen, 0);
  });

  test('a state that changes while they wait is theirs', () => {
    const viewer = new Viewer({ match: all });
    viewer.appendRows((cutJson([entryOf(1)], all) ?? []).map(({ row }) => row));
    viewer.pause();
    viewer.appendRows((cutJson([entryOf(2)], all) ?? []).map(({ row }) => row));
    const pinned = { uuid: idOf(2), is_pinned: true, is_ticket: false, is_deleted: false };
    assert.ok(viewer.applyState(pinned));
    viewer.resume();
    assert.equal(viewer.entry(idOf(2))?.is_pinned, true);
  });
});
