/**
 * A folder as a killed store leaves it, and what a hand or a disk does to the end of its log.
 */
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { ID_NONE } from '../../src/entry/id.ts';
import type { Store } from '../../src/store/store.ts';
import { batchOf } from './drafts.ts';
import { createRandom, FaultyDisk } from './faulty-files.ts';
import { openForTest } from './file-store.ts';
import { temporaryFolder } from './folder.ts';

/** The text of groups is in app.log alone, as that of large ones is. */
export const BLOCKS = { blockBytes: 500, journalBytesMax: 1_000_000, journaledBytesMax: 0 };
/** The journal has it too. */
export const JOURNALED = { ...BLOCKS, journaledBytesMax: 10_000 };

/** A folder as a store leaves it that was killed: ten batches of three, states, an index. */
export async function makeKilled(t: TestContext, sizes = BLOCKS): Promise<{ folder: string; messages: string[] }> {
  const folder = temporaryFolder(t);
  const disk = new FaultyDisk(createRandom(1));
  const { store } = await openForTest(folder, { files: disk, sizes });
  const messages: string[] = [];
  for (let batch = 0; batch < 10; batch++) {
    const three = [0, 1, 2].map((index) => `${batch}/${index} äöü`);
    messages.push(...three);
    await store.append(batchOf(three, Date.now()), { producer: 'agent', sequence: batch, bodyHash: `${batch}` });
  }
  const ids = (await store.after(ID_NONE, 100)).map(({ entry }) => entry.id);
  await store.changeState(ids.slice(0, 3), () => ({ pin: true }));
  disk.isKilled = true;
  await store.close();
  return { folder, messages };
}

export async function readMessages(store: Pick<Store, 'after'>): Promise<string[]> {
  return (await store.after(ID_NONE, 1_000)).map(({ entry }) => entry.message);
}

export const DAMAGES: [string, (log: string) => void][] = [
  ['half a line', (log) => truncateSync(log, statSync(log).size - 20)],
  ['half a character', (log) => truncateSync(log, statSync(log).size - 2)],
  ['a line without its end', (log) => truncateSync(log, statSync(log).size - 1)],
  ['a page of NULs behind it', (log) => appendFileSync(log, Buffer.alloc(4096))],
  ['a page of NULs in its place', (log) => writeFileSync(log, withZeros(readFileSync(log), 400))],
  ['half a line behind it', (log) => appendFileSync(log, '2026-11-23 03:10:11,123 - [INFO] - [we')],
];

function withZeros(bytes: Buffer, count: number): Buffer {
  return bytes.fill(0, bytes.length - count);
}
