/**
 * Fills a server with a corpus of any size, made while it is sent.
 */
import { paths } from '../../src/api/paths.ts';
import type { BatchBody } from '../../src/api/types.ts';
import { corpus } from './corpus.ts';
import { toNdjson } from './ndjson.ts';

const LINES_PER_BATCH = 5_000;
/** Batches under way at once. */
const CONNECTIONS = 2;

export interface Filling {
  readonly count: number;
  readonly seed: number;
  /** Told of the entries that are stored so far. */
  readonly onProgress: (count: number) => void;
}

/** @throws Error when a batch is refused, or entries of it */
export async function fill(serverUrl: string, { count, seed, onProgress }: Filling): Promise<void> {
  const url = new URL(paths.logs, serverUrl);
  const bodies = makeBodies(count, seed);
  let stored = 0;
  const send = async () => {
    for (const body of bodies) {
      const headers = { 'content-type': 'application/x-ndjson' };
      const response = await fetch(url, { method: 'POST', headers, body });
      const { accepted, rejected } = (await response.json()) as BatchBody;
      if (!response.ok || rejected.length > 0) throw new Error(`POST ${paths.logs} answered ${response.status}`);
      stored += accepted;
      onProgress(stored);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  if (stored !== count) throw new Error(`${stored} of ${count} entries were accepted`);
}

function* makeBodies(count: number, seed: number): Generator<string> {
  let lines: string[] = [];
  for (const draft of corpus({ count, seed })) {
    if (lines.push(toNdjson(draft)) < LINES_PER_BATCH) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}
