/** What is exported and imported again is the same but for ids. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBatch } from '../../../src/entry/batch.ts';
import { parseDraft } from '../../../src/entry/draft.ts';
import type { Draft, EntryJson } from '../../../src/entry/entry.ts';
import { parseJson } from '../../../src/entry/json.ts';
import type { StateChange } from '../../../src/entry/state.ts';
import type { Store } from '../../../src/store/store.ts';
import { anyDraft } from '../../support/drafts.ts';
import { ALL, exportFrom, importInto, memoryStore } from '../../support/transfer.ts';

/** As they get into a store: through the check at the door. */
const anyStored = anyDraft({ min: 0, max: 1_000_000 }).map((draft): Draft => {
  const { level, clientId, message, timeMs, source, fields } = draft;
  const parsed = parseDraft({ level, client_id: clientId.slice(0, 200), message, timestamp: timeMs, source, fields });
  return parsed.ok ? { ...parsed.draft, timeMs: timeMs ?? 0 } : { level, clientId: 'web-1', message, timeMs };
});

const anyChange: fc.Arbitrary<StateChange> = fc.record(
  {
    pin: fc.constant(true),
    ticketStatus: fc.constantFrom('open', 'closed'),
    delete: fc.constant(true),
    note: fc.string({ minLength: 1, maxLength: 20 }),
  },
  { requiredKeys: [] },
);

const anyLog = fc.array(fc.record({ draft: anyStored, change: fc.option(anyChange, { nil: undefined }) }), {
  minLength: 1,
  maxLength: 12,
});

async function filled(log: readonly { draft: Draft; change?: StateChange | undefined }[]): Promise<Store> {
  const store = memoryStore();
  await store.append(
    encodeBatch(
      log.map(({ draft }) => draft),
      0,
    ),
  );
  const stored = await store.after('', log.length);
  for (const [index, { change }] of log.entries()) {
    const id = stored[index]?.entry.id;
    if (change && id !== undefined) await store.changeState([id], () => change);
  }
  return store;
}

/** Without ids, and without what the import added to the fields. */
function plain(jsonl: string, { isImported }: { readonly isImported: boolean }): unknown[] {
  return jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { uuid, fields, ...entry }: EntryJson = parseJson(line) as EntryJson;
      assert.ok(uuid);
      if (!isImported) return { ...entry, fields: fields ?? {} };
      const { id, 'id.before': before, ...others } = fields ?? {};
      assert.match(String(id), /^[0-9a-f-]{36}$/);
      return { ...entry, fields: before === undefined ? others : { ...others, id: before } };
    });
}

test('an export as text, imported into an empty store, exports the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyLog, async (log) => {
      const first = await filled(log.map(({ draft }) => ({ draft })));
      const second = memoryStore();
      await importInto(second, { text: await exportFrom(first, 'text', ALL), format: 'text' });
      const [before, after] = [await exportFrom(first, 'jsonl', ALL), await exportFrom(second, 'jsonl', ALL)];
      assert.deepEqual(plain(after, { isImported: true }), plain(before, { isImported: false }));
    }),
    { numRuns: 300 },
  );
});

test('an export as jsonl, imported into an empty store, exports the same with pins, tickets, notes and deletions', async () => {
  await fc.assert(
    fc.asyncProperty(anyLog, async (log) => {
      const first = await filled(log);
      const second = memoryStore();
      await importInto(second, { text: await exportFrom(first, 'jsonl', ALL), format: 'jsonl' });
      const [before, after] = [await exportFrom(first, 'jsonl', ALL), await exportFrom(second, 'jsonl', ALL)];
      assert.deepEqual(plain(after, { isImported: true }), plain(before, { isImported: false }));
    }),
    { numRuns: 300 },
  );
});

test('an export as csv has a row per entry, quoted where it must be, and no cell is a formula', async () => {
  const store = await filled([
    { draft: { level: 'ERROR', clientId: 'web-1', message: '=1+1, "two"\nlines', timeMs: 0, fields: { a: 'b' } } },
    { draft: { level: 'INFO', clientId: 'web-2', message: 'plain', timeMs: 1 }, change: { pin: true } },
  ]);
  const csv = (await exportFrom(store, 'csv')).replaceAll(/[0-9a-f-]{36}/g, 'ID');
  assert.equal(
    csv,
    [
      'timestamp,log_level,client_id,message,source,fields,note,is_pinned,is_ticket,is_deleted,uuid',
      '1970-01-01T00:00:00.000Z,ERROR,web-1,"\'=1+1, ""two""\nlines",,"{""a"":""b""}",,false,false,false,ID',
      '1970-01-01T00:00:00.001Z,INFO,web-2,plain,,,,true,false,false,ID',
      '',
    ].join('\r\n'),
  );
});
