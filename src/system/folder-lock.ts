/**
 * One process per folder. The lock names its holder; the lock of a process that was killed is taken over. It is a symbolic
 * link that points nowhere and whose text is the holder: it comes into being whole, and needs no room on a full disk. Where
 * links cannot be made it is a file.
 *
 * Taking over is free of races: who finds a dead lock must create the one file that succeeds it, `<lock>.<its token>`,
 * exclusively, see that the dead lock is still in place, and move its own file over it. Nobody else can have that file.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, lutimes, open, readdir, readFile, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './files.ts';

export interface FolderLock {
  /** Gives the folder back. */
  release(): Promise<void>;
}

export type LockResult =
  | { readonly ok: true; readonly lock: FolderLock }
  /** `reason` names the holder and the way out; it goes on after "the folder … is in use". */
  | { readonly ok: false; readonly reason: string };

interface Holder {
  readonly token: string;
  readonly pid: number;
  /** Changes when a process number is used again; empty where the system does not tell. */
  readonly started: string;
  /** Process numbers mean the same only within one place: one start of one machine (and one container). */
  readonly place: string;
  /** Of the machine, as a digest of its name. */
  readonly host: string;
}

/** What stands in a lock; short enough to need no room of its own on the usual file systems (ext4: 59 bytes). */
const HOLDER = /^1 ([0-9a-f]{8}) (\d{1,10}) (\S+) ([0-9a-f]{6}\.[0-9a-f]{6})\.([0-9a-f]{6})$/;

const HEARTBEAT_MS = 5_000;
/** A holder whose process cannot be looked at from here is dead when its lock has not been touched for so long. */
const SILENCE_MS_MAX = 30_000;
/** A lock that names nobody is being written just now (without hard links) or was torn by a power loss. */
const UNREADABLE_MS_MAX = 2_000;
/** Lock files that succeed one another beyond this many mean that something else is wrong. */
const SUCCESSORS_MAX = 1_000;
const TRIES_MAX = 20;

/**
 * @param name of the lock file in the folder
 * @throws what the system says when the folder cannot be written
 */
export async function lockFolder(folder: string, name: string): Promise<LockResult> {
  const head = join(folder, name);
  const own = describeSelf();
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (await createWhole(head, own)) return { ok: true, lock: hold(head, own) };
    const first = await readHolder(head);
    if (first === undefined) continue;
    const claim = await claimSuccession(head, first, own);
    if (claim.kind === 'alive' && claim.holder.pid === 0) {
      await sleep(UNREADABLE_MS_MAX / 10);
      continue;
    }
    if (claim.kind === 'alive') return { ok: false, reason: describeHolder(claim.holder, head) };
    if (claim.kind === 'lost') continue;
    // The claim is ours alone; whoever took over since we read the dead lock has changed the head.
    const still = await readHolder(head);
    if (still?.token !== first.token) {
      await removeIfThere(claim.path);
      continue;
    }
    await rename(claim.path, head);
    await removeDeadSuccessors(folder, name, claim.path);
    return { ok: true, lock: hold(head, own) };
  }
  return { ok: false, reason: `another process is taking it just now (${head}): try again` };
}

/** The process that has the folder now; undefined: none. Changes nothing. */
export async function holderOf(folder: string, name: string): Promise<{ readonly pid: number } | undefined> {
  const head = join(folder, name);
  let path = head;
  for (let successors = 0; successors < SUCCESSORS_MAX; successors++) {
    const holder = await readHolder(path);
    if (!holder) return undefined;
    if (await isAlive(holder, path)) return { pid: holder.pid };
    path = `${head}.${holder.token}`;
  }
  return undefined;
}

type Claim =
  | { readonly kind: 'claimed'; readonly path: string }
  | { readonly kind: 'alive'; readonly holder: Holder }
  | { readonly kind: 'lost' };

/** Follows the chain of dead locks to its end and creates the file that succeeds the last one. */
async function claimSuccession(head: string, first: Holder, own: Holder): Promise<Claim> {
  let last = first;
  let path = head;
  for (let successors = 0; successors < SUCCESSORS_MAX; successors++) {
    if (await isAlive(last, path)) return { kind: 'alive', holder: last };
    path = `${head}.${last.token}`;
    if (await createWhole(path, own)) return { kind: 'claimed', path };
    const next = await readHolder(path);
    if (next === undefined) return { kind: 'lost' };
    last = next;
  }
  return { kind: 'lost' };
}

function hold(head: string, own: Holder): FolderLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat is harmless: only processes of other places look at it.
    lutimes(head, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await readHolder(head))?.token === own.token) await removeIfThere(head);
    },
  };
}

async function isAlive(holder: Holder, path: string): Promise<boolean> {
  if (holder.place === placeOfSelf()) {
    return processExists(holder.pid) && (holder.started === '' || startOf(holder.pid) === holder.started);
  }
  // The same machine after a restart: nothing of before is running.
  if (holder.host === digest(hostname()) && bootOf(holder.place) !== bootOf(placeOfSelf())) return false;
  try {
    const silenceMs = Date.now() - (await lstat(path)).mtimeMs;
    return silenceMs < (holder.pid === 0 ? UNREADABLE_MS_MAX : SILENCE_MS_MAX);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function describeHolder(holder: Holder, path: string): string {
  if (holder.place === placeOfSelf()) return `by process ${holder.pid}: stop that process or use another folder`;
  return `by process ${holder.pid} of another machine or container: stop it or use another folder (if it is gone, try again in ${SILENCE_MS_MAX / 1000} s or remove ${path})`;
}

/** Creates a lock with its whole text at once, so that nobody reads half of one. False: it is already there. */
async function createWhole(path: string, holder: Holder): Promise<boolean> {
  try {
    await symlink(formatHolder(holder), path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'UNKNOWN')) throw error;
    return await createExclusive(path, holder);
  }
}

/** For file systems without links, and Windows without the right to make them: for a moment the file is empty. */
async function createExclusive(path: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o640);
    try {
      await handle.writeFile(formatHolder(holder));
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Undefined: no such file. A lock that cannot be read is that of a dead process, with a token made of its bytes. */
async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const [, token, pid, started, place, host] = HOLDER.exec(text.trim()) ?? [];
  if (token === undefined || started === undefined || place === undefined || host === undefined) {
    return { token: 'unreadable', pid: 0, started: '', place: 'nowhere', host: '' };
  }
  return { token, pid: Number(pid), started: started === '-' ? '' : started, place, host };
}

function formatHolder({ token, pid, started, place, host }: Holder): string {
  return `1 ${token} ${pid} ${started || '-'} ${place}.${host}`;
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

async function removeDeadSuccessors(folder: string, name: string, claimed: string): Promise<void> {
  for (const found of await readdir(folder)) {
    const path = join(folder, found);
    if (!found.startsWith(`${name}.`) || found.endsWith('.new') || path === claimed) continue;
    const holder = await readHolder(path);
    if (holder && !(await isAlive(holder, path))) await removeIfThere(path);
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function describeSelf(): Holder {
  return {
    token: randomBytes(4).toString('hex'),
    pid: process.pid,
    started: startOf(process.pid),
    place: placeOfSelf(),
    host: digest(hostname()),
  };
}

function processExists(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return !hasCode(error, 'ESRCH');
  }
}

/** When a process started, in clock ticks since the machine did (proc_pid_stat(5), field 22). */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the program's name in parentheses, may hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A process that was killed and that its parent has not looked after yet.
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? '');
  } catch {
    // Not Linux, or no such process.
    return '';
  }
}

function bootOf(place: string): string {
  return place.split('.')[0] ?? '';
}

let cachedPlace: string | undefined;

function placeOfSelf(): string {
  cachedPlace ??= findPlace();
  return cachedPlace;
}

function findPlace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${digest(boot)}.${digest(readlinkSync('/proc/self/ns/pid'))}`;
  } catch {
    // Not Linux: the time of the start, to ten minutes because the clock is set now and then.
    return `${digest(String(Math.round((Date.now() / 1000 - uptime()) / 600)))}.${digest(hostname())}`;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
