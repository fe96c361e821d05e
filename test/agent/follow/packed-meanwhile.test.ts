/**
 * Rotated files that are packed while the agent is away or at work: the packed form is the same text, never a file of its own.
 */

import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Chunk } from '../../../src/agent/chunk.ts';
import { createChunkWriter } from '../../../src/agent/chunk-writer.ts';
import { look } from '../../../src/agent/follow/find-files.ts';
import { positionAtStart, readRest } from '../../../src/agent/follow/rest.ts';
import { createRoom } from '../../../src/agent/follow/tracked-file.ts';
import { describeFileLine } from '../../../src/agent/line-entry.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { scene, settled, withinGrace } from '../../support/following-scene.ts';

/** @param share of the packed bytes that are there; all of them: the plain file is gone, as gzip leaves it */
function pack(path: string, share = 1): void {
  const { atime, mtime } = statSync(path);
  const bytes = gzipSync(readFileSync(path));
  writeFileSync(`${path}.gz`, bytes.subarray(0, bytes.length * share));
  if (share < 1) return;
  // As a program leaves it that keeps times as floating point numbers.
  utimesSync(`${path}.gz`, atime, mtime.getTime() / 1_000 - 0.001);
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

test('following: a file that was empty when it began to wait, then filled, and packed while away, is read', async (t) => {
  const { path, start, append, arrived, sink } = await scene(t);
  append('a1\n');
  const first = start();
  await arrived(['a1']);
  renameSync(path, `${path}.1`);
  append('');
  await withinGrace();
  append('b1\n');
  await withinGrace();
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  append('c1\n');
  await withinGrace();
  await first.stop();
  pack(`${path}.2`);
  pack(`${path}.1`);
  start();
  await arrived(['a1', 'b1', 'c1']);
  await settled();
  await arrived(['a1', 'b1', 'c1']);
  assert.deepEqual(sink.notices(), []);
});

test('following: a file seen when it held a few bytes and packed while away is not taken for an older one', async (t) => {
  const { path, start, append, arrived, sink } = await scene(t);
  append('line 1\nline 2\n');
  const first = start();
  await arrived(['line 1', 'line 2']);
  renameSync(path, `${path}.1`);
  // As a program leaves it that writes a block at a time.
  append('line');
  await withinGrace();
  await first.stop();
  append(' 3\nline 4\n');
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  append('line 5\n');
  pack(`${path}.1`);
  start();
  await arrived(['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
  await settled();
  await arrived(['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
  assert.deepEqual(sink.notices(), []);
});

test('rest: a file that was packed between its finding and its opening is read packed', async (t) => {
  const path = join(temporaryFolder(t), 'a.log');
  writeFileSync(`${path}.1`, 'line 1\nline 2\n');
  const found = await look(`${path}.1`, new Map());
  assert.ok(found);
  const file = { ...found, packing: 'plain' } as const;
  const part = { file, key: 'file:1', position: await positionAtStart(path, file) };
  pack(`${path}.1`);
  const chunks: Chunk[] = [];
  const then = async () => ({});
  const read = await readRest({
    part,
    reading: {
      describe: describeFileLine,
      mayTakeBytes: true,
      joinsLines: false,
      chunkBytesMax: 512 * 1024,
      lineBytesMax: 65_536,
      nowMs: () => 1,
      room: createRoom(),
      writerFor: (source) => createChunkWriter({ clientId: 'web-1', source }),
    },
    put: async (chunk) => void chunks.push(chunk),
    then,
    stop: new AbortController().signal,
  });
  assert.equal(read.kind, 'read');
  assert.equal(
    chunks.reduce((sum, { count }) => sum + count, 0),
    2,
  );
});
