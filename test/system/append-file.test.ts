/** Appending while room is made: nothing that was appended is written over, and behind it are NULs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createChance } from '../../scripts/bench/random.ts';
import { realFiles } from '../../src/system/files.ts';
import { temporaryFolder } from '../support/folder.ts';

test('a file that grows: room made at any moment leaves what is appended as it is', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  const chance = createChance(3);
  let file = await realFiles.openAppend(path);
  let expected = Buffer.alloc(0);
  const reserving: Promise<void>[] = [];
  for (let step = 0; step < 400; step++) {
    const bytes = Buffer.alloc(1 + chance.below(20_000), 1 + (step % 250));
    if (chance.below(3) === 0) reserving.push(file.reserve(1 + chance.below(60_000)));
    await (chance.below(2) === 0 ? file.append(bytes) : file.appendSynced(bytes));
    expected = Buffer.concat([expected, bytes]);
    assert.equal(file.size, expected.length);
    switch (chance.below(40)) {
      case 0:
        expected = expected.subarray(0, chance.below(expected.length + 1));
        await file.truncate(expected.length);
        break;
      case 1: {
        const at = chance.below(expected.length + 1);
        await file.writeAt(at, bytes);
        const size = Math.max(expected.length, at + bytes.length);
        expected = Buffer.concat([expected, Buffer.alloc(size - expected.length)]);
        expected.set(bytes, at);
        break;
      }
      case 2:
        assert.deepEqual(await file.read(0, expected.length + 10), expected);
        break;
      case 3:
        await file.close();
        // Whoever opens it finds the room, and takes it away.
        file = await realFiles.openAppend(path);
        await file.truncate(expected.length);
        break;
    }
    const found = readFileSync(path);
    assert.ok(found.subarray(0, expected.length).equals(expected), `step ${step}: what was appended is not there`);
  }
  await Promise.all(reserving);
  const found = readFileSync(path);
  assert.ok(found.subarray(0, expected.length).equals(expected));
  assert.ok(found.subarray(expected.length).every((byte) => byte === 0));
  await file.close();
});
