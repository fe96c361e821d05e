/**
 * The thread that searches: keeps what it was told of blocks and states, reads the segments itself, runs one job at a
 * time. It may be terminated at any moment.
 */
import { parentPort } from 'node:worker_threads';
import type { Entry, EntryState } from '../../entry/entry.ts';
import { runSearch, runTally, type SearchedSegment, type SearchView } from './search.ts';
import type { FromWorker, KnownState, ToWorker } from './search-messages.ts';
import { PlainSearched, SealedSearched } from './searched-segment.ts';
import type { EntryFacts } from './state-record.ts';

class WorkerView implements SearchView {
  readonly #segments = new Map<number, PlainSearched | SealedSearched>();
  #order: readonly number[] = [];
  readonly #states = new Map<string, KnownState>();
  readonly #deleted = new Map<string, EntryFacts>();

  get segments(): readonly SearchedSegment[] {
    return this.#order.flatMap((segment) => this.#segments.get(segment) ?? []);
  }

  stateOf(id: string): EntryState | undefined {
    return this.#states.get(id);
  }

  deletedFacts(): Iterable<EntryFacts> {
    return this.#deleted.values();
  }

  learnSegments(segments: readonly number[]): void {
    this.#order = segments;
    for (const segment of this.#segments.keys()) if (!segments.includes(segment)) this.#segments.delete(segment);
  }

  learnSealed({ segment, ...paths }: ToWorker & { kind: 'sealed' }): void {
    this.#segments.set(segment, new SealedSearched(paths));
  }

  learnBlocks({ segment, folder, text, from, blocks, newClients }: ToWorker & { kind: 'blocks' }): void {
    const known = this.#segments.get(segment) ?? new PlainSearched(folder, text && Buffer.from(text));
    this.#segments.set(segment, known);
    if (known instanceof PlainSearched) known.learn(from, blocks, newClients);
  }

  learnState(id: string, state: KnownState | undefined): void {
    if (state) this.#states.set(id, state);
    else this.#states.delete(id);
    if (state?.isDeleted && state.about) this.#deleted.set(id, state.about);
    else this.#deleted.delete(id);
  }

  closeFiles(): void {
    for (const segment of this.#segments.values()) segment.closeFile();
  }
}

const view = new WorkerView();

parentPort?.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'segments':
      view.learnSegments(message.segments);
      break;
    case 'sealed':
      view.learnSealed(message);
      break;
    case 'blocks':
      view.learnBlocks(message);
      break;
    case 'states':
      for (const [id, state] of message.states) view.learnState(id, state);
      break;
    case 'run':
      run(message);
      break;
    default:
      message satisfies never;
  }
});

tell({ kind: 'ready' });

function run({ number, job, timeLimitMs, tellsFound, counts }: ToWorker & { kind: 'run' }): void {
  const endMs = performance.now() + timeLimitMs;
  const isOver = () => performance.now() > endMs;
  try {
    if (job.kind === 'search') {
      const onFound = tellsFound ? (entry: Entry) => tell({ kind: 'found', number, entry }) : undefined;
      tell({ kind: 'searched', number, found: runSearch(view, job, { isOver, onFound }) });
    } else {
      const partial = runTally(view, job, new Float64Array(counts ?? new SharedArrayBuffer(0)), { isOver });
      tell({ kind: 'tallied', number, partial });
    }
  } catch (error) {
    tell({ kind: 'failed', number, reason: error instanceof Error ? error.message : String(error) });
  } finally {
    view.closeFiles();
  }
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
