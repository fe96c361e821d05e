import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actOfKey, KEYS, keyNameFromDom, keysOf } from '../../src/viewer/keys.ts';

test('keys: no key means two things', () => {
  const keys = KEYS.flatMap((binding) => binding.keys);
  assert.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
});

test('keys: every key of a place does its act there and nothing elsewhere', () => {
  for (const { keys, act } of keysOf('terminal')) for (const key of keys) assert.equal(actOfKey(key, 'terminal'), act);
  assert.equal(actOfKey('q', 'terminal'), 'quit');
  assert.equal(actOfKey('q', 'page'), undefined);
  assert.equal(actOfKey('v', 'terminal'), undefined);
});

test('keys: those of a browser have the same names', () => {
  const press = (key: string, held: { ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean } = {}) =>
    keyNameFromDom({ key, ctrlKey: false, altKey: false, metaKey: false, ...held });
  assert.equal(press('ArrowDown'), 'Down');
  assert.equal(press(' '), 'Space');
  assert.equal(press('d', { ctrlKey: true }), 'C-d');
  assert.equal(press('G'), 'G');
  assert.equal(press('d', { metaKey: true }), undefined);
  assert.equal(press('d', { altKey: true }), undefined);
});
