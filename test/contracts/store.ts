/**
 * What every store promises, whoever keeps the bytes: one suite, run against each implementation.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createChance } from '../../scripts/bench/random.ts';
import { encodeBatch } from '../../src/entry/batch.ts';
import { compareByTime, type Draft, type Entry, PLAIN_STATE } from '../../src/entry/entry.ts';
import { ID_NONE, isId } from '../../src/entry/id.ts';
import { emptyLevelCounts, LEVELS } from '../../src/entry/level.ts';
import { compileQuery } from '../../src/entry/query/match.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';
import type { Query } from '../../src/entry/query/query.ts';
import type { FullState } from '../../src/entry/state.ts';
import { type Commit, type Store, type StoredEntry, StoreError, type TimePosition } from '../../src/store/store.ts';
import type { Clock } from '../../src/system/clock.ts';
import { anyDraft, batchOf, draft } from '../support/drafts.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

export interface OpenForTest {
  readonly clock: Clock;
  readonly onCommit: (commit: Commit) => void;
  readonly onState: (id: string, state: FullState) => void;
}

export type OpenStore = (test: TestContext, options: OpenForTest) => Promise<Store>;

interface Opened {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly commits: Commit[];
  readonly states: [string, FullState][];
}

const DAY_MS = 86_400_000;

export function testStoreContract(name: string, openStore: OpenStore): void {
  async function open(t: TestContext): Promise<Opened> {
    const clock = createManualClock();
    const commits: Commit[] = [];
    const states: [string, FullState][] = [];
    const store = await openStore(t, {
      clock,
      onCommit: (commit) => {
        commit.hold();
        commits.push(commit);
      },
      onState: (id, state) => states.push([id, state]),
    });
    return { store, clock, commits, states };
  }

  const promise = (title: string, run: (opened: Opened) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const opened = await open(t);
      try {
        await run(opened);
      } finally {
        await opened.store.close();
      }
    });

  promise('an empty store has no newest id and answers every question with nothing', async ({ store }) => {
    assert.equal(store.lastId, ID_NONE);
    assert.deepEqual(await store.after(ID_NONE, 10), []);
    assert.equal(await store.get('0193b0a8-0000-7000-8000-000000000000'), undefined);
    assert.deepEqual(await store.search({ query: all, limit: 10, order: 'desc' }), {
      found: [],
      cursor: null,
      partial: false,
    });
    assert.deepEqual((await store.countByLevel({ query: all })).counts, emptyLevelCounts());
    assert.deepEqual(await store.clients(), []);
    assert.deepEqual(await store.tickets('all'), []);
    assert.equal(store.sizes().entryCount, 0);
  });

  promise('a batch comes back as it was sent, under ids that rise in its order', async ({ store, clock }) => {
    const drafts: Draft[] = [
      draft('one'),
      draft('two\nlines\t{"no":"attributes"}', { level: 'ERROR', clientId: 'a]b\\c', source: 'syslog' }),
      draft('three', { timeMs: 1_000, fields: { 'http.status': 404, ok: false, none: null, text: 'ä\u0085' } }),
    ];
    const result = await store.append(encodeBatch(drafts, clock.nowMs()));
    assert.equal(result.kind, 'stored');
    const stored = await store.after(ID_NONE, 10);
    assert.deepEqual(
      stored.map(({ entry }) => contentOf(entry)),
      drafts.map((sent) => contentOf({ ...sent, timeMs: sent.timeMs ?? clock.nowMs() })),
    );
    const ids = stored.map(({ entry }) => entry.id);
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(new Set(ids).size, 3);
    assert.ok(ids.every((id) => isId(id) && id[14] === '7'));
    assert.deepEqual(result, { kind: 'stored', firstId: ids[0], lastId: ids[2] });
    assert.equal(store.lastId, ids[2]);
    for (const found of stored) assert.deepEqual(await store.get(found.entry.id), found);
    assert.equal(store.sizes().entryCount, 3);
    assert.ok(store.sizes().bytes > 0);
  });

  promise('a commit is told before the append resolves, in the order of ids', async ({ store, clock, commits }) => {
    const appended = Array.from({ length: 20 }, (_, index) =>
      store.append(batchOf([`a${index}`, `b${index}`], clock.nowMs())).then((result) => {
        const told = commits.flatMap((commit) => commit.entries().map(({ id }) => id));
        assert.ok(result.kind === 'stored' && told.includes(result.lastId ?? ''), 'not told before it resolved');
      }),
    );
    await Promise.all(appended);
    const entries = commits.flatMap((commit) => [...commit.entries()]);
    assert.equal(entries.length, 40);
    assert.deepEqual(
      entries,
      (await store.after(ID_NONE, 100)).map(({ entry }) => entry),
    );
    for (const commit of commits) {
      assert.equal(commit.count, commit.entries().length);
      assert.equal(commit.firstId, commit.entries()[0]?.id);
      assert.equal(commit.lastId, commit.entries().at(-1)?.id);
      assert.equal(commit.entries(), commit.entries(), 'decoded twice');
    }
  });

  promise('an empty batch is stored without an id and without a commit', async ({ store, clock, commits }) => {
    const result = await store.append(encodeBatch([], clock.nowMs()));
    assert.equal(result.kind, 'stored');
    assert.ok(result.kind === 'stored' && result.firstId === undefined);
    assert.equal(commits.length, 0);
  });

  promise('ids rise when the clock steps back', async ({ store, clock }) => {
    const ids: string[] = [];
    for (const stepMs of [0, -DAY_MS, 5, -1]) {
      clock.wallMs += stepMs;
      await store.append(batchOf(['x', 'y'], clock.nowMs()));
      ids.push(store.lastId);
    }
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(new Set(ids).size, ids.length);
  });

  promise('a batch that is sent again is a duplicate and stores nothing', async ({ store, clock }) => {
    const origin = { producer: 'agent', sequence: 7, bodyHash: 'seven' };
    const first = await store.append(batchOf(['a', 'b'], clock.nowMs()), origin);
    assert.ok(first.kind === 'stored');
    const { firstId, lastId } = first;
    const again = await store.append(batchOf(['a', 'b'], clock.nowMs()), origin);
    assert.deepEqual(again, { kind: 'duplicate', firstId, lastId });
    const earlier = await store.append(batchOf(['z'], clock.nowMs()), { ...origin, sequence: 6, bodyHash: 'six' });
    assert.equal(earlier.kind, 'duplicate');
    assert.ok(earlier.kind === 'duplicate' && earlier.firstId === undefined);
    assert.equal((await store.after(ID_NONE, 10)).length, 2);
  });

  promise('the last number with another body is a conflict', async ({ store, clock }) => {
    const origin = { producer: 'agent', sequence: 1, bodyHash: 'one' };
    await store.append(batchOf(['a'], clock.nowMs()), origin);
    const other = await store.append(batchOf(['b'], clock.nowMs()), { ...origin, bodyHash: 'other' });
    assert.deepEqual(other, { kind: 'conflict' });
    const next = await store.append(batchOf(['c'], clock.nowMs()), { ...origin, sequence: 9, bodyHash: 'nine' });
    assert.equal(next.kind, 'stored', 'a number may be left out');
    assert.deepEqual(messagesOf(await store.after(ID_NONE, 10)), ['a', 'c']);
  });

  promise('copies of a batch that arrive together are stored once', async ({ store, clock }) => {
    const origin = { producer: 'agent', sequence: 1, bodyHash: 'one' };
    const results = await Promise.all([
      ...Array.from({ length: 5 }, () => store.append(batchOf(['a', 'b'], clock.nowMs()), origin)),
      store.append(batchOf(['x'], clock.nowMs()), { ...origin, bodyHash: 'other' }),
      store.append(batchOf(['q'], clock.nowMs()), { ...origin, producer: 'another' }),
    ]);
    const kinds = results.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['stored', 'duplicate', 'duplicate', 'duplicate', 'duplicate', 'conflict', 'stored']);
    assert.deepEqual(messagesOf(await store.after(ID_NONE, 10)).sort(), ['a', 'b', 'q']);
  });

  promise('an empty batch moves the mark of its producer', async ({ store, clock }) => {
    const origin = { producer: 'agent', sequence: 3, bodyHash: 'three' };
    assert.equal((await store.append(encodeBatch([], clock.nowMs()), origin)).kind, 'stored');
    assert.equal((await store.append(encodeBatch([], clock.nowMs()), origin)).kind, 'duplicate');
    assert.equal((await store.append(batchOf(['x'], 0), { ...origin, bodyHash: 'other' })).kind, 'conflict');
    assert.equal((await store.append(batchOf(['x'], 0), { ...origin, sequence: 2 })).kind, 'duplicate');
    assert.equal(store.lastId, ID_NONE);
  });

  promise('what stands after an id is read in pieces without gap or repeat', async ({ store, clock }) => {
    for (let round = 0; round < 5; round++) {
      const messages = Array.from({ length: 20 }, (_, index) => `${round * 20 + index}`);
      await store.append(batchOf(messages, clock.nowMs()));
    }
    const read: StoredEntry[] = [];
    for (let position = ID_NONE; ; ) {
      const found = await store.after(position, 7);
      if (found.length === 0) break;
      read.push(...found);
      position = found.at(-1)?.entry.id ?? '';
    }
    assert.deepEqual(
      messagesOf(read),
      Array.from({ length: 100 }, (_, index) => `${index}`),
    );
    assert.deepEqual(await store.after(store.lastId, 10), []);
    assert.deepEqual(await store.after('ffffffff-ffff-7fff-bfff-ffffffffffff', 10), []);
  });

  promise('a search goes by event time, and the id decides between equal times', async ({ store, clock }) => {
    const now = clock.nowMs();
    await store.append(batchOf(['now 1', 'now 2'], now));
    await store.append(batchOf(['late'], now - 2 * DAY_MS));
    await store.append(batchOf(['now 3'], now));
    await store.append(batchOf(['ahead'], now + DAY_MS));
    const search = (order: 'asc' | 'desc') => store.search({ query: all, limit: 10, order });
    assert.deepEqual(messagesOf((await search('asc')).found), ['late', 'now 1', 'now 2', 'now 3', 'ahead']);
    assert.deepEqual(messagesOf((await search('desc')).found), ['ahead', 'now 3', 'now 2', 'now 1', 'late']);
    const bounded = await store.search({
      query: all,
      limit: 10,
      order: 'asc',
      sinceMs: now - 2 * DAY_MS,
      untilMs: now,
    });
    assert.deepEqual(messagesOf(bounded.found), ['late'], 'since is inclusive, until is not');
  });

  promise('pages neither skip nor repeat while entries arrive', async ({ store, clock }) => {
    const now = clock.nowMs();
    for (const order of ['desc', 'asc'] as const) {
      const known = new Set((await readAll(store)).map(({ entry }) => entry.id));
      for (let index = 0; index < 60; index++) {
        const { lastId } = (await store.append(batchOf([`${order} ${index}`], now - (index % 7) * 1_000))) as {
          lastId: string;
        };
        known.add(lastId);
      }
      const seen: Entry[] = [];
      let cursor: TimePosition | null | undefined;
      for (let page = 0; cursor !== null; page++) {
        const found = await store.search({ query: all, limit: 9, order, ...(cursor ? { cursor } : {}) });
        assert.ok(found.found.length > 0 || found.cursor === null);
        seen.push(...found.found.map(({ entry }) => entry));
        cursor = found.cursor;
        if (page < 12) await store.append(batchOf(['meanwhile'], now - (page % 7) * 1_000));
      }
      const ids = seen.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, 'an entry was repeated');
      for (const id of known) assert.ok(ids.includes(id), `an entry was skipped going ${order}`);
      assert.deepEqual(
        [...seen].sort((a, b) => (order === 'asc' ? compareByTime(a, b) : compareByTime(b, a))),
        seen,
      );
    }
  });

  promise('the last page says that nothing is behind it', async ({ store, clock }) => {
    await store.append(batchOf(['a', 'b', 'c', 'd'], clock.nowMs()));
    const first = await store.search({ query: all, limit: 2, order: 'asc' });
    assert.deepEqual(messagesOf(first.found), ['a', 'b']);
    assert.ok(first.cursor);
    const second = await store.search({ query: all, limit: 2, order: 'asc', cursor: first.cursor });
    assert.deepEqual(messagesOf(second.found), ['c', 'd']);
    assert.equal(second.cursor, null);
  });

  promise('every query finds what a plain look at each entry finds', async ({ store, clock }) => {
    const now = clock.nowMs();
    const times = { min: now - 3 * DAY_MS, max: now };
    const drafts = fc.sample(anyDraft(times), { numRuns: 300, seed: 7 });
    for (let from = 0; from < drafts.length; from += 25) {
      await store.append(encodeBatch(drafts.slice(from, from + 25), now));
    }
    const ids = (await readAll(store)).map(({ entry }) => entry.id);
    await store.changeState(ids.slice(0, 40), () => ({ delete: true }));
    await store.changeState(ids.slice(30, 60), () => ({ pin: true }));
    await store.changeState(ids.slice(50, 70), () => ({ ticket: true }));
    const everything = await readAll(store);
    for (const text of [...QUERIES, ...fc.sample(anyQuery, { numRuns: 120, seed: 11 })]) {
      const query = queryOf(text);
      const matches = compileQuery(query);
      const sinceMs = text.length % 3 === 0 ? now - 2 * DAY_MS : undefined;
      const untilMs = text.length % 4 === 0 ? now - DAY_MS / 2 : undefined;
      const expected = everything
        .filter(({ entry, state }) => matches(entry, state ?? PLAIN_STATE))
        .filter(({ entry }) => entry.timeMs >= (sinceMs ?? 0) && entry.timeMs < (untilMs ?? now + 1))
        .sort((a, b) => compareByTime(b.entry, a.entry));
      const range = { query, sinceMs, untilMs };
      const { found, partial } = await store.search({ ...range, limit: 1_000, order: 'desc' });
      assert.equal(partial, false);
      assert.deepEqual(found, expected, `query ${JSON.stringify(text)}`);
      const some = await store.search({ ...range, limit: 5, order: 'asc' });
      assert.deepEqual(some.found, [...expected].reverse().slice(0, 5), `query ${JSON.stringify(text)}, ascending`);
      assert.equal(some.cursor === null, expected.length <= 5);
      const { counts } = await store.countByLevel(range);
      assert.deepEqual(counts, countLevels(expected), `count of ${JSON.stringify(text)}`);
      const { buckets, untilMs: endMs } = await store.histogram({ ...range, buckets: 7 });
      for (const [index, { startMs, counts: inBucket }] of buckets.entries()) {
        const nextMs = buckets[index + 1]?.startMs ?? endMs;
        const within = expected.filter(({ entry }) => entry.timeMs >= startMs && entry.timeMs < nextMs);
        assert.deepEqual(inBucket, countLevels(within), `histogram of ${JSON.stringify(text)}, bucket ${index}`);
      }
    }
  });

  promise('an answer holds what was acknowledged before the question', async ({ store, clock }) => {
    for (let index = 0; index < 10; index++) {
      await store.append(batchOf([`number${index}`], clock.nowMs()));
      const { found } = await store.search({ query: queryOf(`number${index}`), limit: 2, order: 'desc' });
      assert.equal(found.length, 1);
      const { entry } = found[0] as StoredEntry;
      await store.changeState([entry.id], () => ({ pin: true }));
      const pinned = await store.search({ query: queryOf('is:pinned'), limit: 100, order: 'desc' });
      assert.equal(pinned.found.length, index + 1);
    }
  });

  promise('a histogram spans what is stored unless it is told otherwise', async ({ store, clock }) => {
    const now = clock.nowMs();
    await store.append(encodeBatch([draft('a', { timeMs: now - 3_000 }), draft('b', { timeMs: now })], now));
    const open = await store.histogram({ query: all, buckets: 3 });
    assert.equal(open.buckets[0]?.startMs, now - 3_000);
    assert.equal(open.untilMs, now + 1);
    assert.deepEqual(
      open.buckets.map(({ counts }) => counts.INFO),
      [1, 0, 1],
    );
    const told = await store.histogram({ query: all, sinceMs: now - 10_000, untilMs: now, buckets: 10 });
    assert.deepEqual(
      told.buckets.map(({ startMs, counts }) => [startMs - now, counts.INFO]),
      Array.from({ length: 10 }, (_, index) => [(index - 10) * 1_000, index === 7 ? 1 : 0]),
    );
  });

  promise('a change of state is told before it resolves and seen by every question', async (opened) => {
    const { store, clock, states } = opened;
    await store.append(batchOf(['a', 'b', 'c'], clock.nowMs()));
    const [a, b] = (await readAll(store)).map(({ entry }) => entry.id) as [string, string];
    const answer = await store.changeState([a, 'unknown', '0193b0a8-0000-4000-8000-000000000000'], () => ({
      delete: true,
      note: 'gone',
    }));
    assert.deepEqual([...answer.keys()], [a]);
    assert.deepEqual(states, [[a, answer.get(a)]]);
    assert.equal(answer.get(a)?.isDeleted, true);
    assert.equal(answer.get(a)?.note, 'gone');
    assert.deepEqual((await store.get(a))?.state, answer.get(a), 'a deleted entry stays findable by id');
    const { found } = await store.search({ query: all, limit: 10, order: 'asc' });
    assert.deepEqual(messagesOf(found), ['b', 'c']);
    assert.equal((await store.countByLevel({ query: all })).counts.INFO, 2);
    assert.deepEqual(messagesOf(await store.after(ID_NONE, 10)), ['a', 'b', 'c']);
    await store.changeState([a], () => ({ delete: false }));
    assert.equal((await store.countByLevel({ query: all })).counts.INFO, 3);
    await Promise.all(Array.from({ length: 7 }, () => store.changeState([b], (old) => ({ pin: !old?.isPinned }))));
    assert.equal((await store.get(b))?.state?.isPinned, true, 'seven toggles at once are seven toggles');
  });

  promise('states are given by the time of their change', async ({ store, clock }) => {
    await store.append(batchOf(['a', 'b', 'c'], clock.nowMs()));
    const [a, b, c] = (await readAll(store)).map(({ entry }) => entry.id) as [string, string, string];
    const startMs = clock.nowMs();
    await store.changeState([c], () => ({ pin: true }));
    clock.wallMs += 10;
    await store.changeState([a], () => ({ pin: true }));
    clock.wallMs += 10;
    await store.changeState([b], () => ({ pin: true }));
    clock.wallMs += 10;
    await store.changeState([c], () => ({ note: 'again' }));
    assert.deepEqual([...store.statesChangedSince(startMs).keys()], [a, b, c]);
    assert.deepEqual([...store.statesChangedSince(startMs + 20).keys()], [b, c]);
    assert.deepEqual([...store.statesChangedSince(startMs + 31).keys()], []);
  });

  promise('what matches is counted by client and level, as a search would find it', async ({ store, clock }) => {
    const { pick } = createChance(11);
    const clientIds = ['web-1', 'web-2', 'db', 'nobody'];
    const drafts = Array.from({ length: 400 }, (_, index) =>
      draft(pick(['timeout of 5 ms', 'ok', 'error in /a']), {
        clientId: pick(clientIds.slice(0, 3)),
        level: pick(LEVELS),
        timeMs: clock.nowMs() - index * 1_000,
      }),
    );
    for (let from = 0; from < drafts.length; from += 80) {
      await store.append(encodeBatch(drafts.slice(from, from + 80), clock.nowMs()));
    }
    const ids = (await readAll(store)).map(({ entry }) => entry.id);
    await store.changeState(ids.slice(30, 60), () => ({ delete: true }));
    const ranges = [
      {},
      { sinceMs: clock.nowMs() - 250_000 },
      { sinceMs: clock.nowMs() - 200_000, untilMs: clock.nowMs() - 50_500 },
    ];
    for (const text of ['', 'timeout', 'level:error', 'client:web-*', '-client:db ok', 'is:deleted', '/time.?out/']) {
      for (const range of ranges) {
        const request = { query: queryOf(text), ...range };
        const { found } = await store.search({ ...request, limit: 1_000, order: 'asc' });
        const wanted = clientIds.map((clientId) =>
          countLevels(found.filter(({ entry }) => entry.clientId === clientId)),
        );
        assert.deepEqual(await store.countByClient(request, clientIds), { counts: wanted, partial: false }, text);
      }
    }
  });

  promise('tickets stand with the newest opened first, by status, without the deleted', async ({ store, clock }) => {
    await store.append(batchOf(['a', 'b', 'c', 'd'], clock.nowMs()));
    const ids = (await readAll(store)).map(({ entry }) => entry.id);
    for (const id of ids) {
      clock.wallMs += 1_000;
      await store.changeState([id], () => ({ ticket: true }));
    }
    const [a = '', b = '', c = ''] = ids;
    await store.changeState([b], () => ({ ticketStatus: 'closed' }));
    await store.changeState([c], () => ({ delete: true }));
    assert.deepEqual(messagesOf(await store.tickets('all')), ['d', 'b', 'a']);
    assert.deepEqual(messagesOf(await store.tickets('open')), ['d', 'a']);
    assert.deepEqual(messagesOf(await store.tickets('closed')), ['b']);
    await store.changeState([a], () => ({ ticket: false }));
    assert.deepEqual(messagesOf(await store.tickets('open')), ['d']);
  });

  promise('clients are told with their counts and when they were last heard of', async ({ store, clock }) => {
    await store.append(batchOf(['a', 'b'], clock.nowMs(), { clientId: 'web-1' }));
    const firstMs = clock.nowMs();
    clock.wallMs += 5_000;
    await store.append(encodeBatch([draft('c', { clientId: 'db', level: 'ERROR', timeMs: 1 })], clock.nowMs()));
    const [a = ''] = (await readAll(store)).map(({ entry }) => entry.id);
    await store.changeState([a], () => ({ delete: true }));
    const clients = [...(await store.clients())].sort((x, y) => (x.clientId < y.clientId ? -1 : 1));
    assert.deepEqual(clients, [
      { clientId: 'db', lastSeenMs: firstMs + 5_000, counts: { ...emptyLevelCounts(), ERROR: 1 } },
      { clientId: 'web-1', lastSeenMs: firstMs, counts: { ...emptyLevelCounts(), INFO: 1 } },
    ]);
  });

  promise('the context of an entry is what stands around it in time', async ({ store, clock }) => {
    const now = clock.nowMs();
    const drafts = [3, 1, 5, 2, 4].map((second) => draft(`${second}`, { timeMs: now + second * 1_000 }));
    await store.append(encodeBatch(drafts, now));
    const three = (await readAll(store)).find(({ entry }) => entry.message === '3')?.entry;
    assert.ok(three);
    const { before, after } = await store.context(three, 10);
    assert.deepEqual(
      [messagesOf(before), messagesOf(after)],
      [
        ['1', '2'],
        ['4', '5'],
      ],
    );
    const near = await store.context(three, 1);
    assert.deepEqual([messagesOf(near.before), messagesOf(near.after)], [['2'], ['4']]);
  });

  promise('a closed store stores and changes nothing', async ({ store, clock }) => {
    await store.append(batchOf(['a'], clock.nowMs()));
    await store.close();
    const isClosed = (error: unknown) => error instanceof StoreError && error.type === 'closed';
    await assert.rejects(store.append(batchOf(['b'], clock.nowMs())), isClosed);
  });
}

const all: Query = { kind: 'all' };

const QUERIES = [
  '',
  'timeout',
  'TIMEOUT',
  'ss',
  'i',
  'k',
  '"a"',
  '-timeout',
  'level:error',
  'level>=warning timeout',
  '-level:info',
  'level:debug OR level:critical',
  '-(level:info OR level:error)',
  'client:web-1',
  'client:web-*',
  '-client:db error',
  'is:pinned',
  'is:ticket',
  'is:deleted',
  '-is:deleted',
  'is:pinned OR timeout',
  'source:syslog',
  'http.status:404',
  '/time.?out/i',
  '/^\\d/',
  'id:0193b0a8-0000-7000-8000-000000000000',
  'id:timeout',
  'a:0',
  'a:true',
  '"\\x41"',
  '"{"',
  '\u{1f600}',
];

const anyTerm = fc.oneof(
  fc.constantFrom(...QUERIES.filter((text) => text !== '' && !text.includes(' OR '))),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }).map((text) => JSON.stringify(text)),
);

/** Texts that parse. */
const anyQuery: fc.Arbitrary<string> = fc
  .tuple(fc.array(anyTerm, { minLength: 1, maxLength: 3 }), fc.constantFrom(' ', ' OR ', ' -'))
  .map(([terms, between]) => terms.join(between))
  .filter((text) => parseQuery(text).ok);

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.query;
}

/** Without the id, and without keys that are undefined. */
function contentOf({ level, clientId, message, timeMs, source, fields }: Draft): unknown {
  return { level, clientId, message, timeMs, source, fields };
}

function messagesOf(stored: readonly StoredEntry[]): string[] {
  return stored.map(({ entry }) => entry.message);
}

async function readAll(store: Store): Promise<StoredEntry[]> {
  return store.after(ID_NONE, 100_000);
}

function countLevels(stored: readonly StoredEntry[]) {
  const counts = emptyLevelCounts();
  for (const level of LEVELS) counts[level] = stored.filter(({ entry }) => entry.level === level).length;
  return counts;
}
