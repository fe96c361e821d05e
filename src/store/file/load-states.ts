/**
 * The states of a data folder at a start: log_state.json, and over it the journal of changes since.
 */
import { join } from 'node:path';
import type { Files } from '../../system/files.ts';
import { StoreError } from '../store.ts';
import { STATE_JOURNAL_NAME, STATE_NAME } from './names.ts';
import type { StateBook } from './state-book.ts';
import { decodeStateFile, decodeStateJournal, encodeStateJournalStart } from './state-file.ts';

export interface LoadedStates {
  /** Bytes of log_state.json. */
  readonly stateSize: number;
  /** The book holds what log_state.json does not say. */
  readonly hasChanges: boolean;
  readonly isJournalWhole: boolean;
  /** log_state.json as it is, when it could only be read in part, and how many states that was. */
  readonly damaged: { readonly file: Buffer; readonly stateCount: number } | undefined;
}

/** @throws StoreError `newer-format` */
export async function loadStates(folder: string, files: Pick<Files, 'read'>, book: StateBook): Promise<LoadedStates> {
  const file = await files.read(join(folder, STATE_NAME));
  const states = file && decodeStateFile(file.toString());
  for (const [id, record] of states?.states ?? []) book.set(id, record);
  const damaged = file && states && !states.isWhole ? { file, stateCount: states.states.length } : undefined;
  const bytes = (await files.read(join(folder, STATE_JOURNAL_NAME))) ?? Buffer.alloc(0);
  const journal = decodeStateJournal(bytes);
  if (journal.kind === 'newer') {
    throw new StoreError(
      'newer-format',
      `the state journal of the data folder has the form ${journal.version} of a newer logd; use that one, or give another folder with --data`,
    );
  }
  for (const [id, record] of journal.states) book.set(id, record);
  return {
    stateSize: file?.length ?? 0,
    hasChanges: damaged !== undefined || bytes.length > encodeStateJournalStart().length,
    isJournalWhole: journal.isWhole,
    damaged,
  };
}
