/**
 * The terminal through blessed: screen, keys, mouse, and the way back. What blessed of 2015 gets wrong about today's
 * terminals is set right here.
 */
import { createRequire } from 'node:module';
import blessed from 'blessed';
import { toAscii } from './ascii-cells.ts';
import type { CellRow } from './canvas.ts';
import { type BlessedKey, type PressedKey, pressedKey } from './terminal-key.ts';
import { charWidth, FILLER } from './width.ts';

export interface Terminal {
  readonly width: number;
  readonly height: number;
  readonly isUtf8: boolean;
  /** The text console of Linux itself: few signs, and sequences for windows are printed by old kernels. */
  readonly isConsole: boolean;
  /** The cells to paint into; others after a resize. */
  readonly rows: readonly CellRow[];
  /** The blessed screen, for widgets that want one. */
  readonly screen: blessed.Widgets.Screen;
  /** Brings what was painted to the terminal; the cursor goes there, or hides. */
  draw(cursor?: { readonly x: number; readonly y: number }): void;
  /** Asks the terminal to put a text on the clipboard (OSC 52). */
  copy(text: string): void;
  setTitle(title: string): void;
  /** Stops this process as Ctrl-Z does; `onResume` when it goes on. */
  suspend(onResume: () => void): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

export interface TerminalOptions {
  readonly env: NodeJS.ProcessEnv;
  onKey(key: PressedKey): void;
  onResize(): void;
  /** Positive: downwards. */
  onWheel(rows: number): void;
  onClick(x: number, y: number): void;
  /** The terminal is gone. */
  onGone(): void;
}

/** What blessed has beyond its types. */
interface Internals {
  readonly lines: readonly CellRow[];
  alloc(): void;
  enter(): void;
  leave(): void;
  draw(from: number, to: number): void;
  readonly tput: { brokenACS: boolean };
}
interface ProgramInternals {
  readonly cursorHidden: boolean;
  _write(text: string): void;
  flush(): void;
  setMouse(options: object, enable: boolean): void;
  bindMouse(): void;
  cup(y: number, x: number): void;
  removeAllListeners(event: string): void;
  on(event: string, listener: (...values: never[]) => void): void;
}
interface MouseData {
  readonly action: string;
  readonly x: number;
  readonly y: number;
}

const WHEEL_ROWS = 3;
const MOUSE = { vt200Mouse: true, cellMotion: true, sgrMouse: true };
const NO_MOUSE = { vt200Mouse: false, cellMotion: false, sgrMouse: false };

export function openTerminal(options: TerminalOptions): Terminal {
  const isUtf8 = isUtf8Locale(options.env);
  const isConsole = options.env.TERM === 'linux';
  useOwnTerminfo();
  useOwnWidths();
  const screen = blessed.screen({
    terminal: 'xterm-256color',
    warnings: false,
    fullUnicode: true,
    forceUnicode: isUtf8,
    smartCSR: false,
    autoPadding: false,
  });
  const internals = screen as unknown as Internals;
  const program = screen.program as unknown as ProgramInternals;
  // Frames are made of UTF-8 where it can be: many terminals show the alternate character set as letters.
  internals.tput.brokenACS = isUtf8;
  // Drawn by us, after everything has its new place.
  program.removeAllListeners('resize');
  program.on('resize', () => {
    internals.alloc();
    options.onResize();
  });
  program.on('keypress', ((typed: string | undefined, key: BlessedKey | undefined) => {
    const pressed = pressedKey(typed, key ?? {});
    if (pressed) options.onKey(pressed);
  }) as () => void);
  program.setMouse(MOUSE, true);
  program.bindMouse();
  program.on('mouse', ((data: MouseData) => {
    if (data.action === 'wheelup') options.onWheel(-WHEEL_ROWS);
    else if (data.action === 'wheeldown') options.onWheel(WHEEL_ROWS);
    else if (data.action === 'mousedown') options.onClick(data.x, data.y);
  }) as () => void);
  let isOpen = true;
  let isShown = true;
  const onGone = () => {
    if (isOpen) options.onGone();
  };
  // A terminal that is closed answers with EIO: that is heard here alone.
  process.stdout.removeAllListeners('error');
  process.stdin.on('error', onGone);
  process.stdin.on('end', onGone);
  process.stdout.on('error', onGone);

  // The terminal comes back before Node tells of the crash on it.
  const onCrash = () => terminal.close();
  process.once('uncaughtExceptionMonitor', onCrash);

  const terminal: Terminal = {
    screen,
    isUtf8,
    isConsole,
    get width() {
      return screen.cols;
    },
    get height() {
      return screen.rows;
    },
    get rows() {
      return internals.lines;
    },
    draw(cursor) {
      if (!isOpen || !isShown) return;
      if (!isUtf8) toAscii(internals.lines);
      internals.draw(0, internals.lines.length - 1);
      if (cursor) {
        program.cup(cursor.y, cursor.x);
        screen.program.showCursor();
      } else if (!program.cursorHidden) screen.program.hideCursor();
    },
    copy(text) {
      if (isConsole) return;
      program._write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`);
    },
    setTitle(title) {
      if (isConsole) return;
      // The title of before is kept by the terminal and comes back with close (XTWINOPS 22 and 23).
      program._write(`\x1b[22;2t\x1b]2;${title}\x07`);
    },
    suspend(onResume) {
      isShown = false;
      program.setMouse(NO_MOUSE, false);
      internals.leave();
      process.stdin.setRawMode(false);
      process.once('SIGCONT', () => {
        process.stdin.setRawMode(true);
        internals.enter();
        program.setMouse(MOUSE, true);
        isShown = true;
        onResume();
      });
      process.kill(process.pid, 'SIGTSTP');
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      program.setMouse(NO_MOUSE, false);
      program._write(isConsole ? '\x1b[m' : '\x1b[m\x1b[23;2t');
      screen.destroy();
      program.flush();
      process.off('uncaughtExceptionMonitor', onCrash);
    },
  };
  return terminal;
}

export function isUtf8Locale(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32') return true;
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}

/**
 * blessed's parser cannot read the terminfo of today's systems; its own copy of xterm-256color fits every terminal of
 * today. The build embeds that copy, and then the path given here is not read.
 */
function useOwnTerminfo(): void {
  const { prototype } = (blessed as unknown as { tput: { prototype: { _prefix: () => string } } }).tput;
  prototype._prefix = () => {
    try {
      return createRequire(import.meta.url).resolve('blessed/usr/xterm-256color');
    } catch {
      // In the executable there is no such file, and no need of it.
      return 'xterm-256color';
    }
  };
}

/** blessed's widths are older than emoji; they must be those that the cells were made by. */
function useOwnWidths(): void {
  const { unicode } = blessed as unknown as { unicode: { charWidth: (text: string | number, at?: number) => number } };
  unicode.charWidth = (text, at = 0) => {
    if (text === FILLER) return 0;
    return charWidth(typeof text === 'number' ? text : (text.codePointAt(at) ?? 0x20));
  };
}
