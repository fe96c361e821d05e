/**
 * One live stream's receiving end: a socket that may be slow. Beyond a bound of unsent bytes it is no longer fed, what it
 * misses is counted, and it is told when it has drained.
 */
import type { ServerResponse } from 'node:http';
import { VIEWER_UNSENT_BYTES_MAX } from '../../entry/limits.ts';
import { encodeGap } from './events.ts';

export class Viewer {
  readonly #response: ServerResponse;
  readonly #onMissed: (count: number) => void;
  readonly #openedMs = performance.now();
  #missed = 0;
  #drained: (() => void) | undefined;
  closed = false;

  constructor(response: ServerResponse, onMissed: (count: number) => void) {
    this.#response = response;
    this.#onMissed = onMissed;
    response.on('drain', () => this.#onDrain());
    response.on('close', () => {
      this.closed = true;
      this.#drained?.();
    });
  }

  get ageMs(): number {
    return performance.now() - this.#openedMs;
  }

  /** Whether it takes more now; while it does not, what it should have had is counted by `miss`. */
  get takesMore(): boolean {
    return !this.closed && this.#missed === 0 && this.#response.writableLength <= VIEWER_UNSENT_BYTES_MAX;
  }

  write(bytes: string | Uint8Array): void {
    if (!this.closed) this.#response.write(bytes);
  }

  miss(count: number): void {
    if (this.closed) return;
    this.#missed += count;
    this.#onMissed(count);
  }

  /** Resolves when what was written has left for the socket, or the viewer is gone. For replays, which wait. */
  async drain(): Promise<void> {
    if (this.closed || !this.#response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.#response.end();
    this.#drained?.();
  }

  #onDrain(): void {
    this.#drained?.();
    this.#drained = undefined;
    if (this.#missed === 0) return;
    this.#response.write(encodeGap(this.#missed));
    this.#missed = 0;
  }
}
