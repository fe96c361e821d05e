/**
 * Searching and counting over many small blocks of every kind finds what a plain look at each entry finds; and what cannot
 * end is cut off.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareByTime, type Entry, PLAIN_STATE } from '../../../src/entry/entry.ts';
import { LEVELS, levelIndex } from '../../../src/entry/level.ts';
import { compileQuery } from '../../../src/entry/query/match.ts';
import { parseQuery } from '../../../src/entry/query/parse.ts';
import type { Query } from '../../../src/entry/query/query.ts';
import type { Block } from '../../../src/store/file/block-index.ts';
import type { Found } from '../../../src/store/file/nearest.ts';
import { pageOf, runSearch, type SearchJob, type SearchLimits } from '../../../src/store/file/search.ts';
import type { SearchView } from '../../../src/store/file/search-view.ts';
import { runTally, subtractDeleted, type TallyJob } from '../../../src/store/file/tally.ts';
import type { WorkShare } from '../../../src/store/file/work-share.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { anyQuery, textQuery } from '../../support/queries.ts';
import {
  CORPUS_SINCE_MS,
  CORPUS_UNTIL_MS,
  MESSAGE_PIECES,
  makeSearchCorpus,
  type SearchCorpus,
} from '../../support/search-corpus.ts';

const DAY_MS = 86_400_000;
const NOW_MS = CORPUS_UNTIL_MS;
const NEVER: SearchLimits = { isOver: () => false };

const grown = makeSearchCorpus({ seed: 1, digests: 'all' });
const corpora: readonly SearchCorpus[] = [
  grown,
  makeSearchCorpus({ seed: 2, digests: 'half' }),
  makeSearchCorpus({ seed: 3, digests: 'none' }),
  makeSearchCorpus({ seed: 4, digests: 'all', blockBytes: 300 }),
  grown.before,
];

/** How the work of a job is spread: the shares of its threads, one after the other. */
type Split = () => readonly WorkShare[];

function searchPage(view: SearchView, job: SearchJob, limits = NEVER, split: Split = wholly): Found {
  return pageOf(
    job,
    split().map((share) => runSearch(view, job, limits, share)),
  );
}

function tally(view: SearchView, job: TallyJob, split: Split = wholly): Float64Array {
  const counts = new Float64Array((job.spans?.length ?? 1) * LEVELS.length);
  for (const share of split()) assert.equal(runTally(view, job, counts, NEVER, share), false);
  subtractDeleted(view, job, counts);
  return counts;
}

function wholly(): readonly WorkShare[] {
  let next = 0;
  return [{ next: () => next++ }];
}

/** A helper takes so many pieces and leaves. */
function withHelper(pieces: number): Split {
  return () => {
    let next = 0;
    return [{ next: () => (next < pieces ? next++ : undefined) }, { next: () => next++ }];
  };
}

/** Pieces go to one thread or the other as the bits of a number say. */
function inTurns(bits: number): Split {
  return () => {
    const isOf = (piece: number, thread: number) => ((bits >> (piece % 30)) & 1) === thread;
    return [0, 1].map((thread) => {
      let next = 0;
      return {
        next() {
          while (!isOf(next, thread)) next++;
          return next++;
        },
      };
    });
  };
}

const anySplit: fc.Arbitrary<Split> = fc.oneof(
  fc.constant(wholly),
  fc.nat(40).map(withHelper),
  // With a bit of each kind, so that each thread finds a piece.
  fc.integer({ min: 1, max: 2 ** 30 - 2 }).map(inTurns),
);

const anyTimeMs = fc.option(
  fc.oneof(
    fc.integer({ min: CORPUS_SINCE_MS, max: CORPUS_UNTIL_MS + 1 }),
    fc.integer({ min: 0, max: 24 }).map((hours) => CORPUS_SINCE_MS + (hours * DAY_MS) / 24),
  ),
  { nil: undefined },
);

/** Every corpus with queries of its own ids. */
const anyCase = fc.constantFrom(...corpora).chain((corpus) =>
  fc.tuple(
    fc.constant(corpus),
    anyQuery(
      MESSAGE_PIECES,
      corpus.entries.slice(0, 40).map(({ id }) => id),
    ),
  ),
);

function expectedOf({ entries, states }: SearchCorpus, query: Query, span: { sinceMs?: number; untilMs?: number }) {
  const matches = compileQuery(query);
  return entries
    .filter((entry) => matches(entry, states.get(entry.id) ?? PLAIN_STATE))
    .filter(({ timeMs }) => timeMs >= (span.sinceMs ?? 0) && timeMs < (span.untilMs ?? Number.POSITIVE_INFINITY));
}

test('search: page by page it finds what a plain look at each entry finds, each once', () => {
  fc.assert(
    fc.property(
      anyCase,
      anyTimeMs,
      anyTimeMs,
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom('asc' as const, 'desc' as const),
      anySplit,
      ([corpus, query], sinceMs, untilMs, limit, order, split) => {
        const sign = order === 'asc' ? 1 : -1;
        const span = { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) };
        const expected = expectedOf(corpus, query, span).sort((a, b) => sign * compareByTime(a, b));
        const found: Entry[] = [];
        const job = { kind: 'search', query, ...span, limit, order } as const;
        let page = searchPage(corpus.view, job, NEVER, split);
        for (;;) {
          found.push(...page.entries);
          if (page.cursor === null) break;
          assert.equal(page.entries.length, limit);
          page = searchPage(corpus.view, { ...job, cursor: page.cursor }, NEVER, split);
        }
        assert.deepEqual(found, expected);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('tally: it counts what a plain look at each entry finds', () => {
  fc.assert(
    fc.property(
      anyCase,
      anyTimeMs,
      anyTimeMs,
      fc.integer({ min: 1, max: 48 }),
      anySplit,
      (given, from, to, count, split) => {
        const [corpus, query] = given;
        const sinceMs = from ?? CORPUS_SINCE_MS;
        const untilMs = Math.max(sinceMs + count, to ?? CORPUS_UNTIL_MS + 1);
        const spans = Array.from({ length: count }, (_, at) => sinceMs + Math.ceil(((untilMs - sinceMs) * at) / count));
        const expected = new Float64Array(count * LEVELS.length);
        for (const { timeMs, level } of expectedOf(corpus, query, { sinceMs, untilMs })) {
          const at = spans.findLastIndex((startMs) => startMs <= timeMs) * LEVELS.length + levelIndex(level);
          expected[at] = (expected[at] ?? 0) + 1;
        }
        assert.deepEqual(tally(corpus.view, { kind: 'tally', query, spans, sinceMs, untilMs }, split), expected);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('tally: without bounds all is counted', () => {
  for (const corpus of corpora) {
    for (const query of [
      queryOf('-timeout'),
      queryOf('client:web-1'),
      queryOf('level>=info'),
      textQuery('timeout of'),
    ]) {
      const expected = LEVELS.map((name) => expectedOf(corpus, query, {}).filter(({ level }) => level === name).length);
      assert.deepEqual(Array.from(tally(corpus.view, { kind: 'tally', query })), expected);
    }
  }
});

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.query;
}

test('search: cut off at any moment it goes on where it was, without a skip or a repeat', () => {
  for (const { entries, view } of corpora) {
    for (const order of ['desc', 'asc'] as const) {
      const sign = order === 'asc' ? 1 : -1;
      const expected = [...entries].sort((a, b) => sign * compareByTime(a, b));
      for (const [looks, split] of [2, 5, 11, 30, 1_000].flatMap((count) => [
        [count, wholly] as const,
        [count, inTurns(0b1011_0010)] as const,
      ])) {
        const job = { kind: 'search', query: queryOf('is:deleted OR -is:deleted'), limit: 50, order } as const;
        let left = looks;
        const first = searchPage(view, job, { isOver: () => left-- <= 0 }, split);
        if (first.partial && first.cursor === null) continue;
        assert.deepEqual(first.entries, expected.slice(0, first.entries.length), `${looks} looks, ${order}`);
        if (first.cursor === null) continue;
        const rest = searchPage(view, { ...job, limit: 1_000, cursor: first.cursor });
        assert.deepEqual([...first.entries, ...rest.entries], expected, `${looks} looks, ${order}`);
      }
    }
  }
});

/** Offsets of the blocks that a job reads. */
function spied(view: SearchView): { view: SearchView; read: number[] } {
  const read: number[] = [];
  const segments = view.segments.map((segment) => ({
    ...segment,
    blocks: segment.blocks,
    clientNames: segment.clientNames,
    book: segment.book,
    digestOf: (index: number) => segment.digestOf(index),
    read(block: Block) {
      read.push(block.offset);
      return segment.read(block);
    },
  }));
  return { view: { ...view, segments }, read };
}

test('search: only the blocks that can matter are read', () => {
  const [withDigests, , without] = corpora;
  assert.ok(withDigests && without);
  for (const { view } of [withDigests, without]) {
    const spy = spied(view);
    tally(spy.view, { kind: 'tally', query: queryOf('level:error') });
    assert.equal(spy.read.length, 0, 'a count by level over all needs no text');
    searchPage(spy.view, { kind: 'search', query: queryOf('client:nobody'), limit: 1, order: 'desc' });
    assert.equal(spy.read.length, 0, 'no block has that client');
  }
  const spy = spied(withDigests.view);
  tally(spy.view, { kind: 'tally', query: queryOf('client:web-1 level:error') });
  assert.ok(spy.read.length <= 1, 'a count by client needs the text of the growing block at most');
  const { length } = withDigests.view.segments[0]?.blocks ?? [];
  searchPage(spy.view, { kind: 'search', query: queryOf('is:pinned'), limit: 1_000, order: 'desc' });
  assert.ok(spy.read.length < (length ?? 0) * 0.8, 'where nobody pinned an entry none is looked for');
});

test('file store: searches and counts that two threads share are answered in full, one by one and all at once', async (t) => {
  const { store } = await openForTest(temporaryFolder(t));
  try {
    const messages = Array.from(
      { length: 30_000 },
      (_, at) => `job ${at} of web-${at % 7} took ${at % 1_000}ms ${'-'.repeat(60)}`,
    );
    for (let from = 0; from < messages.length; from += 5_000) {
      await store.append(batchOf(messages.slice(from, from + 5_000), NOW_MS + from));
    }
    const texts = ['7', '17 of', 'job 2999', 'WEB-3', '99ms', 'nowhere7', '/job 1\\d{3} of/', '-web-3 17', 'took 999'];
    const ask = (text: string): (() => Promise<void>)[] => {
      const query = queryOf(text);
      const matches = compileQuery(query);
      const expected = messages.filter((message) => matches({ message } as Entry, PLAIN_STATE));
      return [
        async () => {
          const { counts, partial } = await store.countByLevel({ query });
          assert.deepEqual([counts.INFO, partial], [expected.length, false], text);
        },
        async () => {
          const { found, partial } = await store.search({ query, limit: 40_000, order: 'asc' });
          const told = found.map(({ entry }) => entry.message);
          assert.deepEqual([told, partial], [expected, false], text);
        },
      ];
    };
    const asked = texts.flatMap(ask);
    // One by one, so that each has both threads; then all at once, so that helpers are called away.
    for (const each of asked) await each();
    await Promise.all(asked.map((each) => each()));
  } finally {
    await store.close();
  }
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
