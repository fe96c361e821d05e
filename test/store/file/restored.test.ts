/** app.log beside a commit journal that has texts too: what a start may write again, and what it must leave alone. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME } from '../../../src/store/file/names.ts';
import { openFileReader } from '../../../src/store/file/open-reader.ts';
import type { Store } from '../../../src/store/store.ts';
import { batchOf } from '../../support/drafts.ts';
import { createRandom, FaultyDisk } from '../../support/faulty-files.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const SIZES = { blockBytes: 500, journalBytesMax: 1_000_000, journaledBytesMax: 2_000 };
const MUCH = 'x'.repeat(3_000);

interface Killed {
  readonly log: string;
  readonly folder: string;
  readonly messages: readonly string[];
  /** Bytes that were flushed in app.log itself. */
  readonly synced: number;
}

/** Five little batches of two, much that is flushed with them, five little ones, and the end. */
async function makeKilled(t: TestContext): Promise<Killed> {
  const folder = temporaryFolder(t);
  const log = join(folder, LOG_NAME);
  const disk = new FaultyDisk(createRandom(1));
  const { store } = await openForTest(folder, { files: disk, sizes: SIZES });
  const messages: string[] = [];
  let synced = 0;
  for (let number = 0; number < 11; number++) {
    const batch = number === 5 ? [MUCH] : [`${number}/0`, `${number}/1`];
    await store.append(batchOf(batch, Date.now()));
    messages.push(...batch);
    if (number === 5) synced = statSync(log).size;
  }
  disk.isKilled = true;
  await store.close();
  return { log, folder, messages, synced };
}

async function messagesIn(store: Pick<Store, 'after'>): Promise<string[]> {
  return (await store.after(ID_NONE, 1_000)).map(({ entry }) => entry.message);
}

async function reopen(folder: string): Promise<{ messages: string[]; events: string[] }> {
  const { store, reports } = await openForTest(folder, { sizes: SIZES });
  const messages = await messagesIn(store);
  const { counts } = await store.countByLevel({ query: { kind: 'all' } });
  assert.equal(counts.INFO, messages.length);
  await store.close();
  return { messages, events: reports.map(({ event }) => event) };
}

test('file store: what did not reach the disk is found by search too, before anything is written', async (t) => {
  for (const damage of ['cut', 'NULs'] as const) {
    const { log, folder, messages, synced } = await makeKilled(t);
    const whole = readFileSync(log);
    const damaged = damage === 'cut' ? whole.subarray(0, synced + 10) : Buffer.from(whole).fill(0, synced + 10);
    writeFileSync(log, damaged);
    const reader = await openFileReader(folder);
    const { found } = await reader.search({ query: { kind: 'all' }, limit: 100, order: 'asc' });
    assert.deepEqual(
      found.map(({ entry }) => entry.message),
      messages,
    );
    await reader.close();
    assert.deepEqual(readFileSync(log), damaged, 'who only reads writes nothing');
    assert.deepEqual(await reopen(folder), { messages, events: ['log-restored'] });
    assert.deepEqual(readFileSync(log), whole);
  }
});

test('file store: nothing is written behind a hole: a log cut in front of what was flushed', async (t) => {
  const { log, folder, messages, synced } = await makeKilled(t);
  for (const size of [synced - 5, Math.floor(synced / 2), 300, 250]) {
    truncateSync(log, size);
    const { messages: left, events } = await reopen(folder);
    assert.deepEqual(left, messages.slice(0, left.length), `cut to ${size} bytes`);
    assert.equal(left.includes(MUCH), false);
    assert.ok(!readFileSync(log).includes(0), 'a hole is in the log');
    if (size === synced - 5) assert.deepEqual(events, ['log-short', 'tail-cut']);
  }
});

test('file store: a line taken out by hand: the others stay, but for what then looks torn at the end', async (t) => {
  const { log, folder, messages } = await makeKilled(t);
  const lines = readFileSync(log, 'utf8').split('\n');
  // Of the eighth batch.
  const [taken = ''] = lines.splice(14, 1);
  writeFileSync(log, lines.join('\n'));
  const { messages: left } = await reopen(folder);
  assert.ok(!readFileSync(log).includes(0), 'a hole is in the log');
  assert.equal(new Set(left).size, left.length, 'an entry is there twice');
  const others = messages.filter((message) => !taken.endsWith(` - ${message}`));
  assert.ok(left.length >= others.length - 4, `only ${left.length} of ${others.length} are left`);
  assert.deepEqual(left, others.slice(0, left.length));
});

test('file store: a log of another program is left as it is, also behind a batch without entries', async (t) => {
  const folder = temporaryFolder(t);
  const log = join(folder, LOG_NAME);
  const disk = new FaultyDisk(createRandom(1));
  const { store } = await openForTest(folder, { files: disk, sizes: SIZES });
  await store.append(batchOf([], 0), { producer: 'agent', sequence: 1, bodyHash: '1' });
  await store.append(batchOf(['ours'], 0));
  await store.append(batchOf(['ours too'], 0));
  disk.isKilled = true;
  await store.close();
  const theirs = '2026-11-23 03:10:11,123 - [INFO] - [web-1] - [ID:0b5f6c1e-0000-4000-8000-000000000001] - theirs\n';
  writeFileSync(log, theirs);
  assert.deepEqual(await reopen(folder), { messages: ['theirs'], events: ['log-replaced'] });
  assert.equal(readFileSync(log, 'utf8'), theirs);
});
