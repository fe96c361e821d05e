/**
 * A state folder as an agent leaves it, made batch by batch.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BatchHeader, encodeBatchFile } from '../../src/agent/batch-file.ts';
import { loadState, saveCheckpoint } from '../../src/agent/checkpoint.ts';
import { batchName, statePaths } from '../../src/agent/state-files.ts';
import { realFiles } from '../../src/system/files.ts';

export interface StateFolder {
  readonly folder: string;
  readonly producer: string;
  path(sequence: number, state?: 'batch' | 'rejected' | 'torn'): string;
  /** One line per message. @returns the file's path */
  put(sequence: number, messages: readonly string[], more?: Partial<BatchHeader>): string;
}

/** @param sequence up to which the checkpoint goes */
export async function makeState(folder: string, sequence = 0): Promise<StateFolder> {
  mkdirSync(folder, { recursive: true });
  const { producer } = await loadState(folder, realFiles);
  await saveCheckpoint(folder, realFiles, { sequence, acknowledged: 0, positions: new Map() });
  const { spool } = statePaths(folder);
  mkdirSync(spool, { recursive: true });
  const path: StateFolder['path'] = (number, state = 'batch') => join(spool, batchName(number, state));
  return {
    folder,
    producer,
    path,
    put(number, messages, more = {}) {
      const lines = messages.map((message) => Buffer.from(`${JSON.stringify({ message, client_id: 'web-1' })}\n`));
      const header = { producer, sequence: number, count: lines.length, notices: 0, encoding: 'identity' } as const;
      const { file } = encodeBatchFile({ ...header, positions: {}, ...more }, lines);
      const at = path(number, more.refused === undefined ? 'batch' : 'rejected');
      writeFileSync(at, file);
      return at;
    },
  };
}
