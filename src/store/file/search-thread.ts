/**
 * One search thread: what it has been told, and the part of a task that it runs. When it does not end in time it is
 * terminated, and is gone.
 */
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../system/assets.ts';
import type { Clock } from '../../system/clock.ts';
import { StoreError } from '../store.ts';
import type { Block } from './block-index.ts';
import { THREAD_YOUNG_MIB_MAX, WORKER_GRACE_MS } from './limits.ts';
import { segmentIndexName } from './names.ts';
import { PlainSegment } from './plain-segment.ts';
import { SealedSegment } from './sealed-segment.ts';
import type { FromWorker, KnownState, SegmentExtent, ToWorker } from './search-messages.ts';
import type { PartEnd, TaskPart } from './search-task.ts';
import type { Segment } from './segment.ts';
import type { StateBook } from './state-book.ts';
import type { StateRecord } from './state-record.ts';

export interface SearchSources {
  /** Of the data. */
  readonly folder: string;
  readonly clock: Clock;
  readonly book: StateBook;
  /** Oldest first. */
  readonly segments: () => readonly Segment[];
  /** Told of a block of a sealed segment that cannot be unpacked. */
  readonly onDamage: (path: string, block: Block) => void;
}

export interface ThreadListener {
  /** Its part has ended; `isGone`: so has the thread. */
  onFree(isGone: boolean): void;
  /** The task that it runs could use a second thread. */
  onWish(): void;
}

/** What a thread has been told of a segment. */
interface Told {
  blockCount: number;
  clientCount: number;
  digestCount: number;
  shapeCount: number;
}

export class SearchThread {
  part: TaskPart | undefined;
  readonly #sources: SearchSources;
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  readonly #told = new Map<Segment, Told>();
  #untoldStates = new Set<string>();
  readonly #unlisten: () => void;
  #number = 0;
  #timer = new AbortController();
  #isGone = false;
  readonly #ready = Promise.withResolvers<void>();

  constructor(sources: SearchSources, listener: ThreadListener) {
    this.#sources = sources;
    this.#listener = listener;
    for (const [id] of sources.book.entries()) this.#untoldStates.add(id);
    this.#unlisten = sources.book.listen((id) => this.#untoldStates.add(id));
    this.#worker = startWorker(new URL('./search-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: THREAD_YOUNG_MIB_MAX },
    });
    // A search under way keeps the program alive; an idle thread does not.
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#onMessage(message));
    this.#worker.on('error', (error: Error) => this.#onGone(failedEnd(error)));
    this.#worker.on('exit', () => this.#onGone(failedEnd(new Error('the search thread ended'))));
  }

  run(part: TaskPart): void {
    this.part = part;
    this.#number++;
    this.#worker.ref();
    this.#timer = new AbortController();
    this.#tellNews();
    const { task, isHelper, counts } = part;
    const { job, work, extent, endMs, isCostly } = task;
    const timeLimitMs = Math.max(0, endMs - this.#sources.clock.monotonicMs());
    const number = this.#number;
    this.#tell({ kind: 'run', number, job, extent, timeLimitMs, work, isHelper, tellsFound: isCostly, counts });
    void this.#watch(timeLimitMs + WORKER_GRACE_MS, this.#timer.signal);
  }

  async terminate(end: PartEnd): Promise<void> {
    const ended = this.#worker.terminate();
    this.#onGone(end);
    await ended;
  }

  async #watch(timeMs: number, signal: AbortSignal): Promise<void> {
    // Its start is not part of a task's time.
    await this.#ready.promise;
    await this.#sources.clock.sleep(timeMs, signal);
    if (!signal.aborted) await this.terminate({ kind: 'out-of-time' });
  }

  /** Blocks and states since the last task, so that the task sees all that was acknowledged before it. */
  #tellNews(): void {
    const segments = this.#sources.segments();
    for (const segment of segments) {
      const told = this.#told.get(segment) ?? { blockCount: 0, clientCount: 0, digestCount: 0, shapeCount: 0 };
      const isNew = !this.#told.has(segment);
      this.#told.set(segment, told);
      if (segment instanceof SealedSegment && isNew) this.#tellSealed(segment);
      if (segment instanceof PlainSegment) this.#tellPlain(segment, told, isNew);
    }
    const gone = [...this.#told.keys()].filter((segment) => !segments.includes(segment));
    for (const segment of gone) this.#told.delete(segment);
    if (gone.length > 0) this.#tell({ kind: 'forget', segments: gone.map(({ number }) => number) });
    if (this.#untoldStates.size === 0) return;
    const states: [string, KnownState | undefined][] = [];
    for (const id of this.#untoldStates) {
      const record = this.#sources.book.get(id);
      states.push([id, record && knownOf(record)]);
    }
    this.#untoldStates.clear();
    this.#tell({ kind: 'states', states });
  }

  #tellSealed({ number, path, segmentId, index }: SealedSegment): void {
    const indexPath = join(this.#sources.folder, segmentIndexName(segmentId));
    this.#tell({ kind: 'sealed', segment: number, path, indexPath, index });
  }

  #tellPlain(segment: PlainSegment, told: Told, isNew: boolean): void {
    const { complete, clientNames } = segment.index;
    const isGrown = complete.length > told.blockCount || clientNames.length > told.clientCount;
    if (isNew || isGrown) this.#tellBlocks(segment, told, isNew);
    // Whoever searches once searches again: the blocks that have no digest yet get one for the next time.
    segment.digests?.update(segment.index);
    this.#tellDigests(segment, told);
  }

  #tellBlocks({ number, index, text: whole }: PlainSegment, told: Told, isNew: boolean): void {
    const { folder } = this.#sources;
    const { complete, clientNames } = index;
    const blocks = complete.slice(told.blockCount);
    const newClients = clientNames.slice(told.clientCount);
    told.blockCount = complete.length;
    told.clientCount = clientNames.length;
    const text = isNew ? whole : undefined;
    this.#tell({ kind: 'blocks', segment: number, folder, text, blocks, newClients });
  }

  #tellDigests({ number, digests: known }: PlainSegment, told: Told): void {
    if (known === undefined || known.digests.length === told.digestCount) return;
    const { shapes, letterMasks, letterGrams } = known.book;
    const digests = known.digests.slice(told.digestCount);
    const newShapes = shapes.slice(told.shapeCount);
    told.digestCount = known.digests.length;
    told.shapeCount = shapes.length;
    this.#tell({
      kind: 'digests',
      segment: number,
      digests,
      newShapes,
      letterMasks: Uint32Array.from(letterMasks),
      letterGrams,
    });
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromWorker): void {
    const { part } = this;
    if (message.kind === 'ready') {
      this.#ready.resolve();
      return;
    }
    if (message.kind === 'damaged') {
      this.#sources.onDamage(message.path, message.block);
      return;
    }
    if (part === undefined || message.number !== this.#number) return;
    switch (message.kind) {
      case 'found':
        part.found.push(message.entry);
        return;
      case 'wants-help':
        part.task.wantsHelp = true;
        this.#listener.onWish();
        return;
      case 'searched':
      case 'tallied':
        this.#finish(message);
        break;
      case 'failed':
        this.#finish(failedEnd(new Error(message.reason)));
        break;
      default:
        message satisfies never;
    }
    this.#worker.unref();
    this.#listener.onFree(false);
  }

  #onGone(end: PartEnd): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unlisten();
    this.#finish(end);
    this.#listener.onFree(true);
  }

  #finish(end: PartEnd): void {
    const { part } = this;
    this.part = undefined;
    this.#timer.abort();
    part?.task.endPart(part, end);
  }
}

/** What a task that starts now is to see. */
export function extentOf(segments: readonly Segment[]): SegmentExtent[] {
  return segments.map((segment) => {
    const { number: segmentNumber } = segment;
    if (segment instanceof SealedSegment) return { segment: segmentNumber, blockCount: segment.summary.blockCount };
    if (!(segment instanceof PlainSegment)) throw new Error('BUG: a segment of unknown kind');
    const { complete, growing } = segment.index;
    return { segment: segmentNumber, blockCount: complete.length, growing };
  });
}

function knownOf({ state, about }: StateRecord): KnownState {
  const { isPinned, isTicket, isDeleted } = state;
  return { isPinned, isTicket, isDeleted, about };
}

function failedEnd(cause: Error): PartEnd {
  return {
    kind: 'failed',
    error: new StoreError('failed', `cannot search: ${cause.message}; try again`, { cause }),
  };
}
