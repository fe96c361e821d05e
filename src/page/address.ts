/**
 * The state of a page in its URL, both ways: what is searched, the time range and the entry that is open. A copied
 * address shows the same to a colleague; back and forward walk through what was looked at.
 */
import { isId } from '../entry/id.ts';
import { parseTimeBound } from '../entry/time.ts';

export type TimeRange =
  | { readonly kind: 'all' }
  /** That long up to now, as parseTimeBound takes it: "15m", "24h", "7d". */
  | { readonly kind: 'last'; readonly span: string }
  /** Since inclusive, until exclusive. */
  | { readonly kind: 'between'; readonly sinceMs: number; readonly untilMs: number };

export interface Address {
  readonly query: string;
  readonly range: TimeRange;
  readonly entryId: string | undefined;
}

export const ALL: TimeRange = { kind: 'all' };

const SPAN = /^\d{1,6}(s|m|h|d|w)$/;

/** @param search what stands after the path, with or without "?"; what it does not say is the default */
export function parseAddress(search: string, nowMs: number): Address {
  const parameters = new URLSearchParams(search);
  const entry = (parameters.get('entry') ?? '').toLowerCase();
  return {
    query: parameters.get('query') ?? '',
    range: parseRange(parameters.get('since'), parameters.get('until'), nowMs),
    entryId: isId(entry) ? entry : undefined,
  };
}

export function formatAddress(address: Address): string {
  const parameters = new URLSearchParams();
  if (address.query !== '') parameters.set('query', address.query);
  if (address.range.kind === 'last') parameters.set('since', address.range.span);
  if (address.range.kind === 'between') {
    parameters.set('since', new Date(address.range.sinceMs).toISOString());
    parameters.set('until', new Date(address.range.untilMs).toISOString());
  }
  if (address.entryId !== undefined) parameters.set('entry', address.entryId);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The bounds of a range at a moment, ms; undefined where it has none. */
export function boundsOf(range: TimeRange, nowMs: number): { sinceMs?: number; untilMs?: number } {
  switch (range.kind) {
    case 'all':
      return {};
    case 'last': {
      const since = parseTimeBound(range.span, nowMs);
      return since.ok ? { sinceMs: since.timeMs } : {};
    }
    case 'between':
      return { sinceMs: range.sinceMs, untilMs: range.untilMs };
    default:
      range satisfies never;
      throw new Error('BUG: a range of unknown kind');
  }
}

/** Whether two ranges are the same. */
export function sameRange(a: TimeRange, b: TimeRange): boolean {
  if (a.kind === 'last' && b.kind === 'last') return a.span === b.span;
  if (a.kind === 'between' && b.kind === 'between') return a.sinceMs === b.sinceMs && a.untilMs === b.untilMs;
  return a.kind === b.kind;
}

/** Where to go after signing in: a path of this server, never another address. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '';
  // "//host" and "/\host" are other servers to a browser; control characters are dropped by it before it reads.
  return /^\/(?![/\\])[^\u0000-\u001f\\]*$/.test(next) ? next : '/view';
}

function parseRange(since: string | null, until: string | null, nowMs: number): TimeRange {
  if (since === null) return ALL;
  if (until === null && SPAN.test(since)) return { kind: 'last', span: since };
  const from = parseTimeBound(since, nowMs);
  if (!from.ok) return ALL;
  const to = until === null ? undefined : parseTimeBound(until, nowMs);
  if (to !== undefined && (!to.ok || to.timeMs <= from.timeMs)) return ALL;
  return { kind: 'between', sinceMs: from.timeMs, untilMs: to?.timeMs ?? nowMs };
}
