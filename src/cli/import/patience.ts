/**
 * Waiting for a server that is away for a while: how long, and what is said of it. A server that never answered is not
 * waited for: its address is wrong, more likely.
 */
import { createBackoff } from '../../system/backoff.ts';
import type { Clock } from '../../system/clock.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError } from '../exit.ts';

/** Waits between tries. */
const RETRY_FIRST_MS = 250;
const RETRY_MS_MAX = 5_000;
/** A server that answers and asks to wait is only told of when it does so for longer: a limited rate is no trouble. */
const BUSY_UNTOLD_MS = 5_000;
/** A server that does not come back. Beyond: the import fails, and can be run again. */
const AWAY_MS_MAX = 15 * 60_000;

export interface Trouble {
  readonly message: string;
  /** Whether it answered at all. */
  readonly hasAnswered: boolean;
  readonly retryAfterMs?: number | undefined;
}

export interface Patience {
  /**
   * Waits until it is time to try again; at a stop, returns at once.
   * @throws CommandError when there is no use in it
   */
  wait(trouble: Trouble): Promise<void>;
  succeeded(): void;
}

export interface PatienceOptions {
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly stop: AbortSignal;
}

export function createPatience({ serverUrl, clock, reporter, stop }: PatienceOptions): Patience {
  const backoff = createBackoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MS_MAX });
  let hasEverAnswered = false;
  let awaySinceMs: number | undefined;
  let isTold = false;
  return {
    async wait({ message, hasAnswered, retryAfterMs = 0 }) {
      hasEverAnswered ||= hasAnswered;
      if (!hasEverAnswered) throw new CommandError(message);
      const nowMs = clock.monotonicMs();
      awaySinceMs ??= nowMs;
      if (nowMs - awaySinceMs > AWAY_MS_MAX) {
        throw new CommandError(
          `${message}; given up after ${AWAY_MS_MAX / 60_000} minutes: run the import again, it goes on where it was`,
        );
      }
      if (!isTold && (!hasAnswered || nowMs - awaySinceMs >= BUSY_UNTOLD_MS)) {
        isTold = true;
        reporter({ severity: 'warning', event: 'server-away', message: `${message}; waiting for it` });
      }
      await clock.sleep(Math.max(backoff.nextMs(), Math.min(retryAfterMs, RETRY_MS_MAX)), stop);
    },
    succeeded() {
      hasEverAnswered = true;
      if (awaySinceMs === undefined) return;
      awaySinceMs = undefined;
      backoff.reset();
      if (!isTold) return;
      isTold = false;
      reporter({ severity: 'info', event: 'server-back', message: `${serverUrl} takes logs again` });
    },
  };
}
