/**
 * One process at a time has a data folder, and a dead one does not keep it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { acquireLock } from '../../../src/store/file/lock.ts';
import { LOCK_NAME, LOCK_TAKEOVER_NAME } from '../../../src/store/file/names.ts';
import { StoreError } from '../../../src/store/store.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const HOLDER = `
  import { acquireLock } from ${JSON.stringify(import.meta.resolve('../../../src/store/file/lock.ts'))};
  try {
    await acquireLock(process.argv[1]);
    console.log('won');
    setInterval(() => {}, 1_000);
  } catch (error) {
    console.log(error.type ?? String(error));
  }
`;

/** A process that tries to take the lock; and the line it says. */
async function startHolder(t: TestContext, folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function isLocked(error: unknown): error is StoreError {
  return error instanceof StoreError && error.type === 'locked';
}

test('lock: a second process is refused with its holder, the folder and the way out', async (t) => {
  const folder = temporaryFolder(t);
  const { child, said } = await startHolder(t, folder);
  assert.equal(said, 'won');
  await assert.rejects(acquireLock(folder), (error) => {
    assert.ok(isLocked(error));
    assert.match(error.message, new RegExp(`${folder} is in use by the process with pid ${child.pid}; .*--data`));
    return true;
  });
  await kill(child);
  const lock = await acquireLock(folder);
  assert.equal(await lock.isHeld(), true, 'the lock of a killed process is taken over');
  await lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test('lock: within one process a folder is had once', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openForTest(folder);
  await assert.rejects(openForTest(folder), isLocked);
  await store.close();
  const again = await openForTest(folder);
  await again.store.close();
});

test('lock: of several that start at once over a dead one, one wins', async (t) => {
  for (let round = 0; round < 3; round++) {
    const folder = temporaryFolder(t);
    const dead = await startHolder(t, folder);
    await kill(dead.child);
    const holders = await Promise.all(Array.from({ length: 5 }, () => startHolder(t, folder)));
    assert.deepEqual(holders.map(({ said }) => said).sort(), ['locked', 'locked', 'locked', 'locked', 'won']);
    await Promise.all(holders.filter(({ said }) => said === 'won').map(({ child }) => kill(child)));
  }
});

test('lock: a number that now belongs to another process does not hold it', async (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux tells when a process started');
  const folder = temporaryFolder(t);
  symlinkSync(`logd pid ${process.ppid} start 1-00000000`, join(folder, LOCK_NAME));
  const lock = await acquireLock(folder);
  await lock.release();
});

test('lock: what a process left behind while it took over a lock does not hold up the next', async (t) => {
  const folder = temporaryFolder(t);
  const { child } = await startHolder(t, folder);
  await kill(child);
  symlinkSync(`logd pid ${child.pid} start 1-00000000`, join(folder, LOCK_TAKEOVER_NAME));
  const lock = await acquireLock(folder);
  await lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test('lock: a file without a holder in it is taken over', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, LOCK_NAME), '');
  const lock = await acquireLock(folder);
  await lock.release();
});

test('lock: a folder that cannot be used is refused with the reason', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const isUnusable = (reason: RegExp) => (error: unknown) =>
    error instanceof StoreError && error.type === 'unusable' && reason.test(error.message);
  await assert.rejects(openForTest(file), isUnusable(/file as the data folder: a file stands in its place.*--data/));
  await assert.rejects(openForTest(join(file, 'below')), isUnusable(/a file stands in its place/));
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  if (process.getuid?.() === 0) return t.diagnostic('not tried: root may write to a folder without rights');
  await assert.rejects(openForTest(closed), isUnusable(/may not write there/));
});
