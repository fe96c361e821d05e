import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusLine } from '../../../src/cli/output/status-line.ts';

const CLEAR = '\r\u001b[K';

function fake(isTTY: boolean, columns = 20) {
  let written = '';
  const output = {
    isTTY,
    columns,
    write(text: string) {
      written += text;
    },
  };
  return { line: new StatusLine(output), written: () => written };
}

test('status line: drawn over and over within the width, what is printed stands above it, and it is gone in the end', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { line, written } = fake(true);
  let count = 0;
  line.start(() => `${++count} delivered · nothing waits`);
  line.print('first\n');
  t.mock.timers.tick(1_000);
  line.print('second\n');
  line.stop();
  line.print('last\n');
  t.mock.timers.tick(1_000);
  const drawn = (number: number) => `${CLEAR}${number} delivered · nothing waits`.slice(0, CLEAR.length + 19);
  assert.equal(written(), `first\n${drawn(1)}${drawn(2)}${CLEAR}second\n${drawn(3)}${CLEAR}last\n`);
});

test('status line: there is none where stderr is no terminal', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { line, written } = fake(false);
  line.start(() => 'never');
  t.mock.timers.tick(1_000);
  line.print('text\n');
  line.stop();
  assert.equal(written(), 'text\n');
});
