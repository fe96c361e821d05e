/**
 * A process from its start to its end, and what it cost.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ProcessCost, processCost } from './process-cost.ts';

const LOOK_MS = 20;

export interface Ended {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryPeakMb: number;
}

/** The cost is as of the last look, at most 20 ms before its end. @throws Error when it fails */
export async function runToEnd(command: string, args: readonly string[]): Promise<Ended> {
  const startMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let cost: ProcessCost | undefined;
  const looking = setInterval(() => {
    const { pid, exitCode } = child;
    if (pid === undefined || exitCode !== null) return;
    try {
      const now = processCost(pid);
      // One that has just ended has no memory any more.
      if (!Number.isNaN(now.memoryPeakMb)) cost = now;
    } catch {
      // It has ended meanwhile.
    }
  }, LOOK_MS);
  const [code] = await once(child, 'exit');
  clearInterval(looking);
  const seconds = (performance.now() - startMs) / 1000;
  if (code !== 0 || !cost) throw new Error(`${command} ${args[0]} ended with ${code}: ${said}`);
  return { seconds, cpuSeconds: cost.cpuSeconds, memoryPeakMb: cost.memoryPeakMb };
}
