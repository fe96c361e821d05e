import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimes, mkdtemp, readdir, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockFolder } from '../../src/system/folder-lock.ts';

const MODULE = new URL('../../src/system/folder-lock.ts', import.meta.url).href;

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'logd-lock-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A process that takes the lock, says "yes" or "no", and stays until it is killed. */
function contender(folder: string): ChildProcess {
  const script = `
    const { lockFolder } = await import(${JSON.stringify(MODULE)});
    const result = await lockFolder(${JSON.stringify(folder)}, 'lock');
    console.log(result.ok ? 'yes' : 'no');
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function answer(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  const [bytes] = await once(child.stdout, 'data');
  return String(bytes).trim();
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('folder-lock: a second holder is refused and told who has the folder', () =>
  withFolder(async (folder) => {
    const first = await lockFolder(folder, 'lock');
    assert.ok(first.ok);
    const second = await lockFolder(folder, 'lock');
    assert.ok(!second.ok);
    assert.match(second.reason, new RegExp(`process ${process.pid}`));
    await first.lock.release();
    const third = await lockFolder(folder, 'lock');
    assert.ok(third.ok);
    await third.lock.release();
    assert.deepEqual(await readdir(folder), []);
  }));

test('folder-lock: the lock of a killed process is taken over, by one of many', () =>
  withFolder(async (folder) => {
    const holder = contender(folder);
    assert.equal(await answer(holder), 'yes');
    await kill(holder);
    const many = Array.from({ length: 6 }, () => contender(folder));
    try {
      const answers = await Promise.all(many.map(answer));
      assert.deepEqual(answers.sort(), ['no', 'no', 'no', 'no', 'no', 'yes']);
      assert.deepEqual(
        (await readdir(folder)).filter((name) => !name.endsWith('.new')),
        ['lock'],
      );
    } finally {
      await Promise.all(many.map(kill));
    }
  }));

test('folder-lock: a process killed while it took over does not lock the folder for ever', () =>
  withFolder(async (folder) => {
    const holder = contender(folder);
    assert.equal(await answer(holder), 'yes');
    await kill(holder);
    // What it leaves when it dies between its claim and the move.
    const dead = (await readlink(join(folder, 'lock'))).split(' ');
    await symlink(dead.with(1, 'aaaaaaaa').join(' '), join(folder, `lock.${dead[1]}`));
    const result = await lockFolder(folder, 'lock');
    assert.ok(result.ok);
    assert.deepEqual(await readdir(folder), ['lock']);
    await result.lock.release();
  }));

test('folder-lock: a process number that is used again is not the holder', () =>
  withFolder(async (folder) => {
    const first = await lockFolder(folder, 'lock');
    assert.ok(first.ok);
    const own = (await readlink(join(folder, 'lock'))).split(' ');
    await first.lock.release();
    if (own[3] === '-') return;
    await symlink(own.with(1, 'bbbbbbbb').with(3, '1').join(' '), join(folder, 'lock'));
    const second = await lockFolder(folder, 'lock');
    assert.ok(second.ok);
    await second.lock.release();
  }));

test('folder-lock: a holder on another machine counts while its lock is touched, and no longer', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'lock');
    await symlink('1 cccccccc 1 5 aaaaaa.bbbbbb.cccccc', path);
    const refused = await lockFolder(folder, 'lock');
    assert.ok(!refused.ok);
    assert.match(refused.reason, /another machine or container/);
    const longAgo = new Date(Date.now() - 60_000);
    await lutimes(path, longAgo, longAgo);
    const taken = await lockFolder(folder, 'lock');
    assert.ok(taken.ok);
    await taken.lock.release();
  }));

for (const content of ['', '1', '{"pid":5}', '1 cccccccc x']) {
  test(`folder-lock: a damaged lock (${JSON.stringify(content)}) is taken over, as soon as nobody can be writing it`, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'lock');
      await writeFile(path, content);
      const before = new Date(Date.now() - 1_500);
      await utimes(path, before, before);
      const taken = await lockFolder(folder, 'lock');
      assert.ok(taken.ok);
      await taken.lock.release();
    }));
}
