/**
 * One process at a time has a data folder, and a dead one does not keep it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { acquireLock } from '../../../src/store/file/lock.ts';
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
    assert.match(error.message, new RegExp(`${folder} is in use by process ${child.pid}: .*--data`));
    return true;
  });
  await kill(child);
  const lock = await acquireLock(folder);
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
