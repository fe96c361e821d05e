/**
 * The way to the packing thread: requests in a queue, one under way. The thread is started with the first of them and ends
 * when there were none for a while, so that it takes no memory meanwhile.
 */
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../system/assets.ts';
import type { Block } from './block-index.ts';
import type { ShapeBook } from './digest.ts';
import { PACKING_IDLE_MS, THREAD_YOUNG_MIB_MAX } from './limits.ts';
import { type Digested, type IndexRequest, Packing } from './packing.ts';
import type { FromPackingWorker, ToPackingWorker } from './packing-messages.ts';
import type { SegmentPlace } from './segment-text.ts';

/** A segment whose blocks are digested one after the other. */
export interface DigestedSegment {
  readonly place: SegmentPlace;
  /** By number; grows. */
  readonly clientNames: readonly string[];
  /** What the blocks so far have brought. */
  readonly book: ShapeBook;
}

export interface Packer {
  /** @throws Error when the text cannot be read or packed */
  digest(segment: DigestedSegment, block: Block): Promise<Digested>;
  pack(place: SegmentPlace, block: Pick<Block, 'offset' | 'length'>): Promise<Uint8Array>;
  index(place: SegmentPlace, request: IndexRequest): Promise<Uint8Array>;
  /** What waits is rejected. */
  close(): Promise<void>;
}

/** On this thread: for a few small segments. */
export function createInlinePacker(): Packer {
  const packing = new Packing();
  const told = new Told();
  return {
    digest: async (segment, block) => packing.digest(segment.place, told.requestFor(segment, block)),
    pack: async (place, block) => packing.pack(place, block),
    index: async (place, request) => packing.index(place, request),
    async close() {},
  };
}

/** What has been told of segments that are being digested. */
class Told {
  readonly #clientCounts = new Map<string, number>();

  requestFor({ place, clientNames, book }: DigestedSegment, block: Block) {
    const clientCount = this.#clientCounts.get(place.segmentId);
    this.#clientCounts.set(place.segmentId, clientNames.length);
    const newClients = clientNames.slice(clientCount ?? 0);
    if (clientCount !== undefined) return { block, newClients };
    // A copy of what is only read elsewhere: it goes on growing here.
    return { block, newClients, book: { ...book, shapes: [...book.shapes] } };
  }

  forget(segmentId: string): void {
    this.#clientCounts.delete(segmentId);
  }
}

interface Request {
  /** Made when it is sent: it says what the thread does not know then. */
  readonly message: (told: Told) => ToPackingWorker;
  readonly resolve: (answer: FromPackingWorker) => void;
  readonly reject: (error: Error) => void;
}

export function createThreadPacker(): Packer {
  let worker: Worker | undefined;
  let told = new Told();
  let current: Request | undefined;
  let waiting: Request[] = [];
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  function next(): void {
    if (current !== undefined) return;
    current = waiting.shift();
    clearTimeout(idle);
    if (current === undefined) {
      worker?.unref();
      idle = setTimeout(letGo, PACKING_IDLE_MS).unref();
      return;
    }
    worker ??= start();
    worker.ref();
    worker.postMessage(current.message(told));
  }

  function letGo(): void {
    const ending = worker;
    worker = undefined;
    void ending?.terminate();
  }

  function start(): Worker {
    const url = new URL('./packing-worker.ts', import.meta.url);
    const started = startWorker(url, { resourceLimits: { maxYoungGenerationSizeMb: THREAD_YOUNG_MIB_MAX } });
    told = new Told();
    started.on('message', (answer: FromPackingWorker) => {
      // What it still says while it is being ended is nobody's.
      if (worker !== started || current === undefined) return;
      const { resolve, reject } = current;
      current = undefined;
      if (answer.kind === 'failed') reject(new Error(answer.reason));
      else resolve(answer);
      // Whoever waited takes the answer in first: what is sent next may have to tell of it.
      setImmediate(next);
    });
    const onGone = (error: Error) => {
      if (worker !== started) return;
      worker = undefined;
      current?.reject(error);
      current = undefined;
      next();
    };
    started.on('error', onGone);
    started.on('exit', () => onGone(new Error('the packing thread has ended')));
    return started;
  }

  function ask(message: Request['message']): Promise<FromPackingWorker> {
    if (isClosed) return Promise.reject(new Error('the packing thread is closed'));
    return new Promise((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      next();
    });
  }

  async function askForBytes(message: Request['message']): Promise<Uint8Array> {
    const answer = await ask(message);
    if (answer.kind !== 'bytes') throw new Error('BUG: the packing thread gave no bytes');
    return answer.bytes;
  }

  return {
    async digest(segment, block) {
      const { place } = segment;
      const answer = await ask((known) => ({ kind: 'digest', place, request: known.requestFor(segment, block) }));
      if (answer.kind !== 'digested') throw new Error('BUG: the packing thread gave no digest');
      return answer.digested;
    },
    pack: (place, block) => askForBytes(() => ({ kind: 'pack', place, block })),
    index: (place, request) =>
      askForBytes((known) => {
        known.forget(place.segmentId);
        return { kind: 'index', place, request };
      }),
    async close() {
      isClosed = true;
      clearTimeout(idle);
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
