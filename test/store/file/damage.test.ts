/**
 * Files damaged by hand: the store opens, keeps what is whole and says what it left out.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeBatch } from '../../../src/entry/batch.ts';
import { loadStates } from '../../../src/store/file/load-states.ts';
import {
  COMMITS_NAME,
  CUT_PREFIX,
  INDEX_NAME,
  LOG_NAME,
  STATE_JOURNAL_NAME,
  STATE_NAME,
} from '../../../src/store/file/names.ts';
import { encodeHeader, encodeRecord, readRecords } from '../../../src/store/file/record.ts';
import { createStateBook } from '../../../src/store/file/state-book.ts';
import { StoreError } from '../../../src/store/store.ts';
import { realFiles } from '../../../src/system/files.ts';
import { batchOf, draft } from '../../support/drafts.ts';
import { createRandom, FaultyDisk } from '../../support/faulty-files.ts';
import { openForTest } from '../../support/file-store.ts';
import { BLOCKS, DAMAGES, JOURNALED, makeKilled, readMessages } from '../../support/killed-store.ts';

/** A folder as a store leaves it that was closed in order. */
async function makeClosed(t: TestContext): Promise<{ folder: string; messages: string[] }> {
  const made = await makeKilled(t);
  const { store } = await openForTest(made.folder, { sizes: BLOCKS });
  await store.close();
  return made;
}

/** Whole batches from the beginning on. */
function isPrefixOfBatches(found: readonly string[], messages: readonly string[]): boolean {
  return found.length % 3 === 0 && found.every((message, index) => message === messages[index]);
}

for (const [name, damage] of DAMAGES) {
  for (const [end, make] of [
    ['killed', makeKilled],
    ['closed', makeClosed],
  ] as const) {
    test(`file store: a tail damaged by hand is cut off and said: ${name}, after it was ${end}`, async (t) => {
      const { folder, messages } = await make(t);
      damage(join(folder, LOG_NAME));
      const { store, reports } = await openForTest(folder, { sizes: BLOCKS });
      const found = await readMessages(store);
      assert.ok(found.length >= messages.length - 6, `only ${found.length} of ${messages.length} are left`);
      assert.deepEqual(found, messages.slice(0, found.length));
      if (end === 'killed') assert.ok(isPrefixOfBatches(found, messages), 'half a batch is there');
      assert.ok(
        reports.some(({ event }) => event === 'tail-cut' || event === 'log-short'),
        `nothing was said: ${JSON.stringify(reports)}`,
      );
      await store.append(batchOf(['afterwards'], Date.now()));
      await store.close();
      const again = await openForTest(folder, { sizes: BLOCKS });
      assert.deepEqual(await readMessages(again.store), [...found, 'afterwards']);
      assert.deepEqual(again.reports, []);
      await again.store.close();
    });
  }
}

for (const sizes of [BLOCKS, JOURNALED]) testCuts(sizes);

function testCuts(sizes: typeof BLOCKS): void {
  const what = sizes === JOURNALED ? 'the text in the journal' : 'the text in the log alone';
  test(`file store: a file of the folder cut at any byte does not keep the store from opening, ${what}`, async (t) => {
    const { folder, messages } = await makeKilled(t, sizes);
    for (const name of [COMMITS_NAME, INDEX_NAME, STATE_JOURNAL_NAME, LOG_NAME]) {
      const size = statSync(join(folder, name)).size;
      assert.ok(size > 0, `${name} is there to be cut`);
      // Every byte of the first records and of the last, every few in between.
      for (let cut = 0; cut <= size; cut += cut < 100 || cut > size - 200 ? 1 : 29) {
        const copy = join(folder, '..', `${folder.slice(folder.lastIndexOf('/') + 1)}-cut`);
        cpSync(folder, copy, { recursive: true });
        t.after(() => rmSync(copy, { recursive: true, force: true }));
        truncateSync(join(copy, name), cut);
        const { store } = await openForTest(copy, { files: new FaultyDisk(createRandom(cut)), sizes });
        try {
          const found = await readMessages(store);
          const what = `${name} cut to ${cut} of ${size} bytes: ${found.length} entries`;
          assert.ok(isPrefixOfBatches(found, messages), what);
          if (name === INDEX_NAME || name === STATE_JOURNAL_NAME || (name === LOG_NAME && sizes === JOURNALED))
            assert.equal(found.length, messages.length, what);
          const again = await store.append(batchOf(['x'], 0), { producer: 'agent', sequence: 9, bodyHash: '9' });
          const isKnown = found.length === messages.length && again.kind === 'duplicate';
          assert.ok(isKnown || again.kind === 'stored', `${what}: ${again.kind}`);
          const { counts } = await store.countByLevel({ query: { kind: 'all' } });
          assert.equal(counts.INFO, store.sizes().entryCount, what);
        } finally {
          await store.close();
        }
        rmSync(copy, { recursive: true, force: true });
      }
    }
  });
}

/** One byte of a file is another. */
function damageByte(path: string, at: number, mask: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ mask;
  writeFileSync(path, bytes);
}

/** Where the records of a journal begin and end, and the sequence of the batch that each describes. */
function batchRecords(journal: Buffer): { from: number; to: number; sequence: number }[] {
  const records: { from: number; to: number; sequence: number }[] = [];
  let from = journal.indexOf('\n') + 1;
  for (const { value, end } of readRecords(journal, from)) {
    const { batches = [] } = value as { batches?: [number, number, string, number][] };
    for (const [, , , sequence] of batches) records.push({ from, to: end, sequence });
    from = end;
  }
  return records;
}

test('file store: one damaged byte of the commit journal takes no entry and no intact mark', async (t) => {
  const { folder, messages } = await makeKilled(t);
  const original = readFileSync(join(folder, COMMITS_NAME));
  const records = batchRecords(original);
  assert.equal(records.length, 10);
  const version = original.indexOf('1\n');
  for (let at = 0; at < original.length; at++) {
    // Another version is refused as a whole, with nothing touched.
    if (at === version) continue;
    const copy = `${folder}-damaged`;
    t.after(() => rmSync(copy, { recursive: true, force: true }));
    cpSync(folder, copy, { recursive: true });
    damageByte(join(copy, COMMITS_NAME), at, [0x01, 0x80, 0x5a][at % 3] ?? 0);
    const { store, reports } = await openForTest(copy, { files: new FaultyDisk(createRandom(at)), sizes: BLOCKS });
    try {
      const what = `byte ${at} of ${original.length}`;
      assert.deepEqual(await readMessages(store), messages, what);
      assert.ok(!reports.some(({ event }) => event === 'tail-cut'), `${what}: something was cut`);
      const damaged = records.find(({ from, to }) => at >= from && at < to);
      // A line break, or the space behind a sum: each record is whole without it.
      const isBetween = original[at] === 0x0a || /[\n][0-9a-f]{8}$/.test(original.toString('latin1', at - 9, at));
      if (!isBetween) {
        assert.equal(reports.filter(({ event }) => event === 'journal-damaged').length, 1, `${what} was not said once`);
      }
      // The mark of the last batch stands for those before it; where the last is lost, the one before it counts.
      const known = damaged?.sequence === 9 && !isBetween ? 8 : 9;
      for (const sequence of [known - 1, known]) {
        const again = await store.append(batchOf(['again'], 0), {
          producer: 'agent',
          sequence,
          bodyHash: `${sequence}`,
        });
        assert.equal(again.kind, 'duplicate', `${what}: batch ${sequence}`);
      }
      await store.append(batchOf(['afterwards'], 0));
    } finally {
      await store.close();
    }
    const again = await openForTest(copy, { files: new FaultyDisk(createRandom(at)), sizes: BLOCKS });
    assert.deepEqual(await readMessages(again.store), [...messages, 'afterwards']);
    assert.deepEqual(again.reports, []);
    await again.store.close();
    rmSync(copy, { recursive: true, force: true });
  }
});

test('file store: a damaged record does not make half of a torn batch count', async (t) => {
  const { folder, messages } = await makeKilled(t);
  const path = join(folder, COMMITS_NAME);
  const fifth = batchRecords(readFileSync(path))[4];
  damageByte(path, (fifth?.from ?? 0) + 20, 0x01);
  truncateSync(join(folder, LOG_NAME), statSync(join(folder, LOG_NAME)).size - 20);
  const { store } = await openForTest(folder, { sizes: BLOCKS });
  assert.deepEqual(await readMessages(store), messages.slice(0, -3));
  await store.close();
});

test('file store: one damaged byte in the last batch takes no other entry', async (t) => {
  const { folder, messages } = await makeKilled(t);
  const log = join(folder, LOG_NAME);
  const original = readFileSync(log);
  const starts = [...original.toString('latin1').matchAll(/^/gm)].map(({ index }) => index).slice(0, 30);
  const lastBatchAt = starts[27] ?? 0;
  // The very last byte is left out: a line without its end is a torn one.
  for (let at = lastBatchAt; at < original.length - 1; at += 7) {
    const copy = `${folder}-damaged`;
    t.after(() => rmSync(copy, { recursive: true, force: true }));
    cpSync(folder, copy, { recursive: true });
    damageByte(join(copy, LOG_NAME), at, 0x01);
    const damaged = starts.findLastIndex((start) => start <= at);
    const { store, reports } = await openForTest(copy, { files: new FaultyDisk(createRandom(at)), sizes: BLOCKS });
    try {
      const found = await readMessages(store);
      for (const [index, message] of messages.entries()) {
        // A line whose head is damaged goes on with the entry before it.
        const isThere = index === damaged || found.some((other) => other.startsWith(message));
        assert.ok(isThere || original[at] === 0x0a, `byte ${at}: ${message} is gone`);
      }
      assert.deepEqual(
        reports.map(({ event }) => event),
        ['log-damaged'],
      );
      const again = await store.append(batchOf(['x'], 0), { producer: 'agent', sequence: 9, bodyHash: '9' });
      assert.equal(again.kind, 'duplicate');
    } finally {
      await store.close();
    }
    rmSync(copy, { recursive: true, force: true });
  }
});

test('file store: what a start cuts off the log is kept beside it, the newest few', async (t) => {
  const { folder } = await makeKilled(t);
  const log = join(folder, LOG_NAME);
  for (let start = 0; start < 5; start++) {
    const before = readFileSync(log);
    appendFileSync(
      log,
      `2026-11-23 03:10:11,123 - [INFO] - [web] - [ID:0193b0a8-0000-7000-8000-00000000000${start}] - torn`,
    );
    const whole = readFileSync(log);
    const { store, reports } = await openForTest(folder, { sizes: BLOCKS });
    await store.close();
    assert.deepEqual(readFileSync(log), before);
    const name = `${CUT_PREFIX}0193b0a8-0000-7000-8000-00000000000${start}`;
    assert.deepEqual(readFileSync(join(folder, name)), whole.subarray(before.length));
    const [report] = reports;
    const said = `cut ${whole.length - before.length} bytes off the end of app.log`;
    assert.ok(report?.message.startsWith(said) && report.message.includes(name), JSON.stringify(reports));
    assert.equal(reports.length, 1);
  }
  const kept = readdirSync(folder).filter((name) => name.startsWith(CUT_PREFIX));
  assert.deepEqual(
    kept.sort().map((name) => name.slice(-1)),
    ['2', '3', '4'],
  );
});

test('file store: on a full disk a torn write is cut off all the same', async (t) => {
  const { folder, messages } = await makeKilled(t);
  const log = join(folder, LOG_NAME);
  const before = readFileSync(log);
  appendFileSync(log, 'never confirmed');
  const disk = new FaultyDisk(createRandom(1));
  disk.roomBytes = 0;
  const { store, reports } = await openForTest(folder, { files: disk, sizes: BLOCKS });
  assert.deepEqual(await readMessages(store), messages);
  assert.deepEqual(readFileSync(log), before);
  assert.match(reports.find(({ event }) => event === 'tail-cut')?.message ?? '', /could not be kept aside \(ENOSPC/);
  disk.roomBytes = Number.POSITIVE_INFINITY;
  await store.close();
  assert.ok(!readdirSync(folder).some((name) => name.startsWith(CUT_PREFIX)));
});

test('file store: on a full disk text that may have been confirmed stays until it can be kept', async (t) => {
  const { folder, messages } = await makeClosed(t);
  const log = join(folder, LOG_NAME);
  truncateSync(log, statSync(log).size - 5);
  const damaged = readFileSync(log);
  const disk = new FaultyDisk(createRandom(1));
  disk.roomBytes = 0;
  const { store, reports } = await openForTest(folder, { files: disk, sizes: BLOCKS });
  assert.deepEqual(await readMessages(store), messages.slice(0, -1));
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['log-short', 'read-only'],
  );
  await assert.rejects(
    store.append(batchOf(['x'], 0)),
    (error) => error instanceof StoreError && error.type === 'disk-full',
  );
  assert.deepEqual(readFileSync(log), damaged);
  disk.roomBytes = Number.POSITIVE_INFINITY;
  await store.append(batchOf(['with room'], 0));
  assert.deepEqual(await readMessages(store), [...messages.slice(0, -1), 'with room']);
  await store.close();
  const [kept = ''] = readdirSync(folder).filter((name) => name.startsWith(CUT_PREFIX));
  assert.ok(damaged.toString().endsWith(readFileSync(join(folder, kept), 'utf8')));
  assert.ok(!kept.endsWith('.new'));
});

test('file store: one damaged byte of the state journal takes no other change than its own', async (t) => {
  const { folder } = await makeKilled(t);
  const path = join(folder, STATE_JOURNAL_NAME);
  const original = readFileSync(path);
  const starts = [...original.toString('latin1').matchAll(/^\{"([^"]+)"/gm)].map((match) => ({
    at: match.index,
    id: match[1] ?? '',
  }));
  assert.equal(starts.length, 3);
  const version = original.indexOf('1\n');
  for (let at = 0; at < original.length; at++) {
    if (at === version) continue;
    writeFileSync(path, original);
    damageByte(path, at, 0x01);
    const book = createStateBook();
    await loadStates(folder, realFiles, book);
    const damaged = original[at] === 0x0a ? undefined : starts.findLast((start) => start.at <= at);
    for (const { id } of starts) {
      if (id !== damaged?.id)
        assert.equal(book.get(id)?.state.isPinned, true, `byte ${at}: the change of ${id} is lost`);
    }
  }
});

test('file store: a state file cut at any byte gives the states that are whole in it', async (t) => {
  const { folder } = await makeClosed(t);
  const path = join(folder, STATE_NAME);
  const text = readFileSync(path, 'utf8');
  const ids = Object.keys(JSON.parse(text) as object);
  assert.equal(ids.length, 3);
  for (let cut = 0; cut <= text.length; cut++) {
    writeFileSync(path, text.slice(0, cut));
    const { store } = await openForTest(folder, { files: new FaultyDisk(createRandom(cut)), sizes: BLOCKS });
    const pinned = [...store.statesChangedSince(0).keys()];
    const whole = ids.filter((id) => {
      const lineEnd = text.indexOf('}', text.indexOf('"entry"', text.indexOf(id)));
      return cut > lineEnd;
    });
    assert.deepEqual(pinned, whole, `cut to ${cut} bytes`);
    await store.close();
  }
});

test('file store: a folder without its journal and index is taken as it is', async (t) => {
  const { folder, messages } = await makeClosed(t);
  for (const name of [COMMITS_NAME, INDEX_NAME, STATE_JOURNAL_NAME]) rmSync(join(folder, name));
  const { store, reports } = await openForTest(folder, { sizes: BLOCKS });
  assert.deepEqual(await readMessages(store), messages);
  assert.equal(store.statesChangedSince(0).size, 3);
  assert.deepEqual(reports, []);
  await store.close();
});

test('file store: an index of another version or of another file is built anew', async (t) => {
  const { folder, messages } = await makeClosed(t);
  const path = join(folder, INDEX_NAME);
  const index = readFileSync(path, 'utf8');
  for (const other of [
    index.replace('logd index 1', 'logd index 2'),
    index.replace('logd index 1', 'logd index 0'),
    index.replace(/"firstId":"[^"]*"/, '"firstId":"00000000-0000-7000-8000-000000000000"'),
    'nonsense\n',
  ]) {
    writeFileSync(path, other);
    const { store } = await openForTest(folder, { sizes: BLOCKS });
    assert.deepEqual(await readMessages(store), messages);
    assert.equal((await store.countByLevel({ query: { kind: 'all' } })).counts.INFO, messages.length);
    await store.close();
    assert.ok(readFileSync(path, 'utf8').startsWith('logd index 1\n'));
  }
});

test('file store: an index is believed at the next start, so that a start need not read the log', async (t) => {
  const { folder, messages } = await makeClosed(t);
  const path = join(folder, INDEX_NAME);
  const index = readFileSync(path);
  const records = [...readRecords(index, index.indexOf('\n') + 1)].map(({ value }) => value as { count: number });
  const middle = records[2];
  assert.ok(middle && records.length > 4);
  middle.count += 1_000;
  writeFileSync(path, encodeHeader('index', 1) + records.map(encodeRecord).join(''));
  const { store } = await openForTest(folder, { sizes: BLOCKS });
  assert.equal(store.sizes().entryCount, messages.length + 1_000);
  await store.close();
});

test('file store: a folder of a newer version is refused with a clear line', async (t) => {
  for (const [name, kind] of [
    [COMMITS_NAME, 'commits 3'],
    [STATE_JOURNAL_NAME, 'state-journal 2'],
  ] as const) {
    const { folder } = await makeClosed(t);
    writeFileSync(join(folder, name), `logd ${kind}\nwho knows\n`);
    const before = readFileSync(join(folder, LOG_NAME));
    await assert.rejects(
      openForTest(folder),
      (error) => error instanceof StoreError && error.type === 'newer-format' && /newer logd/.test(error.message),
    );
    assert.deepEqual(readFileSync(join(folder, LOG_NAME)), before);
    assert.ok(!readdirSync(folder).includes('lock'), 'the lock was left behind');
  }
});

test('file store: a log that vanished is said, and producers are still known', async (t) => {
  const { folder } = await makeClosed(t);
  rmSync(join(folder, LOG_NAME));
  const { store, reports } = await openForTest(folder);
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['log-replaced'],
  );
  const again = await store.append(encodeBatch([draft('x')], 0), { producer: 'agent', sequence: 9, bodyHash: '9' });
  assert.equal(again.kind, 'duplicate');
  await store.close();
});
