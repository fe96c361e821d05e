import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { realFiles } from '../../src/system/files.ts';

test('makeFolder: makes the folders above too, is content with one that is there, and fails where none can be', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logd-files-'));
  t.after(() => rm(folder, { recursive: true }));
  const deep = join(folder, 'a', 'b', 'c');
  await realFiles.makeFolder(deep);
  await realFiles.makeFolder(deep);
  assert.ok((await stat(deep)).isDirectory());
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(realFiles.makeFolder(join(folder, 'file')), /EEXIST/);
  await assert.rejects(realFiles.makeFolder(join(folder, 'file', 'below')), /ENOTDIR/);
  if (process.platform === 'linux') await assert.rejects(realFiles.makeFolder('/proc/nothing/below'), /ENOENT|EACCES/);
});

test('makeFolder: each folder that is made is synced into the one above, so that no power loss takes what is in it', {
  skip: process.platform === 'linux' ? false : 'looks at open files in /proc',
}, async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'logd-files-')));
  t.after(() => rm(folder, { recursive: true }));
  const handle = await open(folder, 'r');
  const handles: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const synced: string[] = [];
  const sync = handles.sync;
  t.mock.method(handles, 'sync', function (this: FileHandle) {
    synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
    return sync.call(this);
  });
  await realFiles.makeFolder(join(folder, 'a', 'b'));
  assert.deepEqual(synced, [folder, join(folder, 'a')]);
});
