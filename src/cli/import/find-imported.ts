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
  /** Of its file. Lines that are near are stored near. */
  readonly line: number;
  /** In lower case. */
  readonly oldId: string;
  /** Undefined: sought everywhere. */
  readonly timeMs: number | undefined;
}

/** Ids in one query: it may have 4,096 characters. */
const IDS_MAX = 80;
/** What one query may span: each entry between is looked at. Beyond: another query. */
const LINES_MAX = 4_000;
const SPAN_MS_MAX = 3_600_000;

/**
 * @returns by old id, all entries that have it, deleted ones too
 * @throws CommandError when the search runs out of time
 */
export async function findImported(
  entries: Pick<Searchable, 'newest'>,
  sought: readonly Sought[],
): Promise<Map<string, EntryJson[]>> {
  const found = new Map<string, EntryJson[]>();
  for (const group of groupsOf(sought)) {
    for (const log of await findGroup(entries, group)) {
      const id = String(log.fields?.id ?? '').toLowerCase();
      const known = found.get(id);
      if (known) known.push(log);
      else found.set(id, [log]);
    }
  }
  return found;
}

async function findGroup(entries: Pick<Searchable, 'newest'>, group: readonly Sought[]): Promise<EntryJson[]> {
  const logs: EntryJson[] = [];
  let page: Found | undefined = await entries.newest(wantedOf(group), PAGE_ENTRIES_MAX);
  while (page !== undefined) {
    const { isPartial, next }: Found = page;
    if (isPartial && next === undefined) return findHalves(entries, group);
    logs.push(...page.logs);
    page = await next?.();
  }
  return logs;
}

/** Others have stored much at these times: fewer ids are nearer to one another. */
async function findHalves(entries: Pick<Searchable, 'newest'>, group: readonly Sought[]): Promise<EntryJson[]> {
  if (group.length < 2) {
    throw new CommandError(
      'the entries are stored, but the search for those with states ran out of time: run the import again later, it stores nothing twice',
    );
  }
  const middle = group.length >> 1;
  const first = await findGroup(entries, group.slice(0, middle));
  return [...first, ...(await findGroup(entries, group.slice(middle)))];
}

/** In the order of time, so that each group spans as little as can be. */
function groupsOf(sought: readonly Sought[]): Sought[][] {
  const groups: Sought[][] = [];
  let group: Sought[] = [];
  for (const one of sought.toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0))) {
    const [first] = group;
    if (first === undefined || group.length >= IDS_MAX || !isNear(first, one)) {
      group = [];
      groups.push(group);
    }
    group.push(one);
  }
  return groups;
}

function isNear(first: Sought, other: Sought): boolean {
  if (first.timeMs === undefined || other.timeMs === undefined) return first.timeMs === other.timeMs;
  return other.timeMs - first.timeMs <= SPAN_MS_MAX && Math.abs(other.line - first.line) <= LINES_MAX;
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
