/**
 * Reads batch bodies: small ones at once, large ones on a second thread, one after another.
 */
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../system/assets.ts';
import { type BatchBody, type BatchRead, readBatchBody } from './batch-body.ts';
import { HttpError } from './errors.ts';

/** Below it the way to the other thread and back costs more than the reading. A packed body is larger than it looks. */
const LARGE_BYTES = { plain: 32 * 1024, packed: 4 * 1024 };
/** Large bodies that wait for the second thread. Beyond: 503 with Retry-After. */
const WAITING_MAX = 64;

export interface BatchRequest extends BatchBody {
  /** Asked when its turn comes: a sender that has left is passed over. */
  readonly isWanted: () => boolean;
}

export interface BatchReader {
  /** @throws HttpError 503 when there is no room to read it */
  read(request: BatchRequest): Promise<BatchRead>;
  close(): Promise<void>;
}

interface Waiting {
  readonly request: BatchRequest;
  readonly resolve: (read: BatchRead) => void;
  readonly reject: (error: HttpError) => void;
}

export function createBatchReader(): BatchReader {
  let worker: Worker | undefined;
  let current: Waiting | undefined;
  const waiting: Waiting[] = [];

  function start(): Worker {
    const started = startWorker(new URL('./batch-worker.ts', import.meta.url));
    started.unref();
    started.on('message', (read: BatchRead) => {
      current?.resolve(read);
      current = undefined;
      next();
    });
    started.on('error', (error) => {
      // Out of memory, at the worst: whoever waited is told to come again, and the next body starts a new thread.
      worker = undefined;
      const reason = 'the server had no room to read this batch: try again later, in smaller batches';
      current?.reject(new HttpError(503, reason, { cause: error }));
      current = undefined;
      next();
    });
    return started;
  }

  function next(): void {
    if (current) return;
    current = waiting.shift();
    if (!current) return;
    if (!current.request.isWanted()) {
      current.reject(new HttpError(503, 'the sender has left'));
      current = undefined;
      next();
      return;
    }
    worker ??= start();
    const { bytes, encoding, type, nowMs, needsHash } = current.request;
    const body: BatchBody = { bytes, encoding, type, nowMs, needsHash };
    // A body of its own memory moves to the other thread, one that shares memory with others is copied.
    const ownsMemory = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
    worker.postMessage(body, ownsMemory ? [bytes.buffer as ArrayBuffer] : []);
  }

  return {
    async read(request) {
      const isPacked = request.encoding !== 'identity';
      if (request.bytes.length < LARGE_BYTES[isPacked ? 'packed' : 'plain']) return readBatchBody(request);
      if (waiting.length >= WAITING_MAX) {
        throw new HttpError(503, `${WAITING_MAX} large batches wait to be read: try again later`);
      }
      return new Promise<BatchRead>((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        next();
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
