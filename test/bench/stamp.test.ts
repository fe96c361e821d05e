import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delays } from '../../scripts/bench/delays.ts';
import { preciseMs, readStamps, stampedMessage } from '../../scripts/bench/stamp.ts';

test('stamps: found wherever the text is cut, each once', () => {
  const beforeMs = preciseMs();
  const text = [0, 1, 2].map((number) => `id: x\ndata: {"message":"${stampedMessage(number)}"}\n\n`).join('');
  for (let cut = 0; cut <= text.length; cut++) {
    const found: number[] = [];
    const onStamp = (number: number, sentMs: number) => {
      found.push(number);
      assert.ok(sentMs > beforeMs - 1 && sentMs < preciseMs() + 1);
    };
    const first = text.slice(0, cut);
    const rest = first.slice(readStamps(first, onStamp));
    readStamps(rest + text.slice(cut), onStamp);
    assert.deepEqual(found, [0, 1, 2], `cut at ${cut}`);
  }
});

test('delays: percentiles to a tenth of a millisecond', () => {
  const delays = new Delays();
  for (let ms = 1; ms <= 100; ms++) delays.add(ms - 0.05);
  assert.deepEqual([delays.total, delays.at(0.5), delays.at(0.99), delays.at(1)], [100, 50, 99, 100]);
});
