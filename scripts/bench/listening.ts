/**
 * A server of another process, from the line that says it listens to its end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Listening {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the line that says it listens. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** @throws Error when it ends before it listens */
export async function startListening(command: string, args: readonly string[]): Promise<Listening> {
  const beginMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // A benchmark that fails leaves nothing behind that takes of the machine.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^\w+ listening on (\S+)/.exec(line)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    return {
      url,
      pid: child.pid,
      startMs: performance.now() - beginMs,
      async stop() {
        child.kill('SIGTERM');
        await ended;
        process.off('exit', kill);
      },
    };
  }
  const [code] = await ended;
  throw new Error(`${command} ${args[0]} ended before it listened, with ${code}`);
}
