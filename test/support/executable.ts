/**
 * The built executable, run as a stranger runs it: from an empty folder, with nothing on the PATH.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EXECUTABLE = fileURLToPath(new URL('../../dist/logd', import.meta.url));

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when the text has been printed on either; rejects at its end or after the deadline, telling what was. */
  printed(text: string | RegExp, deadlineMs?: number): Promise<void>;
  /** Its exit code; null when a signal ended it. */
  ended(deadlineMs?: number): Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** An empty folder that is gone after the test. */
export async function emptyFolder(t: { after(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logd-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function run(
  args: readonly string[],
  { cwd, env = {}, input }: { cwd: string; env?: Record<string, string>; input?: string },
): Running {
  assert.ok(existsSync(EXECUTABLE), `there is no ${EXECUTABLE}: run npm run build first`);
  const child = spawn(EXECUTABLE, args, {
    cwd,
    env: { PATH: '', HOME: cwd, LANG: 'C.UTF-8', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  child.stdin.on('error', () => {
    // A command that ends without reading its input is free to do so.
  });
  if (input !== undefined) child.stdin.end(input);
  const closed = once(child, 'close');
  closed.then(look, look);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const told = () => `stdout: ${stdout.slice(-2000)}\nstderr: ${stderr.slice(-2000)}`;

  async function ended(deadlineMs = 20_000): Promise<number | null> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    await closed;
    clearTimeout(timer);
    assert.ok(!isLate, `it did not end within ${deadlineMs} ms\n${told()}`);
    return child.exitCode;
  }

  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    printed(text, deadlineMs = 10_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => finish(new Error(`not printed within ${deadlineMs} ms: ${text}\n${told()}`)),
          deadlineMs,
        );
        const finish = (error?: Error) => {
          clearTimeout(timer);
          waiting.delete(check);
          if (error) reject(error);
          else resolve();
        };
        const check = () => {
          const all = `${stdout}\n${stderr}`;
          if (typeof text === 'string' ? all.includes(text) : text.test(all)) finish();
          else if (hasEnded()) finish(new Error(`ended without printing: ${text}\n${told()}`));
        };
        waiting.add(check);
        check();
      });
    },
    ended,
    async kill(signal = 'SIGKILL') {
      if (hasEnded()) return;
      child.kill(signal);
      await closed;
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded()) child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Runs to its end. */
export async function runToEnd(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; input?: string },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  await using running = run(args, { input: '', ...options });
  const code = await running.ended();
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** A server of its own, ready. */
export async function serve(
  args: readonly string[],
  { cwd, env = {}, port = 0 }: { cwd: string; env?: Record<string, string>; port?: number },
): Promise<Running & { readonly url: string; readonly port: number }> {
  const running = run(['serve', '--port', String(port), '--data', join(cwd, 'data'), ...args], { cwd, env });
  await running.printed(/^logd listening on \S+$/m);
  const url = /^logd listening on (\S+)$/m.exec(running.stdout())?.[1] ?? '';
  return { ...running, url, port: Number(new URL(url).port) };
}

/** All that a server has, oldest first by id, in pages. */
export async function allEntries(
  url: string,
): Promise<{ uuid: string; message: string; client_id: string; log_level: string; timestamp_str: string }[]> {
  const all = [];
  for (let since = ''; ; ) {
    const response = await fetch(`${url}/api/logs/new?limit=1000${since && `&since=${since}`}`);
    const { logs } = (await response.json()) as {
      logs: { uuid: string; message: string; client_id: string; log_level: string; timestamp_str: string }[];
    };
    if (logs.length === 0) return all;
    all.push(...logs);
    since = logs.at(-1)?.uuid ?? '';
  }
}
