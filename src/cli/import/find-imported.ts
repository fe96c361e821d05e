/**
 * Entries by the ids they had before they were imported. Nothing indexes these, but each is sought at its own event time
 * alone, where few entries are.
 */
import type { EntryJson } from '../../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import { parseQuery } from '../../entry/query/parse.ts';
import { CommandError } from '../exit.ts';
import type { Found, Searchable, Wanted } from '../searchable.ts';

export interface Sought {
  /** In lower case. */
  readonly oldId: string;
  /** Undefined: sought everywhere. */
  readonly timeMs: number | undefined;
}

/** Ids in one query: it may have 4,096 characters. */
const IDS_MAX = 80;
/** Times that one query may span. Beyond: another query. */
const SPAN_MS_MAX = 1_000;

/** @returns by old id, all entries that have it, deleted ones too */
export async function findImported(
  entries: Pick<Searchable, 'newest'>,
  sought: readonly Sought[],
): Promise<Map<string, EntryJson[]>> {
  const found = new Map<string, EntryJson[]>();
  for (const group of groupsOf(sought)) {
    let page: Found | undefined = await entries.newest(wantedOf(group), PAGE_ENTRIES_MAX);
    while (page !== undefined) {
      for (const log of page.logs) {
        const id = String(log.fields?.id ?? '').toLowerCase();
        const known = found.get(id);
        if (known) known.push(log);
        else found.set(id, [log]);
      }
      if (page.isPartial && page.next === undefined) {
        throw new CommandError(
          'the entries are stored, but the search for those with states ran out of time: run the import again later, it stores nothing twice',
        );
      }
      page = await page.next?.();
    }
  }
  return found;
}

function groupsOf(sought: readonly Sought[]): Sought[][] {
  const groups: Sought[][] = [];
  let group: Sought[] = [];
  for (const one of sought.toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))) {
    const [first] = group;
    const isNear =
      first?.timeMs === undefined ? one.timeMs === undefined : (one.timeMs ?? 0) - first.timeMs <= SPAN_MS_MAX;
    if (first === undefined || !isNear || group.length >= IDS_MAX) {
      group = [];
      groups.push(group);
    }
    group.push(one);
  }
  return groups;
}

function wantedOf(group: readonly Sought[]): Wanted {
  const ids = group.map(({ oldId }) => `id:${oldId}`).join(' OR ');
  // Only a query that speaks of deleted entries sees them.
  const text = `(${ids}) (is:deleted OR -is:deleted)`;
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`BUG: a query for ids is none: ${text}`);
  const sinceMs = group.at(0)?.timeMs;
  const untilMs = group.at(-1)?.timeMs;
  const range = sinceMs === undefined || untilMs === undefined ? undefined : { sinceMs, untilMs: untilMs + 1 };
  return { text, query: parsed.query, sinceMs: range?.sinceMs, untilMs: range?.untilMs };
}
