import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
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
