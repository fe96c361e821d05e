/**
 * How urgent the work of a thread is. On Linux a priority is of the thread that sets it; elsewhere it would be of the whole
 * program.
 */
import { setPriority } from 'node:os';

/** Lets the other threads go first. @param niceness as `nice` counts: 0 is usual, 19 is least urgent */
export function yieldToOthers(niceness: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(niceness);
  } catch {
    // Where it is not allowed, the thread takes its part like everything else.
  }
}
