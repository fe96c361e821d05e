/**
 * Every name in the agent's state folder.
 *
 *   agent.lock                       who has the folder
 *   agent.json                       the producer's name, made with the folder
 *   checkpoint.json                  how far each source is safe, up to which batch, and what was lost so far
 *   dropped.json                     how many lines a full spool dropped, and up to which batch
 *   spool/0000000000000042.batch     a batch on its way, by its sequence
 *   spool/0000000000000042.rejected  one that the server refused, with the reason in its header
 *   spool/0000000000000042.torn      one that the disk damaged
 */
import { join } from 'node:path';

export const LOCK_NAME = 'agent.lock';
/** A state file that could not be read is kept under its name and this. */
export const CORRUPT_SUFFIX = '.corrupt';

export function statePaths(folder: string) {
  return {
    agent: join(folder, 'agent.json'),
    checkpoint: join(folder, 'checkpoint.json'),
    dropped: join(folder, 'dropped.json'),
    spool: join(folder, 'spool'),
  } as const;
}

export type BatchState = 'batch' | 'rejected' | 'torn';

export function batchName(sequence: number, state: BatchState): string {
  return `${String(sequence).padStart(16, '0')}.${state}`;
}

export function parseBatchName(name: string): { sequence: number; state: BatchState } | undefined {
  const [, digits, state] = /^(\d{16})\.(batch|rejected|torn)$/.exec(name) ?? [];
  return digits === undefined ? undefined : { sequence: Number(digits), state: state as BatchState };
}
