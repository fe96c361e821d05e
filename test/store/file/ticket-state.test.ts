/** What is known of a ticket outlives the server, by the journal and by log_state.json. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { applyChange, ticketHistory } from '../../../src/entry/state.ts';
import { openFileStore } from '../../../src/store/file/file-store.ts';
import { recordFromJson, recordToJson } from '../../../src/store/file/state-record.ts';
import { realClock } from '../../../src/system/clock.ts';
import { batchOf } from '../../support/drafts.ts';
import { temporaryFolder } from '../../support/folder.ts';

const open = (folder: string) =>
  openFileStore({
    folder,
    listener: { onCommit: () => {}, onState: () => {} },
    reporter: (report) => assert.fail(report.message),
    clock: realClock,
    fsync: 'off',
  });

test('ticket state: events, switch and the author of a note are the same after restarts', async (t: TestContext) => {
  const folder = temporaryFolder(t);
  const store = await open(folder);
  await store.append(batchOf(['m'], Date.now()));
  const id = store.lastId;
  await store.changeState([id], () => ({ ticketStatus: 'closed', ticketReopens: true, author: 'ann' }));
  await store.changeState([id], () => ({ note: 'again', author: 'bob' }));
  await store.changeState([id], () => ({ ticketStatus: 'open', recurredId: id }));
  const before = (await store.get(id))?.state;
  assert.deepEqual(
    before?.ticketEvents?.map(({ kind, author }) => [kind, author]),
    [
      ['opened', 'ann'],
      ['closed', 'ann'],
      ['recurred', undefined],
    ],
  );
  assert.deepEqual([before?.noteAuthor, before?.ticketReopens], ['bob', true]);
  await store.close();
  for (let start = 0; start < 2; start++) {
    const again = await open(folder);
    assert.deepEqual((await again.get(id))?.state, before);
    await again.close();
  }
});

test('ticket state: one of an older logd, or of another program, has the history that its times tell', () => {
  const record = recordFromJson({ ticketed: true, status: 'closed', opened: 5, closed: 9 });
  assert.ok(record);
  assert.deepEqual(ticketHistory(record.state), [
    { kind: 'opened', atMs: 5 },
    { kind: 'closed', atMs: 9 },
  ]);
  const reopened = applyChange(record.state, { ticketStatus: 'open' }, 12);
  assert.deepEqual(
    ticketHistory(reopened).map(({ kind }) => kind),
    ['opened', 'closed', 'reopened'],
  );
});

test('ticket state: damaged events are left out; of many, the first and the newest stay', () => {
  const events = [null, 7, { event: 'lost', at: 1 }, { event: 'closed' }, { event: 'closed', at: 2, by: 3 }];
  const record = recordFromJson({ ticketed: true, events });
  assert.deepEqual(record?.state.ticketEvents, [{ kind: 'closed', atMs: 2 }]);
  let state = applyChange(undefined, { ticket: true }, 0);
  for (let atMs = 1; atMs <= 300; atMs++) {
    state = applyChange(state, { ticketStatus: atMs % 2 ? 'closed' : 'open' }, atMs);
  }
  const kept = ticketHistory(state);
  assert.deepEqual([kept.length, kept[0]?.kind, kept.at(-1)?.atMs], [100, 'opened', 300]);
  const json = JSON.parse(JSON.stringify(recordToJson({ state })));
  assert.deepEqual(recordFromJson(json)?.state, state);
});
