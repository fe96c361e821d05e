/**
 * Files that are rotated, truncated or removed again before the follower came to them: nothing of them is lost.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { test } from 'node:test';
import { type Scene, scene, withinGrace } from '../../support/following-scene.ts';

function makeRoom(path: string): void {
  for (let number = 5; number > 0; number--)
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
}

function rotate(path: string): void {
  makeRoom(path);
  renameSync(path, `${path}.1`);
}

function copyAndTruncate(path: string): void {
  makeRoom(path);
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

/** More than the spool and the batches in hand take. */
const MANY = Array.from({ length: 40_000 }, (_, index) => `${index} ${'x'.repeat(60)}`);

/** An agent that waits in the midst of a file, until the answers are good again. */
async function blocked({ start, append, sink }: Scene): Promise<void> {
  sink.choose = () => ({ status: 503 });
  append(`${MANY.join('\n')}\n`);
  await start({ spoolBytesMax: 64 * 1024 }).reported('spool-full');
}

test('rotated again: within the grace of the first rotation: all generations, in order', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  for (const line of ['2', '3', '4']) {
    rotate(path);
    append(`${line}\n`);
  }
  await withinGrace();
  rotate(path);
  append('5\n');
  await arrived(['1', '2', '3', '4', '5']);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: a generation that was seen and removed within the grace is read all the same', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  rotate(path);
  append('2\n');
  await withinGrace();
  rmSync(path);
  append('3\n');
  await withinGrace();
  rmSync(path);
  append('4\n');
  await arrived(['1', '2', '3', '4']);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: what a writer still adds to a generation that waits comes before the next one', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  rotate(path);
  append('2\n');
  await withinGrace();
  const writer = openSync(path, 'a');
  rotate(path);
  append('4\n');
  await withinGrace();
  writeSync(writer, '3\n');
  closeSync(writer);
  await arrived(['1', '2', '3', '4']);
});

test('rotated again: a stop while two generations wait, a third comes while away: each line once, in order', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  append('1\n');
  const agent = start();
  await arrived(['1']);
  rotate(path);
  append('2\n');
  await withinGrace();
  rotate(path);
  append('3\n');
  await withinGrace();
  await agent.stop();
  rotate(path);
  append('4\n');
  rotate(path);
  append('5\n');
  // The oldest was written to last.
  const later = Date.now() / 1_000 + 1;
  utimesSync(`${path}.4`, later, later);
  const second = start();
  await arrived(['1', '2', '3', '4', '5']);
  await second.stop();
  start();
  append('6\n');
  await arrived(['1', '2', '3', '4', '5', '6']);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: twice while the agent waits for a server: all generations, in order', async (t) => {
  const whole = await scene(t);
  const { append, arrived, path, sink } = whole;
  await blocked(whole);
  for (const line of ['first', 'second', 'third']) {
    rotate(path);
    append(`${line}\n`);
  }
  sink.choose = undefined;
  await arrived([...MANY, 'first', 'second', 'third'], 20_000);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: generations removed while the agent waits for a server are read all the same', async (t) => {
  const whole = await scene(t);
  const { append, arrived, path, sink } = whole;
  await blocked(whole);
  for (const line of ['first', 'second']) {
    rmSync(path);
    append(`${line}\n`);
    await withinGrace();
  }
  rmSync(path);
  append('third\n');
  sink.choose = undefined;
  await arrived([...MANY, 'first', 'second', 'third'], 20_000);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: copied and truncated twice while the agent waits for a server: all copies, in order', async (t) => {
  const whole = await scene(t);
  const { append, arrived, path, sink } = whole;
  await blocked(whole);
  for (const line of ['first', 'second', 'third']) {
    copyAndTruncate(path);
    append(`${line}\n`);
  }
  sink.choose = undefined;
  await arrived([...MANY, 'first', 'second', 'third'], 20_000);
  assert.deepEqual(sink.notices(), []);
});

test('rotated again: an empty file filled, copied and emptied in one step, then filled: the copy comes first', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  writeFileSync(path, '');
  start();
  await withinGrace();
  append('1\n');
  copyAndTruncate(path);
  await withinGrace();
  append('2\n');
  await arrived(['1', '2']);
});
