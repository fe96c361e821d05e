/**
 * A data folder opened for reading alone: no lock, nothing written, with its server stopped or running. What is stored
 * later is not seen.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, realClock } from '../../system/clock.ts';
import { hasCode, realFiles } from '../../system/files.ts';
import { StoreError, type StoreReader } from '../store.ts';
import { openByteSource } from './byte-source.ts';
import { describeError } from './disk-error.ts';
import { BLOCK_BYTES } from './limits.ts';
import { loadStates } from './load-states.ts';
import { COMMITS_NAME, LOG_NAME } from './names.ts';
import { readIndex, readJournal } from './open-segment.ts';
import { FileReader } from './reader.ts';
import { recoverLog } from './recovery.ts';
import { Segment } from './segment.ts';
import { createStateBook } from './state-book.ts';

/** @throws StoreError `unusable` when there is no log to read, `newer-format` */
export async function openFileReader(folder: string, clock: Clock = realClock): Promise<StoreReader> {
  const path = join(folder, LOG_NAME);
  // The journal before the log: what a running server stores between the two is not yet seen, rather than seen torn.
  const journal = await readJournal(realFiles, join(folder, COMMITS_NAME));
  const size = await sizeOf(path, folder);
  const source = await openByteSource(path);
  try {
    const recovered = await recoverLog({ size, read: source.read }, journal);
    const bounded = { size: recovered.size, read: source.read };
    const onComplete = () => {
      // Only who holds the lock writes the index file.
    };
    const { index } = await readIndex({ folder, files: realFiles, blockBytes: BLOCK_BYTES, onComplete }, bounded);
    const book = createStateBook();
    await loadStates(folder, realFiles, book);
    const reader = new OpenReader({ clock, segment: new Segment({ path, index, source }), book, source });
    await reader.lookUpStates();
    return reader;
  } catch (error) {
    await source.close();
    throw error;
  }
}

class OpenReader extends FileReader {
  readonly #source: { close(): Promise<void> };

  constructor(options: ConstructorParameters<typeof FileReader>[0] & { source: { close(): Promise<void> } }) {
    super(options);
    this.#source = options.source;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#source.close();
  }
}

async function sizeOf(path: string, folder: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const reason = hasCode(error, 'ENOENT') ? `there is no ${LOG_NAME} in it` : describeError(error);
    throw new StoreError('unusable', `cannot read the data folder ${folder}: ${reason}; give a server's with --data`, {
      cause: error,
    });
  }
}
