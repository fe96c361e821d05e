import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMON_WORD, corpus, RARE_WORD } from '../../scripts/bench/corpus.ts';
import { LEVELS } from '../../src/entry/level.ts';

const count = 20_000;
const entries = [...corpus({ count, seed: 7 })];

test('corpus: the same seed gives the same entries, another seed others', () => {
  assert.deepEqual([...corpus({ count, seed: 7 })], entries);
  assert.notDeepEqual([...corpus({ count, seed: 8 })], entries);
});

test('corpus: the rare word stands in three entries, the common one in about one of fourteen', () => {
  const having = (word: string) => entries.filter(({ message }) => message.includes(word)).length;
  assert.equal(having(RARE_WORD), 3);
  const share = having(COMMON_WORD) / count;
  assert.ok(share > 0.06 && share < 0.08, `${share}`);
});

test('corpus: times rise within one day, and every level but UNKNOWN occurs', () => {
  const times = entries.map(({ timeMs }) => timeMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.equal(
    new Date(times[0] ?? 0).toISOString().slice(0, 10),
    new Date(times.at(-1) ?? 0).toISOString().slice(0, 10),
  );
  const levels = new Set(entries.map(({ level }) => level));
  assert.deepEqual(
    LEVELS.filter((level) => !levels.has(level)),
    ['UNKNOWN'],
  );
});
