/**
 * Query and times of a command line, judged before anything is asked: a wrong one is wrong usage.
 */
import { describeFault, parseQuery } from '../entry/query/parse.ts';
import { parseTimeBound } from '../entry/time.ts';
import { CommandError, EXIT_USAGE } from './exit.ts';
import type { Wanted } from './searchable.ts';

/** @throws CommandError */
export function parseWanted(
  text: string,
  { since, until }: { readonly since?: string; readonly until?: string },
  nowMs: number,
): Wanted {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new CommandError(describeFault(text, parsed), EXIT_USAGE);
  return { text, query: parsed.query, sinceMs: timeOf('since', since, nowMs), untilMs: timeOf('until', until, nowMs) };
}

function timeOf(name: string, text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseTimeBound(text, nowMs);
  if (!parsed.ok) throw new CommandError(`--${name}: ${parsed.reason}`, EXIT_USAGE);
  return parsed.timeMs;
}
