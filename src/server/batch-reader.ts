/**
 * Reads batch bodies: small ones at once, large ones on a second thread, each answered in its turn.
 */
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../system/assets.ts';
import { type BatchBody, type BatchRead, readBatchBody } from './batch-body.ts';
import { HttpError } from './errors.ts';

/** Below it the way to the other thread and back costs more than the reading. A packed body is larger than it looks. */
const LARGE_BYTES = { plain: 32 * 1024, packed: 4 * 1024 };

export interface BatchReader {
  read(body: BatchBody): Promise<BatchRead>;
  close(): Promise<void>;
}

export function createBatchReader(): BatchReader {
  let worker: Worker | undefined;
  /** Answers come in the order of the questions. */
  let waiting: { resolve: (read: BatchRead) => void; reject: (error: Error) => void }[] = [];

  function start(): Worker {
    const started = startWorker(new URL('./batch-worker.ts', import.meta.url));
    started.unref();
    started.on('message', (read: BatchRead) => waiting.shift()?.resolve(read));
    started.on('error', (error) => {
      // Out of memory, at the worst: whoever waited is told to come again, and the next body starts a new thread.
      worker = undefined;
      const lost = waiting;
      waiting = [];
      const trouble = new HttpError(
        503,
        'the server had no room to read this batch: try again later, in smaller batches',
        {
          cause: error,
        },
      );
      for (const { reject } of lost) reject(trouble);
    });
    return started;
  }

  return {
    async read(body) {
      const isPacked = body.encoding !== 'identity';
      if (body.bytes.length < LARGE_BYTES[isPacked ? 'packed' : 'plain']) return readBatchBody(body);
      worker ??= start();
      const asked = new Promise<BatchRead>((resolve, reject) => waiting.push({ resolve, reject }));
      // A body of its own memory moves to the other thread, one that shares memory with others is copied.
      const { bytes } = body;
      const ownsMemory = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
      worker.postMessage(body, ownsMemory ? [bytes.buffer as ArrayBuffer] : []);
      return asked;
    },
    async close() {
      await worker?.terminate();
    },
  };
}
