/**
 * A corpus in batches: to a server over POST /logs, and through the loop that is the yardstick.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import type { BatchBody } from '../../src/api/types.ts';
import type { Listening } from './listening.ts';
import { postAll } from './posts.ts';
import { processCost } from './process-cost.ts';

const LOOP = fileURLToPath(new URL('format-loop.ts', import.meta.url));

export interface Batches {
  readonly entries: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** @throws Error when a batch is refused, or entries of it */
export async function postBatches(
  server: Listening,
  { bodies, connections }: { readonly bodies: readonly Buffer[]; readonly connections: number },
): Promise<Batches> {
  const before = processCost(server.pid).cpuSeconds;
  const contentType = 'application/x-ndjson';
  const { seconds, answers } = await postAll({
    url: new URL(paths.logs, server.url),
    bodies,
    contentType,
    connections,
  });
  const cpuSeconds = processCost(server.pid).cpuSeconds - before;
  let entries = 0;
  for (const answer of answers) {
    const { accepted, rejected } = JSON.parse(answer) as BatchBody;
    if (rejected.length > 0) throw new Error(`POST ${paths.logs} rejected an entry: ${rejected[0]?.error}`);
    entries += accepted;
  }
  return { entries, seconds, cpuSeconds };
}

export interface Loop {
  readonly ndjsonPath: string;
  readonly outputPath: string;
  readonly warmUpLines: number;
}

/** In a process of its own, so that neither's memory slows the other. */
export async function loopOver({ ndjsonPath, outputPath, warmUpLines }: Loop): Promise<Batches> {
  const args = [LOOP, ndjsonPath, outputPath, String(warmUpLines)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Batches;
}
