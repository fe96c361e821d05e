/**
 * The thread that searches: keeps what it was told of blocks and states, reads the segments itself, runs one job at a
 * time, alone or together with another thread. It may be terminated at any moment.
 */
import { parentPort } from 'node:worker_threads';
import type { Entry } from '../../entry/entry.ts';
import { yieldToOthers } from '../../system/thread-priority.ts';
import { HELP_READS_MIN, SEARCH_NICENESS } from './limits.ts';
import { runSearch } from './search.ts';
import type { FromWorker, ToWorker } from './search-messages.ts';
import { runTally, subtractDeleted } from './tally.ts';
import { shareOf } from './work-share.ts';
import { WorkerView } from './worker-view.ts';

const view = new WorkerView((path, block) => tell({ kind: 'damaged', path, block }));

parentPort?.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'sealed':
      view.learnSealed(message);
      break;
    case 'forget':
      view.forget(message.segments);
      break;
    case 'blocks':
      view.learnBlocks(message);
      break;
    case 'digests':
      view.learnDigests(message);
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

// Taking logs in goes first.
yieldToOthers(SEARCH_NICENESS);
tell({ kind: 'ready' });

function run(message: ToWorker & { kind: 'run' }): void {
  const { number } = message;
  try {
    tell(answer(message));
  } catch (error) {
    tell({ kind: 'failed', number, reason: error instanceof Error ? error.message : String(error) });
  } finally {
    view.closeFiles();
  }
}

function answer({ number, job, extent, timeLimitMs, work, isHelper, tellsFound, counts }: ToWorker & { kind: 'run' }) {
  const endMs = performance.now() + timeLimitMs;
  const share = shareOf(work, isHelper);
  let reads = 0;
  const limits = {
    isOver: () => performance.now() > endMs,
    onFound: tellsFound ? (entry: Entry) => tell({ kind: 'found', number, entry }) : undefined,
    onRead: () => {
      if (++reads === HELP_READS_MIN && !isHelper) tell({ kind: 'wants-help', number });
    },
  };
  const searched = view.at(extent);
  if (searched === undefined && !isHelper) throw new Error('entries were given up meanwhile');
  if (job.kind === 'search') {
    const part = searched ? runSearch(searched, job, limits, share) : { entries: [] };
    return { kind: 'searched', number, part } satisfies FromWorker;
  }
  const sums = new Float64Array(counts ?? new SharedArrayBuffer(0));
  const partial = searched !== undefined && runTally(searched, job, sums, limits, share);
  if (searched && !partial && !isHelper) subtractDeleted(searched, job, sums);
  return { kind: 'tallied', number, partial } satisfies FromWorker;
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
