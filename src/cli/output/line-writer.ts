/**
 * Writes to a pipe or terminal no faster than it takes, and knows when its reader has gone (`| head`).
 */
import type { Writable } from 'node:stream';
import { hasCode } from '../../system/files.ts';

export interface LineWriter {
  /** Resolves when more may come; at once when the reader has gone. */
  write(text: string): Promise<void>;
  /** Aborts when nobody reads any more, or when it cannot be written. */
  readonly gone: AbortSignal;
  /** Why it cannot be written (a full disk); undefined for a reader that has left (`| head`). */
  failure(): Error | undefined;
}

export interface LineWriterOptions {
  /** Asked now and then, for output that may rest for long: whether its reader has left. */
  readonly hasLostReader?: () => boolean;
}

const LOOK_MS = 1_000;

export function createLineWriter(output: Writable, { hasLostReader }: LineWriterOptions = {}): LineWriter {
  const gone = new AbortController();
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const release = () => {
    wake?.();
    wake = undefined;
  };
  output.on('drain', release);
  // What the command line does about a broken stdout while nobody writes to it does not count from here on.
  output.removeAllListeners('error');
  output.on('error', (error) => {
    // A reader of a pipe that has left is an answer, not a fault.
    if (!hasCode(error, 'EPIPE')) failure ??= error;
    gone.abort();
    release();
  });
  output.on('close', () => {
    gone.abort();
    release();
  });
  if (hasLostReader) {
    const looking = setInterval(() => {
      if (!hasLostReader()) return;
      gone.abort();
      release();
    }, LOOK_MS);
    looking.unref();
    gone.signal.addEventListener('abort', () => clearInterval(looking));
  }
  return {
    gone: gone.signal,
    failure: () => failure,
    async write(text) {
      if (gone.signal.aborted || text === '' || output.write(text)) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
  };
}
