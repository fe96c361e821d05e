import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME } from '../../../src/store/file/names.ts';
import { openFileReader } from '../../../src/store/file/open-reader.ts';
import { StoreError } from '../../../src/store/store.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

function contentOf(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name !== 'lock');
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}

async function readMessages(folder: string): Promise<string[]> {
  const before = contentOf(folder);
  const reader = await openFileReader(folder);
  const { found } = await reader.search({ query: { kind: 'all' }, limit: 100, order: 'asc' });
  assert.ok((await reader.after(ID_NONE, 100)).length >= found.length);
  await reader.close();
  assert.deepEqual(contentOf(folder), before, 'reading wrote something');
  return found.map(({ entry }) => entry.message);
}

test('reader: a folder is read while its server runs, and when it has stopped', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openForTest(folder, { sizes: { blockBytes: 300, journalBytesMax: 1_000_000 } });
  await store.append(batchOf(['a', 'b', 'c', 'd', 'e'], 1));
  await store.changeState([store.lastId], () => ({ delete: true }));
  assert.deepEqual(await readMessages(folder), ['a', 'b', 'c', 'd']);
  await store.append(batchOf(['f'], 2));
  assert.deepEqual(await readMessages(folder), ['a', 'b', 'c', 'd', 'f']);
  await store.close();
  assert.deepEqual(await readMessages(folder), ['a', 'b', 'c', 'd', 'f']);
});

test('reader: a torn tail is left out and left alone', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openForTest(folder);
  await store.append(batchOf(['a'], 1));
  await store.close();
  appendFileSync(join(folder, LOG_NAME), '2026-11-23 03:10:11,123 - [INFO] - [we');
  assert.deepEqual(await readMessages(folder), ['a']);
});

test('reader: a folder without a log is refused with the way out', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(
    openFileReader(folder),
    (error) =>
      error instanceof StoreError && error.type === 'unusable' && /no app.log in it; .*--data/.test(error.message),
  );
  assert.deepEqual(readdirSync(folder), []);
});
