/**
 * The fields of the entries at hand and their values, most frequent first: what the search box can complete.
 */
import type { EntryJson } from '../../entry/entry.ts';

const VALUES_MAX = 50;
/** Longer ones are no words one would search for. */
const VALUE_LENGTH_MAX = 80;

export function seenFields(entries: Iterable<EntryJson>): ReadonlyMap<string, readonly string[]> {
  const counts = new Map<string, Map<string, number>>();
  for (const { fields, source } of entries) {
    if (source !== undefined) count(counts, 'source', source);
    for (const [name, value] of Object.entries(fields ?? {})) count(counts, name, String(value));
  }
  return new Map(
    [...counts].map(([name, values]) => [
      name,
      [...values]
        .sort((a, b) => b[1] - a[1])
        .slice(0, VALUES_MAX)
        .map(([value]) => value),
    ]),
  );
}

function count(counts: Map<string, Map<string, number>>, name: string, value: string): void {
  if (value.length > VALUE_LENGTH_MAX) return;
  const values = counts.get(name) ?? new Map<string, number>();
  values.set(value, (values.get(value) ?? 0) + 1);
  counts.set(name, values);
}
