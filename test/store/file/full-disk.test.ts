/**
 * A disk that is really full: a small tmpfs. Needs the right to mount one.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME } from '../../../src/store/file/names.ts';
import { type Store, StoreError } from '../../../src/store/store.ts';
import { realClock } from '../../../src/system/clock.ts';
import { hasCode } from '../../../src/system/files.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { until } from '../../support/until.ts';

/** A folder on a disk of its own of that size; undefined when none may be mounted here. */
function smallDisk(t: TestContext, size: string): string | undefined {
  const folder = temporaryFolder({ after: () => {} });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  t.after(() => {
    if (mounted.status === 0) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return mounted.status === 0 ? folder : undefined;
}

function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.type === 'disk-full' && /make room/.test(error.message);
}

function fill(path: string): void {
  const { bavail, bsize } = statfsSync(join(path, '..'));
  try {
    writeFileSync(path, Buffer.alloc(bavail * bsize));
  } catch (error) {
    // The store may have taken some of it meanwhile.
    assert.ok(hasCode(error, 'ENOSPC'), String(error));
  }
}

async function readMessages(store: Store): Promise<string[]> {
  return (await store.after(ID_NONE, 1_000_000)).map(({ entry }) => entry.message);
}

const NO_MOUNT = 'skipped: a tmpfs can only be mounted as root';

test('file store: on a full disk entries are refused, reading goes on, and with room it goes on by itself', async (t) => {
  const disk = smallDisk(t, '1m');
  if (disk === undefined) return t.skip(NO_MOUNT);
  const folder = join(disk, 'data');
  const { store } = await openForTest(folder);
  const ballast = join(disk, 'ballast');
  const kept: string[] = [];
  for (let round = 0; round < 3; round++) {
    let refused = 0;
    for (let number = 0; refused < 3; number++) {
      const messages = Array.from({ length: 40 }, (_, index) => `${round}/${number}/${index} ${'x'.repeat(300)}`);
      try {
        await store.append(batchOf(messages, Date.now()));
        kept.push(...messages);
      } catch (error) {
        assert.ok(isFull(error), String(error));
        refused++;
      }
      // In later rounds there is no room to begin with.
      if (round > 0 && number === 2) fill(ballast);
    }
    assert.deepEqual(await readMessages(store), kept, 'what is answered is there, what is refused is not');
    const [first] = await store.after(ID_NONE, 1);
    await assert.rejects(
      (async () => {
        for (let change = 0; change < 1_000; change++) {
          await store.changeState([first?.entry.id ?? ''], () => ({ note: 'n'.repeat(5_000) }));
        }
      })(),
      isFull,
    );
    const found = await store.search({ query: { kind: 'all' }, limit: 5, order: 'desc' });
    assert.equal(found.found.length, 5);
    rmSync(ballast, { force: true });
    spawnSync('mount', ['-o', `remount,size=${2 + round}m`, disk]);
    await store.append(batchOf([`with room again ${round}`], Date.now()));
    kept.push(`with room again ${round}`);
  }
  await store.close();
  const again = await openForTest(folder);
  assert.deepEqual(await readMessages(again.store), kept);
  assert.deepEqual(again.reports, []);
  await again.store.close();
});

test('file store: it starts on a full disk for reading, and takes entries when there is room', async (t) => {
  const disk = smallDisk(t, '1m');
  if (disk === undefined) return t.skip(NO_MOUNT);
  const folder = join(disk, 'data');
  const before = await openForTest(folder);
  await before.store.append(batchOf(['before'], Date.now()));
  await before.store.close();
  const ballast = join(disk, 'ballast');
  fill(ballast);
  const { store, reports } = await openForTest(folder);
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['read-only'],
  );
  assert.deepEqual(await readMessages(store), ['before']);
  await assert.rejects(openForTest(folder), (error) => error instanceof StoreError && error.type === 'locked');
  await assert.rejects(store.append(batchOf(['refused'], Date.now())), isFull);
  await assert.rejects(
    store.changeState([store.lastId], () => ({ pin: true })),
    isFull,
  );
  assert.equal((await store.get(store.lastId))?.state, undefined, 'a change that was refused has not happened');
  const found = await store.search({ query: { kind: 'all' }, limit: 5, order: 'desc' });
  assert.equal(found.found.length, 1);
  rmSync(ballast);
  await store.append(batchOf(['after'], Date.now()));
  await store.changeState([store.lastId], () => ({ pin: true }));
  assert.deepEqual(await readMessages(store), ['before', 'after']);
  await store.close();
  assert.equal(readFileSync(join(folder, LOG_NAME), 'utf8').split('\n').length, 3);
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.new')));
});

test('file store: an empty folder on a full disk opens', async (t) => {
  const disk = smallDisk(t, '1m');
  if (disk === undefined) return t.skip(NO_MOUNT);
  const ballast = join(disk, 'ballast');
  fill(ballast);
  const { store } = await openForTest(join(disk, 'data'));
  assert.deepEqual(await readMessages(store), []);
  await assert.rejects(store.append(batchOf(['refused'], Date.now())), isFull);
  rmSync(ballast);
  await store.append(batchOf(['after'], Date.now()));
  await store.close();
});

test('file store: a segment that cannot be sealed for want of room stays as text, takes no more room, and is sealed later', async (t) => {
  const disk = smallDisk(t, '2m');
  if (disk === undefined) return t.skip(NO_MOUNT);
  const folder = join(disk, 'data');
  const ballast = join(disk, 'ballast');
  let nowAt = (): void => {};
  const clock = { ...realClock, sleep: () => new Promise<void>((resolve) => (nowAt = resolve)) };
  const { store, reports } = await openForTest(folder, { segmentBytes: 200_000, clock });
  const noise = Array.from({ length: 900 }, (_, index) => `${index} ${randomBytes(100).toString('hex')}`);
  // All but a little, so that the segment's text still fits and what it is packed to does not.
  writeFileSync(ballast, Buffer.alloc(1_750_000));
  await store.append(batchOf(noise, Date.now()));
  await until(() => reports.some(({ event }) => event === 'seal-failed'));
  assert.deepEqual(await readMessages(store), noise);
  await until(() => !readdirSync(folder).some((name) => name.endsWith('.new')));
  rmSync(ballast);
  nowAt();
  await until(() => readdirSync(folder).some((name) => name.endsWith('.log.zst')));
  assert.deepEqual(await readMessages(store), noise);
  await store.close();
});

test('file store: before a disk is full the journal gives back what it takes up', async (t) => {
  const disk = smallDisk(t, '8m');
  if (disk === undefined) return t.skip(NO_MOUNT);
  const folder = join(disk, 'data');
  const { store } = await openForTest(folder);
  let refused = 0;
  while (refused < 3) {
    try {
      await store.append(batchOf(Array.from({ length: 40 }).fill('x'.repeat(300)) as string[], Date.now()));
    } catch (error) {
      assert.ok(isFull(error), String(error));
      refused++;
    }
  }
  const { size } = statSync(join(folder, 'app.log'));
  assert.ok(size > 6_000_000, `only ${size} bytes of a disk of 8 MiB hold entries`);
  await store.close();
});
