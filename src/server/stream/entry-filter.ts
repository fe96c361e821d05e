/**
 * The entries of a live stream that its query lets through. A user's regular expression may need longer than anybody lives
 * for one line; it runs under a time limit, which ends it in the middle, on the thread that answers everybody.
 */
import { createContext, Script } from 'node:vm';
import { type EntryState, PLAIN_STATE } from '../../entry/entry.ts';
import { compileQuery } from '../../entry/query/match.ts';
import { type Query, someNode } from '../../entry/query/query.ts';
import type { StoredEntry } from '../../store/store.ts';

/** For a turn's entries; a sound expression needs about a thousandth of it. */
const TURN_MS_MAX = 250;

/** @returns undefined when the query's regular expression took too long: it will again, so it is not to be used further */
export type EntryFilter = (found: readonly StoredEntry[]) => readonly StoredEntry[] | undefined;

export function createEntryFilter(query: Query): EntryFilter {
  const match = compileQuery(query);
  const stateOf = (state: EntryState | undefined) => state ?? PLAIN_STATE;
  const filter = (found: readonly StoredEntry[]) => found.filter(({ entry, state }) => match(entry, stateOf(state)));
  if (!someNode(query, (node) => node.kind === 'regex')) return filter;
  return (found) => underTimeLimit(() => filter(found));
}

const context = createContext({ work: undefined as (() => unknown) | undefined });
const script = new Script('work()');

function underTimeLimit<Result>(work: () => Result): Result | undefined {
  let result: Result | undefined;
  context.work = () => {
    result = work();
  };
  try {
    script.runInContext(context, { timeout: TURN_MS_MAX });
    return result;
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  } finally {
    context.work = undefined;
  }
}

/** The error is one of the script's realm, so no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
