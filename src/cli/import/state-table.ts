/**
 * State files: `log_state.json` as the first logd and this one write it, and with it the journal of changes that stands
 * beside it in a data folder.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateChange } from '../../entry/state.ts';
import { loadStates } from '../../store/file/load-states.ts';
import { STATE_NAME } from '../../store/file/names.ts';
import { createStateBook } from '../../store/file/state-book.ts';
import { decodeStateFile } from '../../store/file/state-file.ts';
import { realFiles } from '../../system/files.ts';
import { CommandError } from '../exit.ts';
import { changeOf, type StateTable } from './states.ts';

/** The states in the folder of a file; empty when there are none. */
export async function statesIn(folder: string): Promise<StateTable> {
  const book = createStateBook();
  const loaded = await loadStates(folder, realFiles, book);
  if (loaded.damaged) throw damaged(join(folder, STATE_NAME));
  return tableOf(Array.from(book.entries(), ([id, { state }]) => [id, changeOf(state)]));
}

/** @throws CommandError */
export async function statesOf(path: string): Promise<StateTable> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the states of ${path}: ${reason}`, undefined, { cause: error });
  }
  const { states, isWhole } = decodeStateFile(text);
  if (!isWhole) throw damaged(path);
  return tableOf(states.map(([id, { state }]) => [id, changeOf(state)]));
}

function tableOf(states: readonly (readonly [string, StateChange | undefined])[]): StateTable {
  const table = new Map<string, StateChange>();
  for (const [id, change] of states) if (change) table.set(id, change);
  return table;
}

function damaged(path: string): CommandError {
  return new CommandError(
    `cannot read the states of ${path}: it is not JSON such as {"<uuid>":{"pinned":true,"ticketed":false,"deleted":false}}; mend it, name another with --state, or leave it with --no-state`,
  );
}
