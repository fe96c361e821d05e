/**
 * An agent that starts just after a rotation: the program may still write to the file that was renamed.
 */
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { test } from 'node:test';
import { scene, settled, withinGrace } from '../../support/following-scene.ts';

for (const isSuccessorThere of [true, false]) {
  const there = isSuccessorThere ? 'with' : 'without';
  test(`following: started just after a rename, ${there} a new file: what is still written to the old one comes first`, async (t) => {
    const { path, start, append, arrived, sink } = await scene(t);
    append('a1\n');
    const first = start();
    await arrived(['a1']);
    await first.stop();
    append('a2\na');
    renameSync(path, `${path}.1`);
    if (isSuccessorThere) append('b1\n');
    start();
    await arrived(['a1', 'a2']);
    append('3\na4\n', `${path}.1`);
    await arrived(['a1', 'a2', 'a3', 'a4']);
    await withinGrace();
    append('a5\n', `${path}.1`);
    await settled();
    if (!isSuccessorThere) append('b1\n');
    await arrived(['a1', 'a2', 'a3', 'a4', 'a5', 'b1']);
    assert.deepEqual(sink.notices(), []);
  });
}

test('following: killed in the midst of a rotation and started again: an unfinished line is still one line', async (t) => {
  const { path, start, append, arrived } = await scene(t);
  append('a1\n');
  const first = start();
  await arrived(['a1']);
  append('a');
  renameSync(path, `${path}.1`);
  append('b1\n');
  await withinGrace();
  await first.stop();
  start();
  await withinGrace();
  append('2\n', `${path}.1`);
  await arrived(['a1', 'a2', 'b1']);
});
