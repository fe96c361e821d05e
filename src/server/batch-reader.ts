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
/** Bodies on the second thread: it finds the next one there when it has read one, however busy this thread is. */
const UNDER_WAY_MAX = 2;

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
  /** On the second thread, in the order of its answers. */
  const underWay: Waiting[] = [];
  const waiting: Waiting[] = [];

  function start(): Worker {
    const started = startWorker(new URL('./batch-worker.ts', import.meta.url));
    started.unref();
    started.on('message', (read: BatchRead) => {
      underWay.shift()?.resolve(read);
      handOver();
    });
    started.on('error', (error) => {
      // Out of memory, at the worst: whoever waited is told to come again, and the next body starts a new thread.
      worker = undefined;
      const reason = 'the server had no room to read this batch: try again later, in smaller batches';
      for (const { reject } of underWay.splice(0)) reject(new HttpError(503, reason, { cause: error }));
      handOver();
    });
    return started;
  }

  function handOver(): void {
    while (underWay.length < UNDER_WAY_MAX) {
      const next = waiting.shift();
      if (!next) return;
      if (!next.request.isWanted()) {
        next.reject(new HttpError(503, 'the sender has left'));
        continue;
      }
      underWay.push(next);
      worker ??= start();
      const { bytes, encoding, type, nowMs, needsHash } = next.request;
      const body: BatchBody = { bytes, encoding, type, nowMs, needsHash };
      // A body of its own memory moves to the other thread, one that shares memory with others is copied.
      const ownsMemory = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
      worker.postMessage(body, ownsMemory ? [bytes.buffer as ArrayBuffer] : []);
    }
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
        handOver();
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}
