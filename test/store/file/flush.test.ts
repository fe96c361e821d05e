/**
 * When the store flushes, and what it leaves behind: counted through the files that it is given.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Fsync } from '../../../src/store/file/commit-log.ts';
import { COMMITS_NAME, LOG_NAME, STATE_JOURNAL_NAME, STATE_NAME } from '../../../src/store/file/names.ts';
import { type Clock, realClock } from '../../../src/system/clock.ts';
import { type Files, realFiles } from '../../../src/system/files.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Counted {
  /** Syncs of app.log. */
  syncs: number;
  writes: number;
}

function countingFiles(counted: Counted): Files {
  return {
    ...realFiles,
    async openAppend(path) {
      const file = await realFiles.openAppend(path);
      if (!path.endsWith(LOG_NAME)) return file;
      return {
        get size() {
          return file.size;
        },
        async append(bytes) {
          counted.writes++;
          await file.append(bytes);
        },
        async appendSynced(bytes) {
          counted.writes++;
          counted.syncs++;
          await file.appendSynced(bytes);
        },
        async sync() {
          counted.syncs++;
          await file.sync();
        },
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
      };
    },
  };
}

async function openCounted(t: TestContext, fsync: Fsync, clock: Clock = realClock) {
  const folder = temporaryFolder(t);
  const counted: Counted = { syncs: 0, writes: 0 };
  const { store } = await openForTest(folder, { files: countingFiles(counted), fsync, clock });
  counted.syncs = 0;
  return { store, counted, folder };
}

test('file store: all who wait share a flush', async (t) => {
  const { store, counted } = await openCounted(t, 'group');
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.append(batchOf([`${index}`], 0))));
  assert.ok(counted.syncs >= 1 && counted.syncs <= 3, `${counted.syncs} flushes for 100 requests at once`);
  assert.equal(counted.writes, counted.syncs);
  await store.append(batchOf(['alone'], 0));
  assert.equal(counted.writes, counted.syncs, 'an answer came before its flush');
  await store.close();
});

test('file store: with interval it flushes after a while, not before the answer', async (t) => {
  const waits: { durationMs: number; end: () => void }[] = [];
  const clock: Clock = {
    ...realClock,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        waits.push({ durationMs, end: resolve });
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const { store, counted } = await openCounted(t, 'interval', clock);
  for (let index = 0; index < 5; index++) await store.append(batchOf([`${index}`], 0));
  assert.deepEqual([counted.writes, counted.syncs], [5, 0]);
  assert.deepEqual(
    waits.map(({ durationMs }) => durationMs),
    [1_000],
  );
  waits[0]?.end();
  await store.append(batchOf(['next'], 0));
  assert.equal(counted.syncs, 1);
  await store.close();
});

test('file store: with off it flushes when it is closed', async (t) => {
  const { store, counted } = await openCounted(t, 'off');
  for (let index = 0; index < 5; index++) await store.append(batchOf([`${index}`], 0));
  assert.deepEqual([counted.writes, counted.syncs], [5, 0]);
  await store.close();
  assert.equal(counted.syncs, 1);
});

test('file store: journals stay small, and a clean stop folds them in', async (t) => {
  const folder = temporaryFolder(t);
  const sizes = { blockBytes: 1_000, journalBytesMax: 2_000 };
  const { store } = await openForTest(folder, { sizes });
  await store.append(batchOf(['a'], 0));
  const sizeOf = (name: string) => statSync(join(folder, name)).size;
  for (let index = 0; index < 100; index++) {
    await store.append(batchOf(['x', 'y'], 0), { producer: 'agent', sequence: index, bodyHash: `${index}` });
    await store.changeState([store.lastId], () => ({ note: `${index}` }));
  }
  // A rewrite follows the answer that made it due.
  await store.changeState([store.lastId], () => ({ note: 'last' }));
  await store.append(batchOf(['z'], 0));
  assert.ok(sizeOf(COMMITS_NAME) < 3_000, `${sizeOf(COMMITS_NAME)} bytes of commit journal`);
  assert.ok(sizeOf(STATE_JOURNAL_NAME) < sizeOf(STATE_NAME) + 3_000);
  await store.close();
  const states = JSON.parse(readFileSync(join(folder, STATE_NAME), 'utf8')) as Record<string, { note: string }>;
  assert.equal(Object.keys(states).length, 100);
  assert.equal(readFileSync(join(folder, STATE_JOURNAL_NAME), 'utf8'), 'logd state-journal 1\n');
  assert.ok(!readdirSync(folder).includes('lock'));
});
