import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProducers } from '../../src/store/producers.ts';

const mark = (sequence: number) => ({ sequence, bodyHash: `${sequence}` });
const origin = (producer: string, sequence: number) => ({ producer, ...mark(sequence) });

test('producers: beyond the bound the one quiet for longest is forgotten', () => {
  const producers = createProducers(3);
  for (const name of ['a', 'b', 'c']) producers.set(name, mark(1));
  producers.set('a', mark(2));
  producers.set('d', mark(1));
  assert.equal(producers.size, 3);
  assert.deepEqual(
    [...producers.marks()].map(([name]) => name),
    ['c', 'a', 'd'],
  );
  assert.equal(producers.judge(origin('b', 1)), undefined, 'what is forgotten is new');
  assert.equal(producers.judge(origin('a', 2))?.kind, 'duplicate');
});
