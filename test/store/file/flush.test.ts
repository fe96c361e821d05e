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
import { type AppendFile, type Files, realFiles } from '../../../src/system/files.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Counts {
  syncs: number;
  writes: number;
}

interface Counted {
  readonly log: Counts;
  readonly journal: Counts;
}

function countingFiles({ log, journal }: Counted): Files {
  return {
    ...realFiles,
    async openAppend(path) {
      const file = await realFiles.openAppend(path);
      if (path.endsWith(LOG_NAME)) return countingFile(file, log);
      return path.endsWith(COMMITS_NAME) ? countingFile(file, journal) : file;
    },
  };
}

function countingFile(file: AppendFile, counts: Counts): AppendFile {
  return {
    get size() {
      return file.size;
    },
    async append(bytes) {
      counts.writes++;
      await file.append(bytes);
    },
    async appendSynced(bytes) {
      counts.writes++;
      counts.syncs++;
      await file.appendSynced(bytes);
    },
    async sync() {
      counts.syncs++;
      await file.sync();
    },
    read: (at, length) => file.read(at, length),
    writeAt: (at, bytes) => file.writeAt(at, bytes),
    reserve: (byteCount) => file.reserve(byteCount),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  };
}

async function openCounted(t: TestContext, fsync: Fsync, clock: Clock = realClock) {
  const folder = temporaryFolder(t);
  const counted: Counted = { log: { syncs: 0, writes: 0 }, journal: { syncs: 0, writes: 0 } };
  const { store } = await openForTest(folder, { files: countingFiles(counted), fsync, clock });
  counted.log.syncs = 0;
  return { store, counted, folder };
}

/** @param waits gets what ends each wait, all of which are of a second */
function clockOf(waits: (() => void)[]): Clock {
  return {
    ...realClock,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        assert.equal(durationMs, 1_000);
        waits.push(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
  };
}

test('file store: all who wait share a flush, of the journal when they are few', async (t) => {
  const { store, counted } = await openCounted(t, 'group');
  const { log, journal } = counted;
  await Promise.all(Array.from({ length: 100 }, (_, index) => store.append(batchOf([`${index}`], 0))));
  assert.ok(journal.syncs >= 1 && journal.syncs <= 3, `${journal.syncs} flushes for 100 requests at once`);
  assert.equal(journal.writes, journal.syncs);
  assert.equal(log.writes, journal.writes, 'the text is there for whoever reads the file');
  await store.append(batchOf(['alone'], 0));
  assert.equal(journal.writes, journal.syncs, 'an answer came before its flush');
  assert.equal(log.syncs, 0);
  await store.close();
  assert.equal(log.syncs, 1, 'nothing is left to the journal');
});

test('file store: much text is flushed itself, and with it what stands before it', async (t) => {
  const { store, counted } = await openCounted(t, 'group');
  const { log, journal } = counted;
  const much = batchOf(['x'.repeat(100_000)], 0);
  await store.append(much);
  assert.deepEqual([log.writes, log.syncs], [1, 1]);
  await store.append(batchOf(['little'], 0));
  assert.deepEqual([log.writes, log.syncs], [2, 1]);
  await store.append(batchOf(['x'.repeat(100_000)], 0));
  assert.deepEqual([log.writes, log.syncs], [3, 2]);
  assert.deepEqual([journal.writes, journal.syncs], [3, 3]);
  await store.close();
});

test('file store: what the journal has is in app.log on the disk a moment later', async (t) => {
  const waits: (() => void)[] = [];
  const { store, counted } = await openCounted(t, 'group', clockOf(waits));
  await store.append(batchOf(['first'], 0));
  await store.append(batchOf(['second'], 0));
  assert.equal(waits.length, 1);
  assert.equal(counted.log.syncs, 0);
  waits[0]?.();
  await store.append(batchOf(['third'], 0));
  assert.equal(counted.log.syncs, 1);
  await store.close();
});

test('file store: with interval it flushes after a while, not before the answer', async (t) => {
  const waits: (() => void)[] = [];
  const { store, counted } = await openCounted(t, 'interval', clockOf(waits));
  const { log } = counted;
  for (let index = 0; index < 5; index++) await store.append(batchOf([`${index}`], 0));
  assert.deepEqual([log.writes, log.syncs], [5, 0]);
  assert.equal(waits.length, 1);
  waits[0]?.();
  await store.append(batchOf(['next'], 0));
  assert.equal(log.syncs, 1);
  await store.close();
});

test('file store: with off it flushes when it is closed', async (t) => {
  const { store, counted } = await openCounted(t, 'off');
  for (let index = 0; index < 5; index++) await store.append(batchOf([`${index}`], 0));
  assert.deepEqual([counted.log.writes, counted.log.syncs], [5, 0]);
  await store.close();
  assert.equal(counted.log.syncs, 1);
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
  // With the room that is made.
  assert.ok(sizeOf(COMMITS_NAME) < 6_000, `${sizeOf(COMMITS_NAME)} bytes of commit journal`);
  assert.ok(sizeOf(STATE_JOURNAL_NAME) < sizeOf(STATE_NAME) + 3_000);
  await store.close();
  const states = JSON.parse(readFileSync(join(folder, STATE_NAME), 'utf8')) as Record<string, { note: string }>;
  assert.equal(Object.keys(states).length, 100);
  assert.equal(readFileSync(join(folder, STATE_JOURNAL_NAME), 'utf8'), 'logd state-journal 1\n');
  assert.ok(!readdirSync(folder).includes('lock'));
});
