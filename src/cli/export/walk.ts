/**
 * All entries that match, oldest first, page by page, and none left out: a search that runs out of time is taken up where
 * it was, or asked again for shorter times.
 */
import { compareByTime, type EntryJson } from '../../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import { parseQuery } from '../../entry/query/parse.ts';
import { CommandError } from '../exit.ts';
import type { Found, Searchable, Wanted } from '../searchable.ts';

/** @throws CommandError when even the shortest time cannot be searched; what the search throws */
export async function* walkOldestFirst(
  where: Pick<Searchable, 'oldest' | 'newest'>,
  wanted: Wanted,
): AsyncGenerator<readonly EntryJson[]> {
  let last: EntryJson | undefined;
  let sinceMs = wanted.sinceMs;
  /** Of the piece that is walked now; undefined: to the end. */
  let untilMs = wanted.untilMs;
  let spanMs = Number.POSITIVE_INFINITY;
  let bounds: Bounds | undefined;
  for (;;) {
    const pages = walkPiece(where, { ...wanted, sinceMs, untilMs });
    let step = await pages.next();
    for (; !step.done; step = await pages.next()) {
      const fresh = behind(step.value, last);
      last = fresh.at(-1) ?? last;
      if (fresh.length > 0) yield fresh;
    }
    const reachedEnd = step.value;
    if (reachedEnd && untilMs === wanted.untilMs) return;
    bounds ??= await boundsOf(where, wanted);
    if (reachedEnd) {
      sinceMs = untilMs;
      spanMs *= 2;
    } else {
      // Entries of one time may be on both sides of where it stopped: those that have been given are passed over.
      sinceMs = Math.max(sinceMs ?? bounds.sinceMs, last ? Date.parse(last.timestamp) : bounds.sinceMs);
      spanMs = Math.floor((Math.min(untilMs ?? bounds.untilMs, bounds.untilMs) - sinceMs) / 2);
      if (spanMs < 1) throw outOfTime(sinceMs);
    }
    const endMs = (sinceMs ?? bounds.sinceMs) + spanMs;
    untilMs = endMs >= bounds.untilMs ? wanted.untilMs : endMs;
  }
}

/** @returns false: the search ran out of time, and what came so far is all that is sure */
async function* walkPiece(
  where: Pick<Searchable, 'oldest'>,
  wanted: Wanted,
): AsyncGenerator<readonly EntryJson[], boolean> {
  let page: Found = await where.oldest(wanted, PAGE_ENTRIES_MAX);
  for (;;) {
    const { logs, isPartial, next } = page;
    // Without a next page to go on with, it is not known where the search stopped, and the entries may have others between.
    if (isPartial && next === undefined) return false;
    // Asked for before this page is taken: server and writer work side by side.
    const coming = next?.();
    // Thrown below, when its turn comes.
    coming?.catch(() => {});
    yield logs;
    if (coming === undefined) return true;
    page = await coming;
  }
}

function behind(logs: readonly EntryJson[], last: EntryJson | undefined): readonly EntryJson[] {
  if (last === undefined) return logs;
  const at = { timeMs: Date.parse(last.timestamp), id: last.uuid };
  return logs.filter(({ timestamp, uuid }) => compareByTime({ timeMs: Date.parse(timestamp), id: uuid }, at) > 0);
}

interface Bounds {
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

/** The times between which entries are at all, within what is wanted. */
async function boundsOf(where: Pick<Searchable, 'oldest' | 'newest'>, wanted: Wanted): Promise<Bounds> {
  const text = 'is:deleted OR -is:deleted';
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`BUG: a query for everything is none: ${text}`);
  const all = { ...wanted, text, query: parsed.query };
  const [first] = (await where.oldest(all, 1)).logs;
  const [last] = (await where.newest(all, 1)).logs;
  if (!first || !last) throw outOfTime(wanted.sinceMs);
  return { sinceMs: Date.parse(first.timestamp), untilMs: Date.parse(last.timestamp) + 1 };
}

function outOfTime(sinceMs: number | undefined): CommandError {
  const from = sinceMs === undefined ? '' : ` from ${new Date(sinceMs).toISOString()} on`;
  return new CommandError(
    `the search ran out of time${from}, and the export would not be whole: ask for less with --since and --until, or with a simpler query`,
  );
}
