/** Syncs of app.log that fail, take long, or come at once, and a power loss after them. */
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ID_NONE } from '../../../src/entry/id.ts';
import { COMMITS_NAME, LOG_NAME } from '../../../src/store/file/names.ts';
import { type Clock, realClock } from '../../../src/system/clock.ts';
import { type AppendFile, type Files, realFiles } from '../../../src/system/files.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** A disk under app.log that gives up what it could not write, and holds it for written from then on, as Linux does. */
class GivingUp {
  /** Instead of syncing. */
  onSync: (() => Promise<void>) | undefined;
  runningSyncs = 0;
  mostSyncs = 0;
  #lost: { from: number; to: number }[] = [];

  readonly files: Files = {
    ...realFiles,
    openAppend: async (path) => {
      const file = await realFiles.openAppend(path);
      return path.endsWith(LOG_NAME) ? this.#wrap(file) : file;
    },
  };

  /** All that was written so far and not since. */
  giveUp(size: number): Error {
    this.#lost = [{ from: 0, to: size }];
    return Object.assign(new Error('EIO: made for a test'), { code: 'EIO' });
  }

  losePower(path: string): void {
    const file = openSync(path, 'r+');
    for (const { from, to } of this.#lost) writeSync(file, Buffer.alloc(to - from), 0, to - from, from);
    closeSync(file);
  }

  #wrap(file: AppendFile): AppendFile {
    const written = (at: number, length: number) => {
      this.#lost = this.#lost.flatMap(({ from, to }) =>
        [
          { from, to: Math.min(to, at) },
          { from: Math.max(from, at + length), to },
        ].filter((range) => range.from < range.to),
      );
    };
    return {
      get size() {
        return file.size;
      },
      append: async (bytes) => {
        written(file.size, bytes.length);
        await file.append(bytes);
      },
      appendSynced: async (bytes) => {
        written(file.size, bytes.length);
        await file.appendSynced(bytes);
      },
      writeAt: async (at, bytes) => {
        written(at, bytes.length);
        await file.writeAt(at, bytes);
      },
      sync: async () => {
        this.mostSyncs = Math.max(this.mostSyncs, ++this.runningSyncs);
        try {
          await (this.onSync?.() ?? file.sync());
        } finally {
          this.runningSyncs--;
        }
      },
      read: (at, length) => file.read(at, length),
      reserve: (byteCount) => file.reserve(byteCount),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }
}

/** Seconds pass when the test says so. */
function clockOf(waits: (() => void)[]): Clock {
  const pass = (resolve: () => void, signal?: AbortSignal) => {
    waits.push(resolve);
    signal?.addEventListener('abort', () => resolve());
  };
  return { ...realClock, sleep: (_, signal) => new Promise((resolve) => pass(resolve, signal)) };
}

const MUCH = 'x'.repeat(100_000);

for (const next of ['little', MUCH]) {
  const what = next === MUCH ? 'much' : 'little';
  test(`file store: a sync that fails beside ${what} that comes: what is answered survives a power loss`, async (t) => {
    const folder = temporaryFolder(t);
    const log = join(folder, LOG_NAME);
    const disk = new GivingUp();
    const waits: (() => void)[] = [];
    const { store } = await openForTest(folder, { files: disk.files, clock: clockOf(waits) });
    await store.append(batchOf(['first'], 0));
    let fail = () => {};
    disk.onSync = () =>
      new Promise((_, reject) => {
        fail = () => reject(disk.giveUp(statSync(log).size));
      });
    waits[0]?.();
    await sleep(20);
    const answered = ['first'];
    const appended = store.append(batchOf([next], 0)).then(
      () => answered.push(next),
      () => {},
    );
    // Its text has been written, and waits for its own sync or does not need one.
    await sleep(50);
    disk.onSync = undefined;
    fail();
    await appended;
    await store.append(batchOf(['last'], 0));
    answered.push('last');
    await store.close();
    disk.losePower(log);
    const again = await openForTest(folder);
    const found = (await again.store.after(ID_NONE, 10)).map(({ entry }) => entry.message);
    assert.deepEqual(found, answered);
    await again.store.close();
  });
}

test('file store: syncs of app.log do not pile up', async (t) => {
  const disk = new GivingUp();
  const waits: (() => void)[] = [];
  const { store } = await openForTest(temporaryFolder(t), { files: disk.files, clock: clockOf(waits) });
  disk.onSync = () => sleep(30);
  const appends: Promise<unknown>[] = [];
  for (let index = 0; index < 60; index++) {
    appends.push(store.append(batchOf([index % 7 === 0 ? MUCH : `${index}`], 0)));
    for (const pass of waits.splice(0)) pass();
    await sleep(2);
  }
  await Promise.all(appends);
  assert.equal(disk.mostSyncs, 1);
  await store.close();
});

test('file store: syncs of app.log that fail for good: entries are refused before the journal is without end', async (t) => {
  const folder = temporaryFolder(t);
  const disk = new GivingUp();
  const sizes = { blockBytes: 10_000, journalBytesMax: 20_000, journaledBytesMax: 10_000 };
  const { store, reports } = await openForTest(folder, { files: disk.files, sizes });
  const answered: string[] = [];
  const send = async (message: string) => {
    await store.append(batchOf([message], 0));
    answered.push(message);
  };
  disk.onSync = () => Promise.reject(disk.giveUp(statSync(join(folder, LOG_NAME)).size));
  let refused = 0;
  for (let index = 0; index < 300; index++) await send(`${index} ${'y'.repeat(500)}`).catch(() => refused++);
  assert.ok(answered.length > 5 && refused > 200, `${answered.length} answered, ${refused} refused`);
  assert.ok(statSync(join(folder, COMMITS_NAME)).size < 50_000, 'the journal grew on');
  assert.ok(reports.some(({ event }) => event === 'checkpoint-failed'));
  disk.onSync = undefined;
  await send('it works again');
  await store.close();
  disk.losePower(join(folder, LOG_NAME));
  const again = await openForTest(folder);
  assert.deepEqual(
    (await again.store.after(ID_NONE, 1_000)).map(({ entry }) => entry.message),
    answered,
  );
  await again.store.close();
});
