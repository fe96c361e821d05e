/**
 * Two search threads and the queue in front of them. Cheap jobs go first, and jobs with a user's regular expression have
 * one thread at most, so that nobody waits for one. A thread that does not end in time is terminated and replaced, and
 * its job answers with what it had found.
 */
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { compareByTime, type Entry } from '../../entry/entry.ts';
import { LEVELS } from '../../entry/level.ts';
import { SEARCH_MS_MAX } from '../../entry/limits.ts';
import { startWorker } from '../../system/assets.ts';
import type { Clock } from '../../system/clock.ts';
import { StoreError } from '../store.ts';
import { WORKER_GRACE_MS } from './limits.ts';
import { segmentIndexName } from './names.ts';
import { PlainSegment } from './plain-segment.ts';
import { hintsOf } from './query-hints.ts';
import { SealedSegment } from './sealed-segment.ts';
import type { Found, SearchJob, TallyJob } from './search.ts';
import type { FromWorker, KnownState, ToWorker } from './search-messages.ts';
import type { Segment } from './segment.ts';
import type { StateBook } from './state-book.ts';
import type { StateRecord } from './state-record.ts';

export interface SearchPool {
  search(job: SearchJob, timeLimitMs: number | undefined): Promise<Found>;
  /** Counts by span, then level. */
  tally(job: TallyJob, timeLimitMs: number | undefined): Promise<Tally>;
  close(): Promise<void>;
}

export interface Tally {
  readonly counts: Float64Array;
  readonly partial: boolean;
}

export interface SearchPoolOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly book: StateBook;
  /** Oldest first. */
  readonly segments: () => readonly Segment[];
}

const THREAD_COUNT = 2;

export function createSearchPool(options: SearchPoolOptions): SearchPool {
  return new Pool(options);
}

interface Task {
  readonly job: SearchJob | TallyJob;
  readonly isCostly: boolean;
  /** On the monotonic clock. */
  readonly endMs: number;
  readonly counts: SharedArrayBuffer | undefined;
  /** What a search has told of while it runs. */
  readonly found: Entry[];
  readonly finish: (end: TaskEnd) => void;
}

type TaskEnd =
  | { readonly kind: 'searched'; readonly found: Found }
  | { readonly kind: 'tallied'; readonly partial: boolean }
  | { readonly kind: 'out-of-time' }
  | { readonly kind: 'failed'; readonly error: StoreError };

class Pool implements SearchPool {
  readonly #options: SearchPoolOptions;
  readonly #threads: Thread[] = [];
  #waiting: Task[] = [];
  #isClosed = false;

  constructor(options: SearchPoolOptions) {
    this.#options = options;
  }

  search(job: SearchJob, timeLimitMs: number | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const found: Entry[] = [];
      this.#add(job, timeLimitMs, {
        counts: undefined,
        found,
        finish(end) {
          if (end.kind === 'failed') reject(end.error);
          else if (end.kind === 'searched') resolve(end.found);
          // Where the rest lies is not known, so there is no next page.
          else resolve({ entries: nearestOf(found, job), cursor: null, partial: true });
        },
      });
    });
  }

  tally(job: TallyJob, timeLimitMs: number | undefined): Promise<Tally> {
    return new Promise((resolve, reject) => {
      const bytes = (job.spans?.length ?? 1) * LEVELS.length * Float64Array.BYTES_PER_ELEMENT;
      const counts = new SharedArrayBuffer(bytes);
      this.#add(job, timeLimitMs, {
        counts,
        found: [],
        finish(end) {
          if (end.kind === 'failed') reject(end.error);
          else resolve({ counts: new Float64Array(counts), partial: end.kind !== 'tallied' || end.partial });
        },
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#waiting.splice(0)) task.finish(closedEnd());
    await Promise.all([...this.#threads].map((thread) => thread.terminate(closedEnd())));
  }

  #add(job: SearchJob | TallyJob, timeLimitMs = SEARCH_MS_MAX, rest: Pick<Task, 'counts' | 'found' | 'finish'>): void {
    if (this.#isClosed) {
      rest.finish(closedEnd());
      return;
    }
    const endMs = this.#options.clock.monotonicMs() + timeLimitMs;
    this.#waiting.push({ job, isCostly: hintsOf(job.query).hasRegex, endMs, ...rest });
    this.#dispatch();
  }

  #dispatch(): void {
    for (;;) {
      const thread = this.#idleThread();
      if (thread === undefined) return;
      const isCostlyRunning = this.#threads.some(({ task }) => task?.isCostly);
      const cheap = this.#waiting.find(({ isCostly }) => !isCostly);
      const task = cheap ?? (isCostlyRunning ? undefined : this.#waiting[0]);
      if (task === undefined) return;
      this.#waiting = this.#waiting.filter((other) => other !== task);
      thread.run(task);
    }
  }

  #idleThread(): Thread | undefined {
    const idle = this.#threads.find(({ task }) => task === undefined);
    if (idle || this.#isClosed || this.#waiting.length === 0 || this.#threads.length >= THREAD_COUNT) return idle;
    const thread: Thread = new Thread(this.#options, (isGone) => {
      if (isGone) this.#threads.splice(this.#threads.indexOf(thread), 1);
      this.#dispatch();
    });
    this.#threads.push(thread);
    return thread;
  }
}

/** One worker, what it has been told, and the task that it runs. */
class Thread {
  task: Task | undefined;
  readonly #options: SearchPoolOptions;
  readonly #worker: Worker;
  readonly #onFree: (isGone: boolean) => void;
  readonly #told = new Map<Segment, { readonly number: number; blockCount: number; clientCount: number }>();
  #segmentCount = 0;
  #untoldStates = new Set<string>();
  readonly #unlisten: () => void;
  #number = 0;
  #timer = new AbortController();
  #isGone = false;
  readonly #ready = Promise.withResolvers<void>();

  constructor(options: SearchPoolOptions, onFree: (isGone: boolean) => void) {
    this.#options = options;
    this.#onFree = onFree;
    for (const [id] of options.book.entries()) this.#untoldStates.add(id);
    this.#unlisten = options.book.listen((id) => this.#untoldStates.add(id));
    this.#worker = startWorker(new URL('./search-worker.ts', import.meta.url));
    // A search under way keeps the program alive; an idle thread does not.
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#onMessage(message));
    this.#worker.on('error', (error: Error) => this.#onGone(failedEnd(error)));
    this.#worker.on('exit', () => this.#onGone(failedEnd(new Error('the search thread ended'))));
  }

  run(task: Task): void {
    this.task = task;
    this.#number++;
    this.#worker.ref();
    this.#timer = new AbortController();
    this.#tellNews();
    const timeLimitMs = Math.max(0, task.endMs - this.#options.clock.monotonicMs());
    const { job, isCostly, counts } = task;
    this.#tell({ kind: 'run', number: this.#number, job, timeLimitMs, tellsFound: isCostly, counts });
    void this.#watch(timeLimitMs + WORKER_GRACE_MS, this.#timer.signal);
  }

  async terminate(end: TaskEnd): Promise<void> {
    const ended = this.#worker.terminate();
    this.#onGone(end);
    await ended;
  }

  async #watch(timeMs: number, signal: AbortSignal): Promise<void> {
    // Its start is not part of a task's time.
    await this.#ready.promise;
    await this.#options.clock.sleep(timeMs, signal);
    if (!signal.aborted) await this.terminate({ kind: 'out-of-time' });
  }

  /** Blocks and states since the last task, so that the task sees all that was acknowledged before it. */
  #tellNews(): void {
    const segments = this.#options.segments();
    for (const segment of segments) this.#tellSegment(segment);
    this.#tell({ kind: 'segments', segments: segments.map((segment) => this.#told.get(segment)?.number ?? -1) });
    for (const segment of this.#told.keys()) if (!segments.includes(segment)) this.#told.delete(segment);
    if (this.#untoldStates.size === 0) return;
    const states: [string, KnownState | undefined][] = [];
    for (const id of this.#untoldStates) {
      const record = this.#options.book.get(id);
      states.push([id, record && knownOf(record)]);
    }
    this.#untoldStates.clear();
    this.#tell({ kind: 'states', states });
  }

  #tellSegment(segment: Segment): void {
    const { folder } = this.#options;
    const told = this.#told.get(segment) ?? { number: this.#segmentCount++, blockCount: 0, clientCount: 0 };
    const isNew = !this.#told.has(segment);
    this.#told.set(segment, told);
    const { number } = told;
    if (segment instanceof SealedSegment) {
      const { path, segmentId, index } = segment;
      const indexPath = join(folder, segmentIndexName(segmentId));
      if (isNew) this.#tell({ kind: 'sealed', segment: number, path, indexPath, index });
    } else if (segment instanceof PlainSegment) {
      const { complete, growing, clientNames } = segment.index;
      const blocks = complete.slice(told.blockCount);
      if (growing) blocks.push(growing);
      const newClients = clientNames.slice(told.clientCount);
      const text = isNew ? segment.text : undefined;
      this.#tell({ kind: 'blocks', segment: number, folder, text, from: told.blockCount, blocks, newClients });
      // The growing block is told anew each time.
      told.blockCount = complete.length;
      told.clientCount = clientNames.length;
    }
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromWorker): void {
    const { task } = this;
    if (message.kind === 'ready') {
      this.#ready.resolve();
      return;
    }
    if (task === undefined || message.number !== this.#number) return;
    switch (message.kind) {
      case 'found':
        task.found.push(message.entry);
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
    this.#onFree(false);
  }

  #onGone(end: TaskEnd): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unlisten();
    this.#finish(end);
    this.#onFree(true);
  }

  #finish(end: TaskEnd): void {
    const { task } = this;
    this.task = undefined;
    this.#timer.abort();
    task?.finish(end);
  }
}

/** The entries of a search that was cut off which come first in its order. */
function nearestOf(found: readonly Entry[], { order, limit }: SearchJob): Entry[] {
  const sign = order === 'desc' ? -1 : 1;
  return [...found].sort((a, b) => sign * compareByTime(a, b)).slice(0, limit);
}

function knownOf({ state, about }: StateRecord): KnownState {
  const { isPinned, isTicket, isDeleted } = state;
  return { isPinned, isTicket, isDeleted, about };
}

function closedEnd(): TaskEnd {
  return { kind: 'failed', error: new StoreError('closed', 'cannot search: the store is closed') };
}

function failedEnd(cause: Error): TaskEnd {
  return {
    kind: 'failed',
    error: new StoreError('failed', `cannot search: ${cause.message}; try again`, { cause }),
  };
}
