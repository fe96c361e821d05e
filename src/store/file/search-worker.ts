/**
 * The thread that searches: keeps what it was told of blocks and states, reads the segments itself, runs one job at a
 * time. It may be terminated at any moment.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Entry, EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import { runSearch, runTally, type SearchedSegment, type SearchView } from './search.ts';
import type { FromWorker, KnownState, ToWorker } from './search-messages.ts';
import type { EntryFacts } from './state-record.ts';

class WorkerView implements SearchView {
  readonly #segments = new Map<string, KnownSegment>();
  readonly #states = new Map<string, KnownState>();
  readonly #deleted = new Map<string, EntryFacts>();

  get segments(): readonly SearchedSegment[] {
    return [...this.#segments.values()];
  }

  stateOf(id: string): EntryState | undefined {
    return this.#states.get(id);
  }

  deletedFacts(): Iterable<EntryFacts> {
    return this.#deleted.values();
  }

  learnBlocks({ path, from, blocks, newClients }: ToWorker & { kind: 'blocks' }): void {
    const segment = this.#segments.get(path) ?? new KnownSegment(path);
    this.#segments.set(path, segment);
    segment.learn(from, blocks, newClients);
  }

  learnState(id: string, state: KnownState): void {
    this.#states.set(id, state);
    if (state.isDeleted && state.about) this.#deleted.set(id, state.about);
    else this.#deleted.delete(id);
  }

  closeFiles(): void {
    for (const segment of this.#segments.values()) segment.closeFile();
  }
}

class KnownSegment implements SearchedSegment {
  readonly blocks: Block[] = [];
  readonly clientNames: string[] = [];
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  learn(from: number, blocks: readonly Block[], newClients: readonly string[]): void {
    this.blocks.length = from;
    for (const block of blocks) this.blocks.push(block);
    for (const client of newClients) this.clientNames.push(client);
  }

  read({ offset, length }: Block): Buffer {
    this.#file ??= openSync(this.#path, 'r');
    const bytes = roomOf(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#file, bytes, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  /** Between jobs no file is held open, lest one that was taken away keep its room. */
  closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

let room = Buffer.alloc(0);

/** One block is looked at at a time, so all are read into the same room. */
function roomOf(length: number): Buffer {
  if (room.length < length) room = Buffer.allocUnsafeSlow(length);
  return room.subarray(0, length);
}

const view = new WorkerView();

parentPort?.on('message', (message: ToWorker) => {
  switch (message.kind) {
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
