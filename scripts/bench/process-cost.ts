/**
 * What another process costs, out of /proc: Linux alone.
 */
import { readFileSync } from 'node:fs';

/** sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ProcessCost {
  readonly cpuSeconds: number;
  readonly memoryMb: number;
  readonly memoryPeakMb: number;
}

export function processCost(pid: number): ProcessCost {
  // The name in parentheses may hold spaces; after it, user and system time are the 12th and 13th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    memoryMb: mb('VmRSS'),
    memoryPeakMb: mb('VmHWM'),
  };
}
