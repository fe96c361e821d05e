/**
 * One process per folder. The lock is a file that names its holder; the lock of a process that was killed is taken over.
 *
 * Taking over is free of races: who finds a dead lock must create the one file that succeeds it, `<lock>.<its token>`,
 * exclusively, see that the dead lock is still in place, and move its own file over it. Nobody else can have that file.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
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
  readonly version: 1;
  readonly token: string;
  readonly pid: number;
  /** Changes when a process number is used again; empty where the system does not tell. */
  readonly started: string;
  /** Process numbers mean the same only within one place: one start of one machine (and one container). */
  readonly place: string;
  readonly host: string;
}

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
    utimes(head, now, now).catch(() => {});
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
  if (holder.host === hostname() && bootOf(holder.place) !== bootOf(placeOfSelf())) return false;
  try {
    const silenceMs = Date.now() - (await stat(path)).mtimeMs;
    return silenceMs < (holder.pid === 0 ? UNREADABLE_MS_MAX : SILENCE_MS_MAX);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function describeHolder(holder: Holder, path: string): string {
  if (holder.place === placeOfSelf()) return `by process ${holder.pid}: stop that process or use another folder`;
  return `by process ${holder.pid} on "${holder.host}": stop it or use another folder (if it is gone, try again in ${SILENCE_MS_MAX / 1000} s or remove ${path})`;
}

/** Creates a file with its whole content at once, so that nobody reads half a lock. False: it is already there. */
async function createWhole(path: string, holder: Holder): Promise<boolean> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}.new`;
  await writeFile(fresh, `${JSON.stringify(holder)}\n`, { mode: 0o640, flag: 'wx' });
  try {
    await link(fresh, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN')) throw error;
    return await createExclusive(path, holder);
  } finally {
    await removeIfThere(fresh);
  }
}

/** For file systems without hard links: for a moment the file is empty. */
async function createExclusive(path: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o640);
    try {
      await handle.writeFile(`${JSON.stringify(holder)}\n`);
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
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const { pid, token, started, place, host } = parseObject(text);
  if (typeof pid === 'number' && typeof token === 'string' && /^[0-9a-f]{16}$/.test(token)) {
    return { version: 1, pid, token, started: String(started), place: String(place), host: String(host) };
  }
  return { version: 1, pid: 0, token: 'unreadable', started: '', place: 'nowhere', host: '' };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    // A lock that a power loss left half-written is like any other that names nobody.
    return {};
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
    version: 1,
    token: randomBytes(8).toString('hex'),
    pid: process.pid,
    started: startOf(process.pid),
    place: placeOfSelf(),
    host: hostname(),
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
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // Not Linux, or no such process.
    return '';
  }
}

function bootOf(place: string): string {
  return place.split(' ')[0] ?? '';
}

let cachedPlace: string | undefined;

function placeOfSelf(): string {
  cachedPlace ??= findPlace();
  return cachedPlace;
}

function findPlace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // Not Linux: the time of the start, to ten minutes because the clock is set now and then.
    return `${Math.round((Date.now() / 1000 - uptime()) / 600)} ${hostname()}`;
  }
}
