/**
 * The built executable as a server for a benchmark, in a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const EXECUTABLE = fileURLToPath(new URL('../../dist/logd', import.meta.url));

export interface Served {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the line that says it listens. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** @throws Error when it is not built, or ends before it listens */
export async function serve(folder: string, ...options: string[]): Promise<Served> {
  if (!existsSync(EXECUTABLE)) throw new Error('dist/logd is missing: run "npm run build" first');
  const beginMs = performance.now();
  const child = spawn(EXECUTABLE, ['serve', '--port', '0', '--data', folder, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^logd listening on (\S+)$/.exec(line)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    return {
      url,
      pid: child.pid,
      startMs: performance.now() - beginMs,
      async stop() {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  throw new Error(`logd serve ended before it listened, with ${await ended}`);
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}
