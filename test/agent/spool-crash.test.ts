/**
 * Spool, checkpoint and sender, whatever the disk does and whenever the process ends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveUntilDone } from '../support/spool-lives.ts';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const LINES = 400;
const DROPPED = /the spool was full: (\d+) lines? .*dropped/;

for (const seed of SEEDS) {
  test(`spool: whatever the disk does and whenever the process ends, each line arrives once (seed ${seed})`, async (t) => {
    const { lines, notices } = await liveUntilDone(t, { seed, lines: LINES, policy: 'block' });
    assert.deepEqual(
      lines,
      Array.from({ length: LINES }, (_, index) => `line ${index}`),
    );
    assert.deepEqual(notices, []);
  });
}

for (const seed of SEEDS) {
  test(`spool: what drop-oldest drops is told to the line, and the rest arrives once (seed ${seed})`, async (t) => {
    const options = { seed, lines: 4 * LINES, policy: 'drop-oldest', awayChance: 0.1 } as const;
    const { lines, notices } = await liveUntilDone(t, options);
    const numbers = lines.map((line) => Number(line.replace('line ', '')));
    for (const [index, number] of numbers.entries()) {
      const before = numbers[index - 1] ?? -1;
      assert.ok(number > before, `line ${number} came behind line ${before}`);
    }
    const told = notices.reduce((sum, notice) => sum + Number(DROPPED.exec(notice)?.[1] ?? Number.NaN), 0);
    t.diagnostic(`${told} lines dropped, in ${notices.length} notices`);
    assert.equal(told, options.lines - lines.length);
  });
}
