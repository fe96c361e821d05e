/**
 * Rotated files that are packed while the agent is away or at work: the packed form is the same text, never a file of its own.
 */

import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { scene, settled, withinGrace } from '../../support/following-scene.ts';

/** @param share of the packed bytes that are there; all of them: the plain file is gone, as gzip leaves it */
function pack(path: string, share = 1): void {
  const { atime, mtime } = statSync(path);
  const bytes = gzipSync(readFileSync(path));
  writeFileSync(`${path}.gz`, bytes.subarray(0, bytes.length * share));
  if (share < 1) return;
  utimesSync(`${path}.gz`, atime, mtime);
  rmSync(path);
}

for (const [name, share] of [
  ['half of the packed file', 0.5],
  ['the whole packed file', 0.99],
] as const) {
  test(`following: ${name} beside the plain one is not read besides`, async (t) => {
    const { path, start, append, arrived, sink } = await scene(t);
    append('a1\n');
    const first = start();
    await arrived(['a1']);
    await first.stop();
    append('a2\n');
    renameSync(path, `${path}.2`);
    append('b1\n');
    renameSync(path, `${path}.1`);
    append('c1\n');
    pack(`${path}.2`, share);
    pack(`${path}.1`, share);
    start();
    await arrived(['a1', 'a2', 'b1', 'c1']);
    assert.deepEqual(sink.notices(), []);
  });
}

test('following: a file that waited for its predecessor and was packed while away is read once', async (t) => {
  const { path, start, append, arrived, sink } = await scene(t);
  append('a1\n');
  const first = start();
  await arrived(['a1']);
  // Each is opened, and not read yet: the one before may still be written to.
  renameSync(path, `${path}.1`);
  append('b1\n');
  await withinGrace();
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  append('c1\n');
  await withinGrace();
  await first.stop();
  pack(`${path}.1`);
  start();
  await arrived(['a1', 'b1', 'c1']);
  await settled();
  await arrived(['a1', 'b1', 'c1']);
  assert.deepEqual(sink.notices(), []);
});
