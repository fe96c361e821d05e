import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BlessedKey, pressedKey } from '../../src/dashboard/terminal-key.ts';

describe('terminal key', () => {
  const cases: [typed: string | undefined, key: BlessedKey, name: string | undefined, text: string | undefined][] = [
    ['j', { name: 'j' }, 'j', 'j'],
    ['G', { name: 'g', shift: true }, 'G', 'G'],
    ['/', {}, '/', '/'],
    ['?', {}, '?', '?'],
    [' ', { name: 'space' }, 'Space', ' '],
    ['\r', { name: 'return', sequence: '\r' }, 'Enter', undefined],
    ['\r', { name: 'enter', sequence: '\r' }, undefined, undefined],
    ['\n', { name: 'linefeed', sequence: '\n' }, 'Enter', undefined],
    ['\u001b', { name: 'escape' }, 'Escape', undefined],
    [undefined, { name: 'up' }, 'Up', undefined],
    [undefined, { name: 'pagedown' }, 'PageDown', undefined],
    ['\u007f', { name: 'backspace' }, 'Backspace', undefined],
    ['\u0004', { name: 'd', ctrl: true }, 'C-d', undefined],
    ['\t', { name: 'tab' }, 'Tab', undefined],
    [undefined, { name: 'tab', shift: true }, 'S-Tab', undefined],
    [undefined, { name: 'd', meta: true }, undefined, undefined],
    ['ü', {}, 'ü', 'ü'],
    [undefined, {}, undefined, undefined],
  ];
  for (const [typed, key, name, text] of cases) {
    test(`${JSON.stringify(typed)} ${JSON.stringify(key)} is ${name}`, () => {
      const pressed = pressedKey(typed, key);
      assert.equal(pressed?.name, name);
      assert.equal(pressed?.typed, text);
    });
  }
});
