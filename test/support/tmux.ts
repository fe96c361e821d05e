/**
 * A real terminal for tests: a tmux server of its own. What a test waits for is looked for whenever tmux says that
 * something was printed, not at intervals.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

export interface Tmux extends AsyncDisposable {
  /** The rows of the screen, without the blanks at their ends. */
  screen(): Promise<string[]>;
  /** The same with colours and attributes as SGR sequences. */
  styledScreen(): Promise<string>;
  /** Keys by tmux's names: `j`, `C-d`, `Enter`, `PPage`. */
  keys(...names: readonly string[]): Promise<void>;
  /** Types a text as it is. */
  type(text: string): Promise<void>;
  /** Resolves with the screen when it fulfils the condition; rejects after the deadline, showing what was there. */
  until(wanted: RegExp | ((screen: string) => boolean), deadlineMs?: number): Promise<string>;
  resize(width: number, height: number): Promise<void>;
  /** A format of tmux: `#{alternate_on}`. */
  format(format: string): Promise<string>;
  /** The process of that executable in the terminal. */
  processId(executable: string): Promise<number>;
}

export interface TmuxOptions {
  readonly width: number;
  readonly height: number;
  /** Run by sh. */
  readonly command: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function openTmux({ width, height, command, cwd, env = {} }: TmuxOptions): Promise<Tmux> {
  const socketFolder = await mkdtemp(join(tmpdir(), 'logd-tmux-'));
  const socket = join(socketFolder, 'socket');
  const clean: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    ...env,
  };
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { env: clean, cwd });
    return stdout;
  };
  await tmux('new-session', '-d', '-s', 'test', '-x', String(width), '-y', String(height), 'cat');
  await tmux('set', '-g', 'default-terminal', clean.TERM ?? 'tmux-256color');
  await tmux('set', '-g', 'remain-on-exit', 'on');
  const events = await watch(socket, clean);
  await tmux('respawn-pane', '-k', '-t', 'test', 'sh', '-c', command);

  const screen = async () => (await tmux('capture-pane', '-p', '-t', 'test')).split('\n').map((row) => row.trimEnd());
  return {
    screen,
    styledScreen: () => tmux('capture-pane', '-p', '-e', '-N', '-t', 'test'),
    async keys(...names) {
      for (const name of names) await tmux('send-keys', '-t', 'test', name);
    },
    async type(text) {
      await tmux('send-keys', '-t', 'test', '-l', text);
    },
    async until(wanted, deadlineMs = 10_000) {
      const fulfils = typeof wanted === 'function' ? wanted : (text: string) => wanted.test(text);
      const deadline = Date.now() + deadlineMs;
      for (;;) {
        const news = events.next(deadline - Date.now());
        const text = (await screen()).join('\n');
        if (fulfils(text)) return text;
        if (Date.now() >= deadline) throw new Error(`not within ${deadlineMs} ms: ${wanted}\n${text}`);
        await news;
      }
    },
    async resize(toWidth, toHeight) {
      await tmux('resize-window', '-t', 'test', '-x', String(toWidth), '-y', String(toHeight));
    },
    format: async (format) => (await tmux('display-message', '-p', '-t', 'test', format)).trim(),
    async processId(executable) {
      const pane = await tmux('display-message', '-p', '-t', 'test', '#{pane_pid}');
      const found = await findProcess(Number(pane), executable);
      if (found === undefined) throw new Error(`no process of ${executable} in the terminal`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      events.close();
      await tmux('kill-server').catch(() => {
        // It has ended by itself.
      });
      await rm(socketFolder, { recursive: true, force: true });
    },
  };
}

interface Events {
  /** Resolves at the next output in the terminal, or after that time. */
  next(waitMs: number): Promise<void>;
  close(): void;
}

/** A client in control mode is told of all output. */
async function watch(socket: string, env: Record<string, string>): Promise<Events> {
  const args = ['-u', '-S', socket, '-C', 'attach', '-t', 'test', '-f', 'ignore-size'];
  const client: ChildProcess = spawn('tmux', args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let wake: (() => void) | undefined;
  const told = () => {
    wake?.();
    wake = undefined;
  };
  await new Promise((resolve) => client.stdout?.once('data', resolve));
  client.stdout?.on('data', told);
  client.on('close', told);
  return {
    next: (waitMs) =>
      new Promise((resolve) => {
        // A frame may be on its way without further output: look again after a while at the latest.
        const timer = setTimeout(told, Math.max(1, Math.min(waitMs, 250)));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close: () => client.stdin?.end(),
  };
}

async function findProcess(parent: number, executable: string): Promise<number | undefined> {
  const command = (await readFile(`/proc/${parent}/cmdline`, 'utf8')).split('\0')[0] ?? '';
  if (command === executable) return parent;
  const children = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim();
  for (const child of children === '' ? [] : children.split(' ')) {
    const found = await findProcess(Number(child), executable);
    if (found !== undefined) return found;
  }
  return undefined;
}
