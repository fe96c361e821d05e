/** An export is whole, or it fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkOldestFirst } from '../../../src/cli/export/walk.ts';
import type { Found, Wanted } from '../../../src/cli/searchable.ts';
import { compareByTime, type EntryJson } from '../../../src/entry/entry.ts';
import { entryOf, SOME_TIME_MS } from '../../support/entry-json.ts';

const PAGE = 7;
const timeOf = (entry: EntryJson) => Date.parse(entry.timestamp);
const placeOf = (entry: EntryJson) => ({ timeMs: timeOf(entry), id: entry.uuid });

/** A log that is searched entry by entry, and gives up after so many within one search. */
function slowLog(entries: readonly EntryJson[], entriesMax: number, matches: (entry: EntryJson) => boolean) {
  const sorted = entries.toSorted((a, b) => compareByTime(placeOf(a), placeOf(b)));
  const search = ({ text, sinceMs, untilMs }: Wanted, isDesc: boolean, limit: number, from = 0): Found => {
    const within = (isDesc ? sorted.toReversed() : sorted).filter(
      (entry) => timeOf(entry) >= (sinceMs ?? 0) && timeOf(entry) < (untilMs ?? Number.POSITIVE_INFINITY),
    );
    const logs: EntryJson[] = [];
    let at = from;
    for (; at < within.length && logs.length < limit && at - from < entriesMax; at++) {
      const entry = within[at];
      if (entry && (text !== '' || matches(entry))) logs.push(entry);
    }
    const isPartial = at - from >= entriesMax && at < within.length && logs.length < limit;
    const next = at < within.length && !(isPartial && logs.length === 0);
    const place = at;
    return {
      logs,
      isPartial,
      next: next ? async () => search({ ...wanted(sinceMs, untilMs), text }, isDesc, limit, place) : undefined,
    };
  };
  return {
    oldest: async (asked: Wanted, limit: number) => search(asked, false, Math.min(limit, PAGE)),
    newest: async (asked: Wanted, limit: number) => search(asked, true, Math.min(limit, PAGE)),
  };
}

function wanted(sinceMs?: number, untilMs?: number): Wanted {
  return { text: '', query: { kind: 'all' }, sinceMs, untilMs };
}

async function walk(where: ReturnType<typeof slowLog>, asked = wanted()): Promise<string[]> {
  const ids: string[] = [];
  for await (const entries of walkOldestFirst(where, asked)) ids.push(...entries.map(({ uuid }) => uuid));
  return ids;
}

const LOG = Array.from({ length: 200 }, (_, number) => entryOf(number));
const isRare = ({ uuid }: EntryJson) => Number(uuid.slice(-12)) % 61 === 5;

for (const entriesMax of [1_000, 50, 7, 3, 2]) {
  test(`export: nothing is left out when a search gives up after ${entriesMax} entries`, async () => {
    assert.deepEqual(
      await walk(slowLog(LOG, entriesMax, () => true)),
      LOG.map(({ uuid }) => uuid),
    );
    assert.deepEqual(
      await walk(slowLog(LOG, entriesMax, isRare)),
      LOG.filter(isRare).map(({ uuid }) => uuid),
    );
  });
}

test('export: the bounds that were asked for hold while the time is divided', async () => {
  const [sinceMs, untilMs] = [SOME_TIME_MS + 20_000, SOME_TIME_MS + 150_000];
  assert.deepEqual(
    await walk(slowLog(LOG, 3, isRare), wanted(sinceMs, untilMs)),
    LOG.filter((entry) => isRare(entry) && timeOf(entry) >= sinceMs && timeOf(entry) < untilMs).map(({ uuid }) => uuid),
  );
});

test('export: it fails when even one moment is too much for a search', async () => {
  const moment = LOG.map((entry) => ({ ...entry, timestamp: LOG[0]?.timestamp ?? '' }));
  await assert.rejects(
    walk(slowLog(moment, 3, isRare)),
    /ran out of time from 2026-11-23T03:10:11.123Z on, and the export would not be whole/,
  );
});
