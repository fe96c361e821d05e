/**
 * Writes to a pipe or terminal no faster than it takes, and knows when its reader has gone (`| head`).
 */
import type { Writable } from 'node:stream';
import { hasCode } from '../../system/files.ts';

export interface LineWriter {
  /** Resolves when more may come; at once when the reader has gone. */
  write(text: string): Promise<void>;
  /** Aborts when nobody reads any more. */
  readonly gone: AbortSignal;
}

export function createLineWriter(output: Writable): LineWriter {
  const gone = new AbortController();
  let wake: (() => void) | undefined;
  const release = () => {
    wake?.();
    wake = undefined;
  };
  output.on('drain', release);
  output.on('error', (error) => {
    // The reader of a pipe has left: an answer, not a fault. Whatever else is wrong with it, nobody can read it either.
    gone.abort(hasCode(error, 'EPIPE') ? undefined : error);
    release();
  });
  output.on('close', () => {
    gone.abort();
    release();
  });
  return {
    gone: gone.signal,
    async write(text) {
      if (gone.signal.aborted || text === '' || output.write(text)) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
  };
}
