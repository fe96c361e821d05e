/**
 * Handing over, and what is to be done while it takes long: while the spool is full the source waits, and files are
 * rotated all the same.
 */
import type { Chunk } from '../chunk.ts';
import type { SourceContext } from '../source.ts';

export class WaitingPut {
  readonly #context: Pick<SourceContext, 'put' | 'clock'>;
  #waiting = 0;
  #sinceMs = 0;

  constructor(context: Pick<SourceContext, 'put' | 'clock'>) {
    this.#context = context;
  }

  readonly put = async (chunk: Chunk): Promise<void> => {
    if (this.#waiting === 0) this.#sinceMs = this.#context.clock.monotonicMs();
    this.#waiting++;
    await this.#context.put(chunk);
    this.#waiting--;
  };

  /** Until the signal aborts. */
  async whileWaiting(everyMs: number, act: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal);
      const isLong = this.#waiting > 0 && clock.monotonicMs() - this.#sinceMs >= everyMs;
      if (isLong && !signal.aborted) await act();
    }
  }
}
