/**
 * `logd tail` for pipes: a line per entry, in the order of the store, with nothing missing and nothing twice, also
 * across a restart of the server.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { type StreamEnd, StreamReader } from '../api/stream-reader.ts';
import type { EntryJson } from '../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../entry/limits.ts';
import { createBackoff } from '../system/backoff.ts';
import { realClock } from '../system/clock.ts';
import type { Reporter } from '../system/reporter.ts';
import type { Connection } from '../viewer/connection.ts';
import type { EntryLine } from './output/entry-line.ts';
import type { LineWriter } from './output/line-writer.ts';

export interface TailLinesOptions {
  readonly client: ApiClient;
  readonly query: string;
  /** Event time from which stored entries come first, ms since the epoch; undefined: only what is new. */
  readonly sinceMs: number | undefined;
  /** Ends after an entry whose message it matches. */
  readonly until: RegExp | undefined;
  /** Ends after that time. */
  readonly timeoutMs: number | undefined;
  readonly line: EntryLine;
  readonly writer: LineWriter;
  readonly reporter: Reporter;
}

export type TailLinesEnd = StreamEnd | { readonly kind: 'matched' } | { readonly kind: 'timed-out' };

/** Runs until the signal aborts, nobody reads any more, an end is reached that was asked for, or the server refuses. */
export async function tailLines(options: TailLinesOptions, stop: AbortSignal): Promise<TailLinesEnd> {
  const { line, writer, until, timeoutMs } = options;
  const over = new AbortController();
  let end: TailLinesEnd | undefined;
  const finish = (how: TailLinesEnd) => {
    end ??= how;
    over.abort();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => finish({ kind: 'timed-out' }), timeoutMs);
  const print = async (entries: readonly EntryJson[]) => {
    const matched = until === undefined ? -1 : entries.findIndex(({ message }) => until.test(message));
    const shown = matched === -1 ? entries : entries.slice(0, matched + 1);
    if (!over.signal.aborted) await writer.write(shown.map(line).join(''));
    if (matched !== -1) finish({ kind: 'matched' });
  };
  const ended = await follow(options, print, AbortSignal.any([stop, writer.gone, over.signal]));
  clearTimeout(timer);
  return end ?? ended;
}

type Print = (entries: readonly EntryJson[]) => Promise<void>;

async function follow(options: TailLinesOptions, print: Print, signal: AbortSignal): Promise<StreamEnd> {
  const { client, query, sinceMs } = options;
  const onConnection = connectionReporter(client.serverUrl, options.reporter);
  let lastEventId: string | undefined;
  if (sinceMs !== undefined) {
    // First the place in the live stream, then all that is stored up to there, then the stream from there on.
    const place = await findPlace(client, onConnection, signal);
    if (place.kind !== 'found') return place;
    lastEventId = place.id;
    await printStored({ ...options, sinceMs, untilId: place.id, print }, signal);
  }
  const listener = { onEntries: print, onConnection };
  return new StreamReader({ client, query, lastEventId, resumesGaps: true, listener }).run(signal);
}

type Place = { readonly kind: 'found'; readonly id: string } | StreamEnd;

/** Where the live stream is now: the server says it first of all. */
async function findPlace(
  client: ApiClient,
  onConnection: (connection: Connection) => void,
  signal: AbortSignal,
): Promise<Place> {
  const enough = new AbortController();
  let id: string | undefined;
  const reader = new StreamReader({
    client,
    // Nothing matches it: only the position is asked for.
    query: 'id:none',
    listener: {
      onEntries() {},
      onPosition(newest) {
        id ??= newest;
        enough.abort();
      },
      onConnection(connection) {
        if (connection.kind !== 'closed') onConnection(connection);
      },
    },
  });
  const end = await reader.run(AbortSignal.any([signal, enough.signal]));
  return id === undefined || signal.aborted ? end : { kind: 'found', id };
}

interface StoredOptions extends TailLinesOptions {
  readonly sinceMs: number;
  /** What comes after it comes with the stream. */
  readonly untilId: string;
  readonly print: Print;
}

async function printStored(options: StoredOptions, signal: AbortSignal): Promise<void> {
  const { client, query, sinceMs, untilId, print, reporter } = options;
  const since = new Date(sinceMs).toISOString();
  const backoff = createBackoff({ firstMs: 500, maxMs: 10_000 });
  let cursor: string | undefined;
  for (;;) {
    if (signal.aborted) return;
    try {
      const page = await client.search({ query, since, order: 'asc', limit: PAGE_ENTRIES_MAX, cursor }, signal);
      backoff.reset();
      await print(page.logs.filter((entry) => entry.uuid <= untilId));
      if (page.partial) {
        reporter({
          severity: 'warning',
          event: 'partial',
          message: 'the search of stored entries ran out of time, some are missing: ask for less with --since',
        });
      }
      if (page.cursor === null) return;
      cursor = page.cursor;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError) || !error.mayPass) throw error;
      reporter({ severity: 'warning', event: 'server-unreachable', message: error.message });
      await realClock.sleep(Math.max(backoff.nextMs(), error.retryAfterMs ?? 0), signal);
    }
  }
}

/** One line when the server goes away, one when it is back; the tries between are nobody's business. */
function connectionReporter(serverUrl: string, reporter: Reporter): (connection: Connection) => void {
  let isAway = false;
  return (connection) => {
    if (connection.kind === 'waiting' && !isAway) {
      isAway = true;
      const message = `${connection.reason.replace(/\.?$/, '.')} Trying on`;
      reporter({ severity: 'warning', event: 'server-unreachable', message });
    } else if (connection.kind === 'live' && isAway) {
      isAway = false;
      reporter({ severity: 'info', event: 'server-back', message: `connected to ${serverUrl}` });
    }
  };
}
