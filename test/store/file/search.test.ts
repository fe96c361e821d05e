/**
 * Searching over many small blocks of every kind finds what a plain look at each entry finds; and what cannot end is
 * cut off.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBatch, writeId } from '../../../src/entry/batch.ts';
import { decodeEntry } from '../../../src/entry/codec.ts';
import { compareByTime, type Entry, type EntryState, PLAIN_STATE } from '../../../src/entry/entry.ts';
import { createIdMaker } from '../../../src/entry/id.ts';
import { LEVELS, levelIndex } from '../../../src/entry/level.ts';
import { compileQuery } from '../../../src/entry/query/match.ts';
import { parseQuery } from '../../../src/entry/query/parse.ts';
import type { Query } from '../../../src/entry/query/query.ts';
import { type Block, BlockIndex } from '../../../src/store/file/block-index.ts';
import { runSearch, runTally, type SearchView } from '../../../src/store/file/search.ts';
import type { EntryFacts } from '../../../src/store/file/state-record.ts';
import { anyDraft, batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 23);
const NEVER = { isOver: () => false };

interface Corpus {
  readonly entries: readonly Entry[];
  readonly states: ReadonlyMap<string, EntryState>;
  readonly view: SearchView;
}

/** Plain and other texts in turns, so that there are blocks of one byte per character and others. */
function makeCorpus(seed: number): Corpus {
  const times = { min: NOW_MS - DAY_MS, max: NOW_MS };
  const drafts = fc.sample(anyDraft(times), { numRuns: 240, seed }).map((any, index) => {
    const isPlain = index % 60 < 40;
    if (!isPlain) return any;
    return { ...any, clientId: 'web-1', message: `${index} Timeout of ERROR ${index % 7}`, fields: undefined };
  });
  const batch = encodeBatch(drafts, NOW_MS);
  const ids = createIdMaker({ nowMs: () => NOW_MS, node: '0123456789ab' });
  for (let index = 0; index < batch.count; index++) writeId(batch.text, batch.idAt[index] ?? 0, ids.next());
  const index = new BlockIndex(() => {}, 900);
  index.addBatch(batch, 0);
  const bytes = Buffer.from(batch.text);
  const entries = drafts.map((_, at) => {
    const entry = decodeEntry(bytes.toString('utf8', batch.starts[at], batch.starts[at + 1]));
    assert.ok(entry);
    return entry;
  });
  const states = new Map<string, EntryState>();
  for (const [at, { id }] of entries.entries()) {
    if (at % 11 === 0) states.set(id, { isPinned: at % 2 === 0, isTicket: at % 3 === 0, isDeleted: at % 5 === 0 });
  }
  const blocks = index.blocks;
  assert.ok(blocks.length > 20);
  const view: SearchView = {
    segments: [
      {
        blocks,
        clientNames: index.clientNames,
        read: ({ offset, length }: Block) => bytes.subarray(offset, offset + length),
      },
    ],
    stateOf: (id) => states.get(id),
    *deletedFacts(): Generator<EntryFacts> {
      for (const { id, level, timeMs, clientId } of entries) {
        if (states.get(id)?.isDeleted) yield { level, timeMs, clientId };
      }
    },
  };
  return { entries, states, view };
}

const TERMS = [
  'timeout',
  'TIME',
  '"of error 3"',
  'ſ',
  'ss',
  'k',
  '"\\\\"',
  'level:error',
  'level>=warning',
  '-level:info',
  'client:web-1',
  'client:w*',
  '-client:web-1',
  'is:deleted',
  'is:pinned',
  '/\\d{2}.*5$/',
  'source:file',
  '-timeout',
  '(level:info OR level:debug)',
  '(timeout OR error)',
];

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.query;
}

test('search: over blocks of every kind it finds what a plain look at each entry finds', () => {
  const corpora = [1, 2, 3].map(makeCorpus);
  const anyText = fc.array(fc.constantFrom(...TERMS), { maxLength: 3 }).map((terms) => terms.join(' '));
  const anyTime = fc.option(fc.integer({ min: NOW_MS - DAY_MS, max: NOW_MS + 1 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom(...corpora),
      anyText,
      anyTime,
      anyTime,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom('asc' as const, 'desc' as const),
      ({ entries, states, view }, text, sinceMs, untilMs, limit, order) => {
        const query = queryOf(text);
        const matches = compileQuery(query);
        const sign = order === 'asc' ? 1 : -1;
        const expected = entries
          .filter((entry) => matches(entry, states.get(entry.id) ?? PLAIN_STATE))
          .filter(({ timeMs }) => timeMs >= (sinceMs ?? 0) && timeMs < (untilMs ?? Number.POSITIVE_INFINITY))
          .sort((a, b) => sign * compareByTime(a, b));
        const found: Entry[] = [];
        const job = { kind: 'search', query, sinceMs, untilMs, limit, order } as const;
        let page = runSearch(view, job, NEVER);
        for (;;) {
          found.push(...page.entries);
          if (page.cursor === null) break;
          assert.equal(page.entries.length, limit);
          page = runSearch(view, { ...job, cursor: page.cursor }, NEVER);
        }
        assert.deepEqual(found, expected);
        const spans = [NOW_MS - DAY_MS, NOW_MS - DAY_MS / 3, NOW_MS - DAY_MS / 4];
        const counts = new Float64Array(spans.length * LEVELS.length);
        const bounds = { sinceMs: sinceMs ?? spans[0], untilMs: untilMs ?? NOW_MS + 1 };
        assert.equal(runTally(view, { kind: 'tally', query, spans, ...bounds }, counts, NEVER), false);
        const plain = new Float64Array(counts.length);
        for (const { timeMs, level } of expected) {
          const span = spans.findLastIndex((startMs) => startMs <= timeMs);
          const at = span * LEVELS.length + levelIndex(level);
          plain[at] = (plain[at] ?? 0) + 1;
        }
        assert.deepEqual(counts, plain);
      },
    ),
    { numRuns: 600 },
  );
});

test('search: cut off at any moment it goes on where it was, without a skip or a repeat', () => {
  const { entries, view } = makeCorpus(4);
  for (const order of ['desc', 'asc'] as const) {
    const sign = order === 'asc' ? 1 : -1;
    const expected = [...entries].sort((a, b) => sign * compareByTime(a, b));
    for (const looks of [2, 5, 11, 30, 1_000]) {
      const job = { kind: 'search', query: queryOf('is:deleted OR -is:deleted'), limit: 50, order } as const;
      let left = looks;
      const first = runSearch(view, job, { isOver: () => left-- <= 0 });
      if (first.partial && first.cursor === null) continue;
      assert.deepEqual(first.entries, expected.slice(0, first.entries.length), `${looks} looks, ${order}`);
      if (first.cursor === null) continue;
      const rest = runSearch(view, { ...job, limit: 1_000, cursor: first.cursor }, NEVER);
      assert.deepEqual([...first.entries, ...rest.entries], expected, `${looks} looks, ${order}`);
    }
  }
});

test('search: only the blocks that can matter are read', () => {
  const { view } = makeCorpus(5);
  const read: number[] = [];
  const segments = view.segments.map((segment) => ({
    ...segment,
    read: (block: Block) => {
      read.push(block.offset);
      return segment.read(block);
    },
  }));
  const counts = new Float64Array(LEVELS.length);
  runTally({ ...view, segments }, { kind: 'tally', query: queryOf('level:error') }, counts, NEVER);
  assert.equal(read.length, 0, 'a count by level over all needs no text');
  runSearch({ ...view, segments }, { kind: 'search', query: queryOf('client:nobody'), limit: 1, order: 'desc' }, NEVER);
  assert.equal(read.length, 0, 'no block has that client');
});

const RUNAWAY = '/^(a|a?)+$/';
const RUNAWAY_TEXT = `${'a'.repeat(40)}!`;

test('file store: a runaway expression of a user is cut off in time, and holds up nobody', async (t) => {
  const { store } = await openForTest(temporaryFolder(t));
  try {
    await store.append(batchOf(['aaa', RUNAWAY_TEXT, 'aaaa'], NOW_MS));
    const startMs = performance.now();
    const query = queryOf(RUNAWAY);
    const running = [
      store.search({ query, limit: 10, order: 'desc', timeLimitMs: 500 }),
      store.search({ query, limit: 10, order: 'desc', timeLimitMs: 500 }),
    ] as const;
    const counting = store.countByLevel({ query, timeLimitMs: 500 });
    const quick = await store.search({ query: queryOf('aaaa'), limit: 10, order: 'desc' });
    assert.equal(quick.found.length, 2);
    const [first] = await Promise.all(running);
    assert.equal(first.partial, true);
    assert.deepEqual(
      first.found.map(({ entry }) => entry.message),
      ['aaaa'],
      'what was found until then is told',
    );
    assert.equal((await counting).partial, true);
    assert.ok(performance.now() - startMs < 10_000);
    const after = await store.search({ query: queryOf('/^a+$/'), limit: 10, order: 'desc' });
    assert.deepEqual([after.found.length, after.partial], [2, false], 'the next expression has a thread again');
  } finally {
    await store.close();
  }
});

test('file store: a search without time left answers at once, marked partial', async (t) => {
  const { store } = await openForTest(temporaryFolder(t));
  try {
    await store.append(batchOf(['a', 'b'], NOW_MS));
    const { found, partial } = await store.search({ query: queryOf('a'), limit: 5, order: 'asc', timeLimitMs: -1 });
    assert.deepEqual([found, partial], [[], true]);
    const counted = await store.countByLevel({ query: queryOf('a'), timeLimitMs: -1 });
    assert.equal(counted.partial, true);
  } finally {
    await store.close();
  }
});

test('file store: a search under way ends with the store', async (t) => {
  const { store } = await openForTest(temporaryFolder(t));
  await store.append(batchOf([RUNAWAY_TEXT], NOW_MS));
  const running = assert.rejects(store.search({ query: queryOf(RUNAWAY), limit: 5, order: 'asc' }), /closed/);
  await store.close();
  await running;
});
