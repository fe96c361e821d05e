/**
 * One live stream's receiving end: a socket that may be slow. Beyond a bound of unsent bytes it is no longer fed, what it
 * misses is counted, and it is told when it has drained; then it catches up with states, which no count makes good.
 */
import type { ServerResponse } from 'node:http';
import { VIEWER_UNSENT_BYTES_MAX } from '../../entry/limits.ts';
import { encodeGap } from './events.ts';

export interface ViewerListener {
  /** Entries it was too slow for. */
  onMissed(count: number): void;
  /** It takes more again, after it missed something for that long. */
  onDrained(behindMs: number): void;
}

export class Viewer {
  readonly #response: ServerResponse;
  readonly #listener: ViewerListener;
  readonly #openedMs = performance.now();
  #missed = 0;
  /** When it first missed something; undefined: it has missed nothing since it last drained. */
  #behindSinceMs: number | undefined;
  #drained: (() => void) | undefined;
  closed = false;

  constructor(response: ServerResponse, listener: ViewerListener) {
    this.#response = response;
    this.#listener = listener;
    response.on('drain', () => this.#onDrain());
    response.on('close', () => {
      this.closed = true;
      this.#drained?.();
    });
  }

  get ageMs(): number {
    return performance.now() - this.#openedMs;
  }

  /** Whether it takes more now; while it does not, what it should have had is told to `miss`. */
  get takesMore(): boolean {
    return (
      !this.closed && this.#behindSinceMs === undefined && this.#response.writableLength <= VIEWER_UNSENT_BYTES_MAX
    );
  }

  write(bytes: string | Uint8Array): void {
    if (!this.closed) this.#response.write(bytes);
  }

  /** @param count of entries; 0: states alone */
  miss(count: number): void {
    if (this.closed) return;
    this.#behindSinceMs ??= performance.now();
    this.#missed += count;
    this.#listener.onMissed(count);
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
    if (this.#behindSinceMs === undefined) return;
    const behindMs = performance.now() - this.#behindSinceMs;
    if (this.#missed > 0) this.#response.write(encodeGap(this.#missed));
    this.#missed = 0;
    this.#behindSinceMs = undefined;
    this.#listener.onDrained(behindMs);
  }
}
