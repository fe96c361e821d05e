/**
 * Segments as they are left by crashes, by hands and by other versions: each entry is there once, and what is not whole is
 * said.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { decodeEntry } from '../../../src/entry/codec.ts';
import { ID_NONE } from '../../../src/entry/id.ts';
import { parseQuery } from '../../../src/entry/query/parse.ts';
import { COMMITS_NAME, INDEX_NAME, LOG_NAME } from '../../../src/store/file/names.ts';
import { openFileReader } from '../../../src/store/file/open-reader.ts';
import { type Store, StoreError, type StoreReader } from '../../../src/store/store.ts';
import { realClock } from '../../../src/system/clock.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { until } from '../../support/until.ts';

const SMALL = { sizes: { blockBytes: 600, journalBytesMax: 1_000_000 }, segmentBytes: 2_000 };

interface Made {
  readonly folder: string;
  readonly messages: readonly string[];
}

/** Several sealed segments and an active one; the third entry is pinned. */
async function makeSealed(t: TestContext): Promise<Made> {
  const folder = temporaryFolder(t);
  const { store } = await openForTest(folder, SMALL);
  const messages: string[] = [];
  for (let batch = 0; batch < 30; batch++) {
    const three = [0, 1, 2].map((index) => `${batch}/${index} äöü of ${batch % 7} ms`);
    messages.push(...three);
    await store.append(batchOf(three, Date.now()), { producer: 'agent', sequence: batch, bodyHash: `${batch}` });
  }
  const [, , third] = await store.after(ID_NONE, 3);
  await store.changeState([third?.entry.id ?? ''], () => ({ pin: true }));
  await allSealed(folder);
  await store.close();
  assert.ok(namesOf(folder, '.log.zst').length > 3);
  return { folder, messages };
}

function namesOf(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('app-') && name.endsWith(ending))
    .sort();
}

function allSealed(folder: string): Promise<void> {
  return until(() => namesOf(folder, '.log').length === 0 && namesOf(folder, '.new').length === 0);
}

async function messagesIn(store: StoreReader): Promise<string[]> {
  return (await store.after(ID_NONE, 1_000_000)).map(({ entry }) => entry.message);
}

/** What a store says in every way it can be asked. */
async function checkWhole(store: StoreReader, messages: readonly string[]): Promise<void> {
  assert.deepEqual(await messagesIn(store), messages);
  const { counts } = await store.countByLevel({ query: { kind: 'all' } });
  assert.equal(counts.INFO, messages.length);
  const parsed = parseQuery('"of 3 ms"');
  assert.ok(parsed.ok);
  const wanted = messages.filter((message) => message.includes('of 3 ms'));
  assert.equal((await store.countByLevel({ query: parsed.query })).counts.INFO, wanted.length);
  const page = await store.search({ query: parsed.query, limit: 1_000, order: 'asc' });
  assert.deepEqual(page.found.map(({ entry }) => entry.message).sort(), [...wanted].sort());
  const pinned = parseQuery('is:pinned');
  assert.ok(pinned.ok);
  assert.equal((await store.search({ query: pinned.query, limit: 10, order: 'asc' })).found.length, 1);
}

async function reopen(t: TestContext, folder: string, messages: readonly string[]) {
  const opened = await openForTest(folder, SMALL);
  t.after(() => opened.store.close());
  await checkWhole(opened.store, messages);
  return opened;
}

test('file store: zstd -d gives a sealed segment back as plain text, and all segments together every entry once', async (t) => {
  const { folder, messages } = await makeSealed(t);
  const texts = namesOf(folder, '.log.zst').map((name) => {
    const bytes = readFileSync(join(folder, name));
    const shown = spawnSync('zstdcat', [join(folder, name)], { encoding: 'utf8' });
    const text = zstdDecompressSync(bytes).toString();
    if (shown.status === 0) assert.equal(shown.stdout, text);
    return text;
  });
  const all = texts.join('') + readFileSync(join(folder, LOG_NAME), 'utf8');
  assert.deepEqual(
    all
      .trimEnd()
      .split('\n')
      .map((line) => decodeEntry(line)?.message),
    messages,
  );
  for (const [at, name] of namesOf(folder, '.log.zst').entries()) {
    assert.equal(name, `app-${decodeEntry(texts[at]?.split('\n')[0] ?? '')?.id}.log.zst`);
  }
});

test('file store: sealed segments are searched, read and changed as if they were not', async (t) => {
  const { folder, messages } = await makeSealed(t);
  const { store, reports } = await reopen(t, folder, messages);
  assert.deepEqual(reports, []);
  for (const { entry } of (await store.after(ID_NONE, 100)).slice(0, 20)) {
    assert.deepEqual((await store.get(entry.id))?.entry, entry);
    const states = await store.changeState([entry.id], () => ({ note: 'seen' }));
    assert.equal(states.get(entry.id)?.note, 'seen');
  }
  const again = await store.append(batchOf(['x'], 0), { producer: 'agent', sequence: 29, bodyHash: '29' });
  assert.equal(again.kind, 'duplicate');
});

test('file store: a folder with sealed segments is read without its server', async (t) => {
  const { folder, messages } = await makeSealed(t);
  const names = readdirSync(folder).sort();
  const reader = await openFileReader(folder);
  await checkWhole(reader, messages);
  await reader.close();
  assert.deepEqual(readdirSync(folder).sort(), names);
  rmSync(join(folder, namesOf(folder, '.index')[0] ?? ''));
  const without = await openFileReader(folder);
  await checkWhole(without, messages);
  await without.close();
});

const INDEX_DAMAGES: Readonly<Record<string, (bytes: Buffer) => Buffer | undefined>> = {
  missing: () => undefined,
  empty: () => Buffer.alloc(0),
  'cut in the middle': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'damaged in its last byte': (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(~(bytes.at(-1) ?? 0) & 0xff)]),
  'damaged in its head': (bytes) => Buffer.from(bytes.toString('latin1').replace('entryCount', 'entryCounT'), 'latin1'),
  'of an older version': (bytes) => Buffer.from(bytes.toString('latin1').replace('segment 1', 'segment 0'), 'latin1'),
};

for (const [damage, make] of Object.entries(INDEX_DAMAGES)) {
  test(`file store: the index of a sealed segment that is ${damage} is made again, and said`, async (t) => {
    const { folder, messages } = await makeSealed(t);
    const path = join(folder, namesOf(folder, '.index')[1] ?? '');
    const before = readFileSync(path);
    const damaged = make(before);
    if (damaged) writeFileSync(path, damaged);
    else rmSync(path);
    const { reports } = await reopen(t, folder, messages);
    assert.deepEqual(
      reports.map(({ event }) => event),
      ['index-rebuilt'],
    );
    assert.match(reports[0]?.message ?? '', /made again from app-.*\.log\.zst/);
    assert.deepEqual(readFileSync(path), before);
  });
}

test('file store: an index of a newer version is refused with a line that says the way out', async (t) => {
  const { folder } = await makeSealed(t);
  const path = join(folder, namesOf(folder, '.index')[1] ?? '');
  writeFileSync(path, Buffer.from(readFileSync(path).toString('latin1').replace('segment 1', 'segment 2'), 'latin1'));
  for (const open of [() => openForTest(folder, SMALL), () => openFileReader(folder)]) {
    await assert.rejects(open, (error) => {
      assert.ok(error instanceof StoreError && error.type === 'newer-format');
      assert.match(error.message, /written by a newer logd .* use that one, or give another folder with --data/);
      return true;
    });
  }
});

test('file store: a damaged block of a sealed segment is said, and all others are there', async (t) => {
  const { folder, messages } = await makeSealed(t);
  const [name = ''] = namesOf(folder, '.log.zst');
  const path = join(folder, name);
  const bytes = readFileSync(path);
  // Within the first frame, behind its header.
  bytes[60] = ~(bytes[60] ?? 0) & 0xff;
  writeFileSync(path, bytes);
  const { store, reports } = await openForTest(folder, SMALL);
  t.after(() => store.close());
  const left = await messagesIn(store);
  assert.ok(left.length < messages.length && left.length >= messages.length - 12, `${left.length} are left`);
  assert.deepEqual(left, messages.slice(-left.length));
  assert.deepEqual(
    reports.map(({ event }) => event),
    ['segment-damaged'],
  );
  const parsed = parseQuery('/of \\d ms/');
  assert.ok(parsed.ok);
  assert.equal((await store.search({ query: parsed.query, limit: 1_000, order: 'asc' })).found.length, left.length);
  rmSync(join(folder, namesOf(folder, '.index')[0] ?? ''));
});

/** What a crash leaves, by the step in which it comes. */
const CRASHES: Readonly<Record<string, (folder: string) => void>> = {
  'before the sealed text is in place'(folder) {
    const name = namesOf(folder, '.log.zst').at(-1) ?? '';
    const path = join(folder, name);
    writeFileSync(path.replace('.zst', ''), zstdDecompressSync(readFileSync(path)));
    renameSync(path, `${path}.new`);
  },
  'with the sealed text half written'(folder) {
    const name = namesOf(folder, '.log.zst').at(-1) ?? '';
    const path = join(folder, name);
    const bytes = readFileSync(path);
    writeFileSync(path.replace('.zst', ''), zstdDecompressSync(bytes));
    writeFileSync(`${path}.new`, bytes.subarray(0, bytes.length >> 1));
    rmSync(path);
    rmSync(path.replace('.log.zst', '.index'));
  },
  'before the plain text is deleted'(folder) {
    const name = namesOf(folder, '.log.zst').at(-1) ?? '';
    const path = join(folder, name);
    writeFileSync(path.replace('.zst', ''), zstdDecompressSync(readFileSync(path)));
  },
  'with an index whose text is given up'(folder) {
    const [name = ''] = namesOf(folder, '.index');
    writeFileSync(join(folder, name.replace(/[0-9a-f]{12}\.index/, '0123456789ab.index')), 'logd segment 1\n');
  },
};

for (const [step, leave] of Object.entries(CRASHES)) {
  test(`file store: after a crash ${step} each entry is there once, in one file`, async (t) => {
    const { folder, messages } = await makeSealed(t);
    leave(folder);
    const { reports } = await reopen(t, folder, messages);
    assert.deepEqual(reports, []);
    await allSealed(folder);
    const ids = namesOf(folder, '.log.zst').map((name) => name.slice(0, -'.log.zst'.length));
    assert.deepEqual(
      namesOf(folder, '.index').map((name) => name.slice(0, -'.index'.length)),
      ids,
    );
    const reader = await openFileReader(folder);
    await checkWhole(reader, messages);
    await reader.close();
  });
}

test('file store: after a crash between the rotation and the new journal nothing is lost, and producers are known', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openForTest(folder);
  const origin = { producer: 'agent', sequence: 1, bodyHash: 'a' };
  const stored = await store.append(batchOf(['one', 'two'], Date.now()), origin);
  assert.ok(stored.kind === 'stored' && stored.firstId !== undefined);
  await store.close();
  renameSync(join(folder, LOG_NAME), join(folder, `app-${stored.firstId}.log`));
  const again = await openForTest(folder);
  t.after(() => again.store.close());
  assert.deepEqual(again.reports, []);
  assert.deepEqual(await messagesIn(again.store), ['one', 'two']);
  assert.equal((await again.store.append(batchOf(['one', 'two'], 0), origin)).kind, 'duplicate');
  const next = await again.store.append(batchOf(['three'], Date.now()));
  assert.ok(next.kind === 'stored' && (next.firstId ?? '') > (stored.lastId ?? ''));
  assert.deepEqual(await messagesIn(again.store), ['one', 'two', 'three']);
});

test('file store: an active segment without journal and index begins behind the sealed ones', async (t) => {
  const { folder, messages } = await makeSealed(t);
  for (const name of [LOG_NAME, INDEX_NAME, COMMITS_NAME]) rmSync(join(folder, name), { force: true });
  const sealedCount = namesOf(folder, '.log.zst').reduce(
    (count, name) =>
      count +
      zstdDecompressSync(readFileSync(join(folder, name)))
        .toString()
        .trimEnd()
        .split('\n').length,
    0,
  );
  const { store } = await openForTest(folder, SMALL);
  t.after(() => store.close());
  const newest = store.lastId;
  const next = await store.append(batchOf(['next'], Date.now()));
  assert.ok(next.kind === 'stored' && (next.firstId ?? '') > newest);
  assert.deepEqual(await messagesIn(store), [...messages.slice(0, sealedCount), 'next']);
});

test('file store: retention by size gives up the oldest segments, and leaves what is pinned or a ticket', async (t) => {
  const { folder, messages } = await makeSealed(t);
  const first = await openForTest(folder, SMALL);
  const stored = await first.store.after(ID_NONE, 1_000);
  const ticket = stored[5]?.entry.id ?? '';
  const deleted = stored[7]?.entry.id ?? '';
  await first.store.changeState([ticket], () => ({ ticket: true }));
  await first.store.changeState([deleted], () => ({ pin: true, delete: true }));
  const { bytes } = first.store.sizes();
  await first.store.close();

  const retain = { bytes: Math.floor(bytes / 2) };
  const { store, reports } = await openForTest(folder, { ...SMALL, retain });
  await until(() => store.sizes().bytes <= retain.bytes);
  const check = async (read: Store | StoreReader) => {
    const left = await messagesIn(read);
    assert.deepEqual(left.slice(0, 2), [messages[2], messages[5]]);
    assert.deepEqual(left.slice(2), messages.slice(-(left.length - 2)));
    assert.ok(left.length < messages.length - 10);
    assert.equal((await read.countByLevel({ query: { kind: 'all' } })).counts.INFO, left.length);
    assert.deepEqual(
      (await read.tickets('all')).map(({ entry }) => entry.id),
      [ticket],
    );
    assert.equal((await read.get(ticket))?.state?.isTicket, true);
    assert.equal(await read.get(deleted), undefined);
    const page = await read.search({ query: { kind: 'all' }, limit: 1_000, order: 'asc' });
    assert.deepEqual(page.found.map(({ entry }) => entry.message).sort(), [...left].sort());
  };
  await check(store);
  assert.ok(reports.every(({ event }) => event === 'segment-dropped'));
  await store.close();
  assert.equal(namesOf(folder, '.log.zst').length, namesOf(folder, '.index').length);
  const reader = await openFileReader(folder);
  await check(reader);
  await reader.close();
  const again = await openForTest(folder, SMALL);
  t.after(() => again.store.close());
  await check(again.store);
  // Held on to no more, it goes with the next start.
  await again.store.changeState([ticket], () => ({ ticket: false }));
  assert.equal((await again.store.get(ticket))?.state?.isTicket, false);
});

test('file store: retention by age counts by the time of receipt, and takes the active segment too when it is old', async (t) => {
  const folder = temporaryFolder(t);
  const dayMs = 86_400_000;
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => performance.now(),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 5);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
  const { store } = await openForTest(folder, { clock, retain: { days: 3 } });
  t.after(() => store.close());
  for (let day = 0; day < 6; day++) {
    await store.append(batchOf([`day ${day}`], nowMs - 100 * dayMs));
    nowMs += dayMs + 1;
    await until(() => statSync(join(folder, LOG_NAME), { throwIfNoEntry: false })?.size === 0);
  }
  // Six days and a moment after the first, so that the fourth is just beyond three days.
  await until(() => store.sizes().entryCount <= 2);
  assert.deepEqual(await messagesIn(store), ['day 4', 'day 5']);
  assert.ok(!existsSync(join(folder, 'app.log.new')));
});

test('file store: once little comes in, what is not packed is a small part of what is stored', async (t) => {
  const folder = temporaryFolder(t);
  let nowMs = 0;
  const clock = { ...realClock, monotonicMs: () => nowMs };
  const { store } = await openForTest(folder, { clock });
  t.after(() => store.close());
  const long = 'x'.repeat(1_000_000);
  const write = async (count: number) => {
    for (let number = 0; number < count; number++) await store.append(batchOf([`${number} ${long}`], Date.now()));
  };
  const packed = () => namesOf(folder, '.log.zst').length;
  const isSmall = () => statSync(join(folder, LOG_NAME)).size < 8 * 1024 * 1024;
  await write(20);
  await sleep(600);
  assert.equal(packed(), 0);
  nowMs += 10_000;
  await until(() => packed() === 1 && isSmall());
  for (let second = 0; second < 20; second++) {
    nowMs += 2_000;
    await write(1);
  }
  await until(() => packed() === 3 && isSmall());
});

test('file store: while much comes in, sealing waits, but never for more than a few segments', async (t) => {
  const folder = temporaryFolder(t);
  let nowMs = 0;
  const clock = { ...realClock, monotonicMs: () => nowMs };
  // More than makes a busy time, so that it is one before the first segment is full.
  const { store } = await openForTest(folder, { segmentBytes: 18_000_000, clock });
  t.after(() => store.close());
  const long = 'x'.repeat(1_000_000);
  const write = async (segments: number) => {
    for (let count = 0; count < segments * 18; count++) await store.append(batchOf([`${count} ${long}`], Date.now()));
  };
  await write(4);
  await sleep(600);
  assert.equal(namesOf(folder, '.log.zst').length, 0);
  assert.equal(namesOf(folder, '.log').length, 4);
  await write(2);
  await until(() => namesOf(folder, '.log.zst').length > 0);
  nowMs = 10_000;
  await allSealed(folder);
});
