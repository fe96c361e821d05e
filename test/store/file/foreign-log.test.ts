/**
 * An app.log that another program or a person has made: the store takes it as it is, with its ids and its states.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME, STATE_NAME } from '../../../src/store/file/names.ts';
import { batchOf } from '../../support/drafts.ts';
import { createRandom, FaultyDisk } from '../../support/faulty-files.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const BLOCKS = { blockBytes: 500, journalBytesMax: 1_000_000 };

test('file store: an app.log of the seed is taken with its ids and its states', async (t) => {
  const folder = temporaryFolder(t);
  const lines = Array.from({ length: 40 }, (_, index) => {
    const id = `${((index * 7919) % 65536).toString(16).padStart(8, '0')}-aaaa-4bbb-8ccc-ddddeeeeffff`;
    return {
      id,
      text: `2025-05-01 10:00:${String(index).padStart(2, '0')},123 - [INFO] - [Client_1] - [ID:${id}] - old ${index}\n`,
    };
  });
  writeFileSync(join(folder, LOG_NAME), lines.map(({ text }) => text).join(''));
  const [first = '', second = ''] = lines.map(({ id }) => id);
  const states = { [first]: { pinned: true, ticketed: true, deleted: false }, [second]: { deleted: true } };
  writeFileSync(join(folder, STATE_NAME), JSON.stringify(states));
  for (let start = 0; start < 3; start++) {
    const { store, reports } = await openForTest(folder, { sizes: BLOCKS });
    assert.deepEqual(reports, []);
    for (const [index, { id }] of lines.entries()) assert.equal((await store.get(id))?.entry.message, `old ${index}`);
    assert.deepEqual(
      (await store.tickets('open')).map(({ entry }) => entry.id),
      [first],
    );
    assert.equal((await store.countByLevel({ query: { kind: 'all' } })).counts.INFO, 39 + start);
    const rest = await store.after(lines[30]?.id ?? '', 100);
    assert.deepEqual(
      rest.map(({ entry }) => entry.message).slice(0, 9),
      [31, 32, 33, 34, 35, 36, 37, 38, 39].map((n) => `old ${n}`),
    );
    await store.append(batchOf([`new ${start}`], Date.now()));
    assert.equal((await store.get(store.lastId))?.entry.message, `new ${start}`);
    await store.changeState([lines[5]?.id ?? ''], () => ({ note: `${start}` }));
    assert.equal((await store.get(lines[5]?.id ?? ''))?.state?.note, `${start}`);
    await store.close();
  }
});

test('file store: an app.log put into a folder whose store was killed while it was empty is not cut off', async (t) => {
  const folder = temporaryFolder(t);
  const disk = new FaultyDisk(createRandom(1));
  const killed = await openForTest(folder, { files: disk });
  disk.isKilled = true;
  await killed.store.close();
  const id = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
  writeFileSync(join(folder, LOG_NAME), `2025-05-01 10:00:00,123 - [INFO] - [Client_1] - [ID:${id}] - old\n`);
  const { store, reports } = await openForTest(folder);
  assert.equal((await store.get(id))?.entry.message, 'old');
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['log-replaced'],
  );
  await store.close();
});

test('file store: lines that are no entries belong to the entry before them, and to nobody at the beginning', async (t) => {
  const folder = temporaryFolder(t);
  const id = (n: number) => `0193b0a8-0000-7000-8000-00000000000${n}`;
  const text = `what is this\n2025-05-01 10:00:00,123 - [ODD] - [c] - [ID:${id(1)}] - first\n  at Object.main\n\n2025-05-01 10:00:00,124 - [WARN] - [c] - [ID:${id(2)}] - second\n`;
  writeFileSync(join(folder, LOG_NAME), text);
  for (let start = 0; start < 2; start++) {
    const { store } = await openForTest(folder);
    const found = (await store.after(ID_NONE, 10)).map(({ entry }) => [entry.level, entry.message]);
    assert.deepEqual(found.slice(0, 2), [
      ['UNKNOWN', 'first\n  at Object.main\n'],
      ['WARNING', 'second'],
    ]);
    const { counts } = await store.countByLevel({ query: { kind: 'all' } });
    assert.deepEqual([counts.UNKNOWN, counts.WARNING], [1, 1]);
    await store.close();
  }
  assert.equal(readFileSync(join(folder, LOG_NAME), 'utf8'), text);
});
