/**
 * The way to the packing thread: requests in a queue, one under way. The thread is started with the first of them, and again
 * when it has ended.
 */
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../system/assets.ts';
import type { Block } from './block-index.ts';
import { type Digested, type IndexRequest, Packing } from './packing.ts';
import type { FromPackingWorker, ToPackingWorker } from './packing-messages.ts';
import type { SegmentPlace } from './segment-text.ts';

export interface Packer {
  /** Changes when what was digested before is forgotten: shapes are then numbered anew. */
  readonly generation: number;
  /** @throws Error when the text cannot be read or packed */
  digest(place: SegmentPlace, block: Block, clientNames: readonly string[]): Promise<Digested>;
  pack(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Promise<Uint8Array>;
  index(place: SegmentPlace, request: IndexRequest): Promise<Uint8Array>;
  /** What waits is rejected. */
  close(): Promise<void>;
}

/** On this thread: for a few small segments. */
export function createInlinePacker(): Packer {
  const packing = new Packing();
  return {
    generation: 0,
    digest: async (place, block, clientNames) => packing.digest(place, block, clientNames),
    pack: async (place, block) => packing.pack(place, block),
    index: async (place, request) => packing.index(place, request),
    async close() {},
  };
}

interface Request {
  readonly message: ToPackingWorker;
  readonly resolve: (answer: FromPackingWorker) => void;
  readonly reject: (error: Error) => void;
}

export function createThreadPacker(): Packer {
  let worker: Worker | undefined;
  let current: Request | undefined;
  let waiting: Request[] = [];
  let isClosed = false;
  let generation = 0;
  /** Clients that the thread knows, by segment. */
  let toldClients = new Map<string, number>();

  function next(): void {
    if (current !== undefined) return;
    current = waiting.shift();
    if (current === undefined) {
      worker?.unref();
      return;
    }
    worker ??= start();
    worker.ref();
    worker.postMessage(current.message);
  }

  function start(): Worker {
    const started = startWorker(new URL('./packing-worker.ts', import.meta.url));
    started.on('message', (answer: FromPackingWorker) => {
      // What it still says while it is being ended is nobody's.
      if (worker !== started || current === undefined) return;
      const { resolve, reject } = current;
      current = undefined;
      if (answer.kind === 'failed') reject(new Error(answer.reason));
      else resolve(answer);
      next();
    });
    const onGone = (error: Error) => {
      if (worker !== started) return;
      worker = undefined;
      generation++;
      toldClients = new Map();
      current?.reject(error);
      current = undefined;
      next();
    };
    started.on('error', onGone);
    started.on('exit', () => onGone(new Error('the packing thread has ended')));
    return started;
  }

  function ask(message: ToPackingWorker): Promise<FromPackingWorker> {
    if (isClosed) return Promise.reject(new Error('the packing thread is closed'));
    return new Promise((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      next();
    });
  }

  async function askForBytes(message: ToPackingWorker): Promise<Uint8Array> {
    const answer = await ask(message);
    if (answer.kind !== 'bytes') throw new Error('BUG: the packing thread gave no bytes');
    return answer.bytes;
  }

  return {
    get generation() {
      return generation;
    },
    async digest(place, block, clientNames) {
      const newClients = clientNames.slice(toldClients.get(place.segmentId) ?? 0);
      toldClients.set(place.segmentId, clientNames.length);
      const answer = await ask({ kind: 'digest', place, block, newClients });
      if (answer.kind !== 'digested') throw new Error('BUG: the packing thread gave no digest');
      return answer.digested;
    },
    pack: (place, block) => askForBytes({ kind: 'pack', place, block }),
    index(place, request) {
      toldClients.delete(place.segmentId);
      return askForBytes({ kind: 'index', place, request });
    },
    async close() {
      isClosed = true;
      const error = new Error('the packing thread is closed');
      for (const { reject } of waiting) reject(error);
      waiting = [];
      const ending = worker;
      worker = undefined;
      current?.reject(error);
      current = undefined;
      await ending?.terminate();
    },
  };
}
