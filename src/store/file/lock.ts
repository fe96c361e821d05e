/**
 * One process at a time has a data folder. The lock is a symbolic link that points nowhere: its text names the holder.
 * It comes into being with its text in one step, and needs no room on a full disk. The lock of a dead process is taken
 * over; a process is told from a later one with its number by its start time and the system's boot.
 */
import { readFile, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, realClock } from '../../system/clock.ts';
import { hasCode } from '../../system/files.ts';
import { StoreError } from '../store.ts';
import { LOCK_NAME, LOCK_TAKEOVER_NAME } from './names.ts';

export interface Lock {
  /** Whether it is still this holder's; a person may have removed it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Empty where the system does not tell. */
  readonly start: string;
}

const TRIES_MAX = 50;
const RETRY_MS = 20;

/** @throws StoreError `locked`; the operating system's error when the folder cannot be written */
export async function acquireLock(folder: string, clock: Clock = realClock): Promise<Lock> {
  const path = join(folder, LOCK_NAME);
  const guardPath = join(folder, LOCK_TAKEOVER_NAME);
  const own = formatHolder({ pid: process.pid, start: await startOf(process.pid) });
  let hasTakenAway = false;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (await create(path, own)) {
      const lock = new HeldLock(path, own);
      if (!hasTakenAway) return lock;
      // Should the guard itself have been a dead process's, another taker may still be about to remove what it finds.
      await clock.sleep(RETRY_MS);
      if (await lock.isHeld()) return lock;
      continue;
    }
    const found = await readText(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder && (await isAlive(holder))) throw lockedBy(holder, folder);
    // A text without a holder may be one that is being written, where links cannot be made.
    if (!holder && tries < TRIES_MAX / 2) await clock.sleep(RETRY_MS);
    else {
      hasTakenAway = true;
      await takeAway({ path, found, guardPath, own, clock });
    }
  }
  throw new StoreError(
    'locked',
    `cannot lock the data folder ${folder}: other processes are starting on it; start one of them, or remove ${path} when none runs`,
  );
}

/** Removes the lock of a dead process. Only the holder of the guard does, so that a fresh lock is never removed. */
async function takeAway(options: {
  path: string;
  found: string;
  guardPath: string;
  own: string;
  clock: Clock;
}): Promise<void> {
  const { path, found, guardPath, own, clock } = options;
  if (!(await create(guardPath, own))) {
    const text = await readText(guardPath);
    const holder = text === undefined ? undefined : parseHolder(text);
    if (text !== undefined && !(holder && (await isAlive(holder)))) await removeIfThere(guardPath);
    await clock.sleep(RETRY_MS);
    return;
  }
  try {
    if ((await readText(path)) === found) await removeIfThere(path);
  } finally {
    await removeIfThere(guardPath);
  }
}

class HeldLock implements Lock {
  readonly #path: string;
  readonly #own: string;

  constructor(path: string, own: string) {
    this.#path = path;
    this.#own = own;
  }

  async isHeld(): Promise<boolean> {
    return (await readText(this.#path)) === this.#own;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await removeIfThere(this.#path);
  }
}

/** @returns false when it is there already */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await symlink(text, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    // Windows without the right to make links, and file systems without links.
    if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN')) throw error;
  }
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o640 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    // A plain file; Windows says UNKNOWN.
    if (!hasCode(error, 'EINVAL', 'UNKNOWN')) throw error;
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function formatHolder({ pid, start }: Holder): string {
  return `logd pid ${pid} start ${start || 'unknown'}`;
}

function parseHolder(text: string): Holder | undefined {
  const match = /^logd pid (\d{1,10}) start (\S+)$/.exec(text.trim());
  if (!match) return undefined;
  return { pid: Number(match[1]), start: match[2] === 'unknown' ? '' : (match[2] ?? '') };
}

async function isAlive({ pid, start }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other error, such as the right that is missing, comes from a process that is there.
    if (hasCode(error, 'ESRCH')) return false;
  }
  const now = await startOf(pid);
  return now === '' || start === '' || now === start;
}

/** When a process started, as the system counts it, and in which boot (proc(5)); empty where that is not told. */
async function startOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return '';
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is the name in parentheses and may hold anything; the third is the state, the 22nd the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that was killed and that its parent has not looked after yet.
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
    return `${fields[19] ?? ''}-${boot.trim().slice(0, 8)}`;
  } catch {
    // No /proc: the number alone must do.
    return '';
  }
}

function lockedBy({ pid }: Holder, folder: string): StoreError {
  const who = pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`;
  return new StoreError(
    'locked',
    `the data folder ${folder} is in use by ${who}; stop that one first, or give another folder with --data`,
  );
}
