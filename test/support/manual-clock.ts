/**
 * A clock whose wall time stands until a test moves it. Differences and waits are real.
 */
import { type Clock, realClock } from '../../src/system/clock.ts';

export interface ManualClock extends Clock {
  /** Ms since the epoch. */
  wallMs: number;
}

export function createManualClock(wallMs = Date.UTC(2026, 10, 23, 3, 10, 11, 123)): ManualClock {
  return { ...realClock, wallMs, nowMs: manualNow };
}

function manualNow(this: ManualClock): number {
  return this.wallMs;
}
