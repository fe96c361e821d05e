/** app.log beside a commit journal that has texts too: what a start may write again, and what it must leave alone. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME } from '../../../src/store/file/names.ts';
import { openFileReader } from '../../../src/store/file/open-reader.ts';
import { batchOf } from '../../support/drafts.ts';
import { createRandom, FaultyDisk } from '../../support/faulty-files.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { DAMAGES, JOURNALED, makeKilled, readMessages } from '../../support/killed-store.ts';

const SIZES = { blockBytes: 500, journalBytesMax: 1_000_000, journaledBytesMax: 2_000 };
const MUCH = 'x'.repeat(3_000);

interface Mixed {
  readonly log: string;
  readonly folder: string;
  readonly messages: readonly string[];
  /** Bytes that were flushed in app.log itself. */
  readonly synced: number;
}

/** Five little batches of two, much that is flushed with them, five little ones, and the end. */
async function makeMixed(t: TestContext): Promise<Mixed> {
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

async function reopen(folder: string): Promise<{ messages: string[]; events: string[] }> {
  const { store, reports } = await openForTest(folder, { sizes: SIZES });
  const messages = await readMessages(store);
  const { counts } = await store.countByLevel({ query: { kind: 'all' } });
  assert.equal(counts.INFO, messages.length);
  await store.close();
  return { messages, events: reports.map(({ event }) => event) };
}

test('file store: what did not reach the disk is found by search too, before anything is written', async (t) => {
  for (const damage of ['cut', 'NULs'] as const) {
    const { log, folder, messages, synced } = await makeMixed(t);
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
  const { log, folder, messages, synced } = await makeMixed(t);
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
  const { log, folder, messages } = await makeMixed(t);
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

for (const [name, damage] of DAMAGES) {
  test(`file store: a tail damaged by hand is written again from the journal: ${name}`, async (t) => {
    const { folder, messages } = await makeKilled(t, JOURNALED);
    const log = join(folder, LOG_NAME);
    const original = readFileSync(log);
    damage(log);
    const { store, reports } = await openForTest(folder, { sizes: JOURNALED });
    assert.deepEqual(await readMessages(store), messages);
    assert.deepEqual(
      reports.map(({ event }) => event),
      [name.endsWith('behind it') ? 'tail-cut' : 'log-restored'],
    );
    await store.append(batchOf(['afterwards'], Date.now()));
    await store.close();
    assert.deepEqual(readFileSync(log).subarray(0, original.length), original);
    const again = await openForTest(folder, { sizes: JOURNALED });
    assert.deepEqual(await readMessages(again.store), [...messages, 'afterwards']);
    assert.deepEqual(again.reports, []);
    await again.store.close();
  });
}

test('file store: a log that never reached the disk is written from the journal', async (t) => {
  for (const rest of [0, 1, 299, 300, 700]) {
    const { folder, messages } = await makeKilled(t, JOURNALED);
    const log = join(folder, LOG_NAME);
    const original = readFileSync(log);
    truncateSync(log, rest);
    const reader = await openFileReader(folder);
    const read = (await reader.after(ID_NONE, 1_000)).map(({ entry }) => entry.message);
    assert.deepEqual(read, messages, `${rest} bytes are left: who only reads sees all`);
    await reader.close();
    const { store, reports } = await openForTest(folder, { sizes: JOURNALED });
    assert.deepEqual(await readMessages(store), messages, `${rest} bytes are left`);
    assert.deepEqual(
      reports.map(({ event }) => event),
      ['log-restored'],
    );
    await store.close();
    assert.deepEqual(readFileSync(log), original);
  }
});

test('file store: the journal does not write over a log of another program', async (t) => {
  const { folder } = await makeKilled(t, JOURNALED);
  const log = join(folder, LOG_NAME);
  const other = '2026-11-23 03:10:11,123 - [INFO] - [web-1] - [ID:0b5f6c1e-0000-4000-8000-000000000001] - theirs\n';
  writeFileSync(log, other);
  const { store, reports } = await openForTest(folder, { sizes: JOURNALED });
  assert.deepEqual(await readMessages(store), ['theirs']);
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['log-replaced'],
  );
  await store.close();
  assert.equal(readFileSync(log, 'utf8'), other);
});
