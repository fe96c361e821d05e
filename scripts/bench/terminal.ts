/**
 * A real terminal to measure in: a tmux of its own, led over its control mode, which tells each output as it comes and
 * takes keys without a process for each.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Every frame of the dashboard begins with it. */
const FIRST_FRAME = /logd/;
const DEADLINE_MS = 20_000;
let opened = 0;

export interface Terminal {
  /** Of the command that runs in it. */
  readonly pid: number;
  /** Drawn since the beginning. */
  frames(): number;
  /** From the start of the command. */
  readonly firstFrameMs: number;
  /** Presses a key, by tmux's names. @returns ms until that text is printed; undefined text: not waited for */
  press(key: string, text?: RegExp): Promise<number>;
  close(): Promise<void>;
}

export interface TerminalOptions {
  readonly width: number;
  readonly height: number;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export async function openTerminal({ width, height, command, env }: TerminalOptions): Promise<Terminal> {
  const name = `logd-bench-${process.pid}-${++opened}`;
  const tmux = async (...args: readonly string[]) => (await run('tmux', ['-u', '-L', name, ...args])).stdout.trim();
  await run('tmux', [
    ...['-u', '-L', name, '-f', '/dev/null', 'new-session', '-d', '-s', 'bench'],
    ...['-x', String(width), '-y', String(height), 'cat'],
  ]);
  const control = spawn('tmux', ['-u', '-L', name, '-C', 'attach', '-t', 'bench', '-f', 'ignore-size'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let frameCount = 0;
  let text = '';
  let waiting: { readonly wanted: RegExp; found(atMs: number): void } | undefined;
  createInterface({ input: control.stdout }).on('line', (line) => {
    if (!line.startsWith('%output ')) return;
    const atMs = performance.now();
    // Each frame saves the cursor first (DECSC).
    frameCount += line.split('\\0337').length - 1;
    if (!waiting) return;
    text += printed(line.slice(line.indexOf(' ', 8) + 1));
    if (!waiting.wanted.test(text)) return;
    const { found } = waiting;
    waiting = undefined;
    found(atMs);
  });
  const printedAt = (wanted: RegExp): Promise<number> => {
    text = '';
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not printed within ${DEADLINE_MS} ms: ${wanted}`)), DEADLINE_MS);
      waiting = {
        wanted,
        found(atMs) {
          clearTimeout(timer);
          resolve(atMs);
        },
      };
    });
  };
  const environment = Object.entries(env).flatMap(([variable, value]) => ['-e', `${variable}=${value}`]);
  const startMs = performance.now();
  const first = printedAt(FIRST_FRAME);
  await tmux('respawn-pane', '-k', '-t', 'bench', ...environment, ...command);
  const shell = Number(await tmux('display-message', '-p', '-t', 'bench', '#{pane_pid}'));
  return {
    pid: await processOf(shell, command[0] ?? ''),
    frames: () => frameCount,
    firstFrameMs: (await first) - startMs,
    async press(key, wanted) {
      const pressedMs = performance.now();
      const found = wanted && printedAt(wanted);
      control.stdin.write(`send-keys -t bench ${key}\n`);
      return found ? (await found) - pressedMs : 0;
    },
    async close() {
      control.stdin.end();
      await tmux('kill-server');
    },
  };
}

/** What an escaped output shows, without its escape sequences. */
function printed(escaped: string): string {
  return escaped
    .replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
    .replace(/\u001b(?:\[[\d;?]*[A-Za-z]|[78=>])/g, '');
}

/** tmux may start a command through a shell. */
async function processOf(parent: number, executable: string): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const found = childOf(parent, executable);
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`no process of ${executable} in the terminal`);
}

function childOf(parent: number, executable: string): number | undefined {
  if (readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0')[0] === executable) return parent;
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
  for (const child of children === '' ? [] : children.split(' ')) {
    const found = childOf(Number(child), executable);
    if (found !== undefined) return found;
  }
  return undefined;
}
