/**
 * Two search threads and the queue in front of them. A task begins on one thread; one that has to read much gets the
 * other too, for as long as nothing else waits for it. Tasks with a regular expression that may run for ever come after
 * all others and have one thread at most, so that nobody waits for one. A thread that does not end in time is terminated
 * and replaced, and its task answers with what it had found.
 */
import { SEARCH_MS_MAX } from '../../entry/limits.ts';
import { StoreError } from '../store.ts';
import type { Found } from './nearest.ts';
import type { SearchJob } from './search.ts';
import { foundBy, type Tally, Task, type TaskPart, talliedBy } from './search-task.ts';
import { extentOf, type SearchSources, SearchThread } from './search-thread.ts';
import type { TallyJob } from './tally.ts';

export interface SearchPool {
  search(job: SearchJob, timeLimitMs: number | undefined): Promise<Found>;
  tally(job: TallyJob, timeLimitMs: number | undefined): Promise<Tally>;
  /** Tasks under way and waiting are rejected. */
  close(): Promise<void>;
}

const THREAD_COUNT = 2;

export function createSearchPool(sources: SearchSources): SearchPool {
  return new Pool(sources);
}

class Pool implements SearchPool {
  readonly #sources: SearchSources;
  readonly #threads: SearchThread[] = [];
  #waiting: Task[] = [];
  #isClosed = false;

  constructor(sources: SearchSources) {
    this.#sources = sources;
  }

  async search(job: SearchJob, timeLimitMs: number | undefined): Promise<Found> {
    return foundBy(job, await this.#run(job, timeLimitMs));
  }

  async tally(job: TallyJob, timeLimitMs: number | undefined): Promise<Tally> {
    return talliedBy(await this.#run(job, timeLimitMs));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#waiting.splice(0)) task.fail(closedError());
    await Promise.all([...this.#threads].map((thread) => thread.terminate({ kind: 'failed', error: closedError() })));
  }

  #run(job: SearchJob | TallyJob, timeLimitMs = SEARCH_MS_MAX): Promise<readonly TaskPart[]> {
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.push(new Task(job, this.#sources.clock.monotonicMs() + timeLimitMs, { resolve, reject }));
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (!this.#isClosed) {
      const task = this.#nextTask() ?? this.#taskToHelp();
      if (task === undefined) return;
      const thread = this.#idleThread();
      if (thread === undefined) {
        for (const { part } of this.#threads) part?.task.dismissHelper();
        return;
      }
      if (this.#waiting.includes(task)) {
        this.#waiting = this.#waiting.filter((other) => other !== task);
        task.extent = extentOf(this.#sources.segments());
      }
      thread.run(task.addPart());
    }
  }

  /** The task that is to begin next. */
  #nextTask(): Task | undefined {
    const isCostlyRunning = this.#threads.some(({ part }) => part?.task.isCostly);
    return this.#waiting.find(({ isCostly }) => !isCostly) ?? (isCostlyRunning ? undefined : this.#waiting[0]);
  }

  #taskToHelp(): Task | undefined {
    const tasks = this.#threads.map(({ part }) => part?.task);
    return tasks.find((task) => task?.wantsHelp && !task.isCostly && !task.hasHelper);
  }

  #idleThread(): SearchThread | undefined {
    const idle = this.#threads.find(({ part }) => part === undefined);
    if (idle || this.#threads.length >= THREAD_COUNT) return idle;
    const thread: SearchThread = new SearchThread(this.#sources, {
      onFree: (isGone) => {
        if (isGone) this.#threads.splice(this.#threads.indexOf(thread), 1);
        this.#dispatch();
      },
      onWish: () => this.#dispatch(),
    });
    this.#threads.push(thread);
    return thread;
  }
}

function closedError(): StoreError {
  return new StoreError('closed', 'cannot search: the store is closed');
}
