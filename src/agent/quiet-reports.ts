/**
 * While there is nothing to send, or the server wants nothing just now, it hears of the agent all the same: an empty batch without a number that carries
 * its state. Trouble with it is not told, as nothing waits for the server; the next batch tells it.
 */
import type { Clock } from '../system/clock.ts';
import { GOODBYE_MS_MAX, REPORT_BEHIND_MS, REPORT_FIRST_MS, REPORT_QUIET_MS, REPORT_RETRY_MS } from './limits.ts';
import type { Poster } from './post.ts';
import type { AgentStatus, StatusWish } from './status.ts';

export interface QuietReportsOptions {
  readonly status: AgentStatus;
  readonly post: Poster<undefined>;
  readonly server: () => string;
  /** A report did not arrive: with several servers the next one may take it. */
  readonly onFailure: () => void;
  readonly clock: Clock;
}

const NO_LINES = Buffer.alloc(0);

export class QuietReports {
  readonly #options: QuietReportsOptions;
  #dueMs: number;

  constructor(options: QuietReportsOptions) {
    this.#options = options;
    this.#dueMs = options.clock.monotonicMs() + REPORT_FIRST_MS;
  }

  /** For a batch that is posted now. */
  textWith(wish: StatusWish): string {
    const { status, clock } = this.#options;
    // Not waited for: this report tells what the last look found.
    void status.measure();
    this.#dueMs = clock.monotonicMs() + (status.isBehind(wish.without) ? REPORT_BEHIND_MS : REPORT_QUIET_MS);
    return status.text(wish);
  }

  /** Reports for as long as that waits; it is given the signal. */
  async during(waiting: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const turn = new AbortController();
    const woken = AbortSignal.any([signal, turn.signal]);
    const happened = waiting(signal).then(() => turn.abort());
    while (!woken.aborted) {
      await clock.sleep(Math.max(0, this.#dueMs - clock.monotonicMs()), woken);
      // A batch that is there by now need not wait for a report to be answered.
      if (!woken.aborted) await this.#report(woken);
    }
    await happened;
  }

  /** The last report, so that nobody waits for another. */
  async sayGoodbye(): Promise<void> {
    const { status, post, server } = this.#options;
    await post(server(), undefined, NO_LINES, AbortSignal.timeout(GOODBYE_MS_MAX), status.text({ isStopped: true }));
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { status, post, server, onFailure, clock } = this.#options;
    await status.measure();
    if (signal.aborted) return;
    const result = await post(server(), undefined, NO_LINES, signal, status.text());
    if (result.kind === 'aborted') return;
    if (result.kind !== 'stored') onFailure();
    const waitMs = result.kind !== 'stored' ? REPORT_RETRY_MS : status.isBehind() ? REPORT_BEHIND_MS : REPORT_QUIET_MS;
    this.#dueMs = clock.monotonicMs() + waitMs;
  }
}
