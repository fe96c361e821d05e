import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isUtf8Locale } from '../../src/dashboard/terminal.ts';
import { hasTmux, openTmux } from '../support/tmux.ts';

const skip = hasTmux ? false : 'skipped: no tmux on this machine';

test('terminal: a crash gives it back, then says what happened', { skip }, async () => {
  const script = fileURLToPath(new URL('crashing-dashboard.ts', import.meta.url));
  await using tmux = await openTmux({
    width: 100,
    height: 24,
    cwd: tmpdir(),
    command: `'${process.execPath}' '${script}' http://127.0.0.1:1; echo exit=$?; exec cat`,
  });
  const screen = await tmux.until(/exit=1/);
  assert.match(screen, /Error: fell over/);
  assert.equal(await tmux.format('#{alternate_on} #{cursor_flag} #{mouse_any_flag}'), '0 1 0');
});

test('terminal: the locale decides whether there is UTF-8, LC_ALL before LC_CTYPE before LANG', () => {
  assert.equal(isUtf8Locale({ LANG: 'de_DE.UTF-8' }), true);
  assert.equal(isUtf8Locale({ LANG: 'C.utf8' }), true);
  assert.equal(isUtf8Locale({ LANG: 'C.UTF-8', LC_ALL: 'C' }), false);
  assert.equal(isUtf8Locale({ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }), true);
  assert.equal(isUtf8Locale({}), false);
});
