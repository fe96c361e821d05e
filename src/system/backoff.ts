/**
 * Waits between tries: doubling, jittered, bounded.
 */
export interface Backoff {
  /** The next wait, ms. */
  nextMs(): number;
  /** After a success: the next wait is short again. */
  reset(): void;
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

/** Each wait is drawn between half and all of a bound that doubles from `firstMs` to `maxMs`. */
export function createBackoff({ firstMs, maxMs, random = Math.random }: BackoffOptions): Backoff {
  let boundMs = firstMs;
  return {
    nextMs() {
      const waitMs = boundMs * (0.5 + random() / 2);
      boundMs = Math.min(maxMs, boundMs * 2);
      return waitMs;
    },
    reset() {
      boundMs = firstMs;
    },
  };
}
