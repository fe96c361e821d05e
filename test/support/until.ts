/** Waiting for what comes about by itself, with a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 5;

/** @throws Error when it has not come about by then */
export async function until(holds: () => boolean, deadlineMs = 20_000): Promise<void> {
  for (const startMs = performance.now(); !holds(); await sleep(LOOK_MS)) {
    if (performance.now() - startMs > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${holds}`);
  }
}
