/**
 * Finding among entries: one against a query, and the next one of a list.
 */
import { type EntryJson, entryFromJson } from '../entry/entry.ts';
import type { Match } from '../entry/query/match.ts';
import type { EntryList } from './entry-list.ts';
import type { EntryRow } from './row.ts';
import type { Found } from './snapshot.ts';

export function matchesJson(match: Match, entry: EntryJson): boolean {
  const { is_pinned: isPinned, is_ticket: isTicket, is_deleted: isDeleted, note } = entry;
  return match(entryFromJson(entry), { isPinned, isTicket, isDeleted, note });
}

export interface FindOptions {
  /** Index among the shown rows that the search goes out from; it comes last. */
  readonly from: number;
  readonly direction: 1 | -1;
  readonly wanted: (row: EntryRow) => boolean;
}

/** The next shown entry that is wanted. Goes round at the end. */
export function findShown(
  list: EntryList,
  { from, direction, wanted }: FindOptions,
): { readonly found: Found; readonly key?: string } {
  const { shownCount } = list;
  for (let step = 1; step <= shownCount; step++) {
    const index = (from + direction * step + shownCount * 2) % shownCount;
    const row = list.shownRow(index);
    if (row?.kind !== 'entry' || !wanted(row)) continue;
    const isOn = direction === 1 ? index > from : index < from;
    return { found: isOn ? 'found' : 'wrapped', key: row.key };
  }
  return { found: 'none' };
}
