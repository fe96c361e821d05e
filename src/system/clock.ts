/**
 * Time as an argument: what waits or stamps is given a clock, so that a test can hold it.
 */
import { setTimeout as sleepFor } from 'node:timers/promises';

export interface Clock {
  /** Wall clock, ms since the epoch; may step. */
  nowMs(): number;
  /** Never steps back; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after that time, or at once when the signal aborts: the caller looks at the signal. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(durationMs, signal) {
    try {
      await sleepFor(durationMs, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};
