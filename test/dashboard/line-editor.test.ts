import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineEditor, type LineEditorOptions } from '../../src/dashboard/line-editor.ts';

/** What stands there after these keys, the cursor as a bar. Keys of one character type themselves. */
function after(keys: readonly string[], options: LineEditorOptions = {}): string {
  const editor = new LineEditor(options);
  for (const key of keys) {
    if (key === 'Space') editor.press(key, ' ');
    else editor.press(key, [...key].length === 1 ? key : undefined);
  }
  return `${editor.beforeCursor}|${editor.afterCursor}`;
}

describe('line editor', () => {
  const cases: [what: string, keys: readonly string[], shown: string][] = [
    ['types', ['a', 'b', 'Space', 'c'], 'ab c|'],
    ['inserts within', ['a', 'b', 'Left', 'x'], 'ax|b'],
    ['stays within its ends', ['a', 'Left', 'Left', 'Right', 'Right', 'Right'], 'a|'],
    ['goes to the ends', ['a', 'b', 'Home', 'x', 'End', 'y'], 'xaby|'],
    ['goes to the ends as shells do', ['a', 'b', 'C-a', 'x', 'C-e', 'y'], 'xaby|'],
    ['deletes backwards', ['a', 'b', 'c', 'Left', 'Backspace'], 'a|c'],
    ['deletes forwards', ['a', 'b', 'c', 'Home', 'Delete', 'C-d'], '|c'],
    ['deletes nothing beyond the ends', ['Backspace', 'Delete', 'a', 'Delete'], 'a|'],
    ['deletes a word', ['a', 'b', 'Space', 'c', 'd', 'Space', 'C-w'], 'ab |'],
    ['deletes up to the cursor', ['a', 'b', 'c', 'Left', 'C-u'], '|c'],
    ['deletes from the cursor', ['a', 'b', 'c', 'Home', 'Right', 'C-k'], 'a|'],
    ['moves over an emoji as one', ['💥', 'b', 'Left', 'Left', 'x'], 'x|💥b'],
    ['joins the halves of a character', ['\ud83d', '\udca5', 'Backspace'], '|'],
    ['takes no control characters', ['a', '\u001b', '\u0000'], 'a|'],
  ];
  for (const [what, keys, shown] of cases) {
    test(what, () => {
      assert.equal(after(keys), shown);
    });
  }

  test('walks through earlier lines and comes back to what was typed', () => {
    const history = ['first', 'second'];
    assert.equal(after(['x', 'Up'], { history }), 'second|');
    assert.equal(after(['x', 'Up', 'Up', 'Up'], { history }), 'first|');
    assert.equal(after(['x', 'Up', 'Up', 'Down', 'Down'], { history }), 'x|');
    assert.equal(after(['Down'], { history }), '|');
  });

  test('takes no more than its bound', () => {
    assert.equal(after(['a', 'b', 'c'], { lengthMax: 2 }), 'ab|');
  });
});
