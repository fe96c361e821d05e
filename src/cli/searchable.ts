/**
 * Where `logd search` and `logd export` look: a server over HTTP, or a data folder on this machine. Both give entries as the
 * HTTP interface does.
 */
import type { ApiClient } from '../api/client.ts';
import { ticketToJson } from '../api/ticket-json.ts';
import type { SearchBody, TicketJson } from '../api/types.ts';
import { entryToJson } from '../entry/entry.ts';
import { SEARCH_MS_MAX } from '../entry/limits.ts';
import type { Query } from '../entry/query/query.ts';
import type { StoreReader, TimePosition } from '../store/store.ts';

export interface Wanted {
  readonly text: string;
  readonly query: Query;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

export interface Found extends Pick<SearchBody, 'logs'> {
  readonly isPartial: boolean;
  /** The next page, further on in the same order; undefined at the end. */
  readonly next: (() => Promise<Found>) | undefined;
}

export interface Searchable {
  count(wanted: Wanted): Promise<{ count: number; isPartial: boolean }>;
  /** The newest that match, newest first, in pages of that many. */
  newest(wanted: Wanted, pageEntries: number): Promise<Found>;
  /** The oldest that match, oldest first, in pages of that many. */
  oldest(wanted: Wanted, pageEntries: number): Promise<Found>;
  /** What more is known of the tickets, by id. */
  tickets(): Promise<ReadonlyMap<string, TicketJson>>;
  close(): Promise<void>;
}

type Order = 'asc' | 'desc';

export function searchServer(client: ApiClient, signal: AbortSignal): Searchable {
  const rangeOf = ({ text, sinceMs, untilMs }: Wanted) => ({
    query: text,
    since: isoOf(sinceMs),
    until: isoOf(untilMs),
  });
  async function page(wanted: Wanted, order: Order, limit: number, cursor?: string): Promise<Found> {
    const body = await client.search({ ...rangeOf(wanted), order, limit, cursor }, signal);
    const next = body.cursor;
    return {
      logs: body.logs,
      isPartial: body.partial === true,
      next: next === null ? undefined : () => page(wanted, order, limit, next),
    };
  }
  return {
    async count(wanted) {
      const { counts, isPartial } = await client.stats(rangeOf(wanted), signal);
      return { count: sum(counts), isPartial };
    },
    newest: (wanted, limit) => page(wanted, 'desc', limit),
    oldest: (wanted, limit) => page(wanted, 'asc', limit),
    tickets: async () => ticketsById((await client.tickets('all', signal)).tickets),
    async close() {},
  };
}

export function searchFolder(reader: StoreReader): Searchable {
  const requestOf = ({ query, sinceMs, untilMs }: Wanted) => ({ query, sinceMs, untilMs, timeLimitMs: SEARCH_MS_MAX });
  async function page(wanted: Wanted, order: Order, limit: number, cursor?: TimePosition): Promise<Found> {
    const answer = await reader.search({ ...requestOf(wanted), order, limit, cursor });
    const next = answer.cursor;
    return {
      logs: answer.found.map(({ entry, state }) => entryToJson(entry, state)),
      isPartial: answer.partial,
      next: next === null ? undefined : () => page(wanted, order, limit, next),
    };
  }
  return {
    async count(wanted) {
      const { counts, partial } = await reader.countByLevel(requestOf(wanted));
      return { count: sum(counts), isPartial: partial };
    },
    newest: (wanted, limit) => page(wanted, 'desc', limit),
    oldest: (wanted, limit) => page(wanted, 'asc', limit),
    tickets: async () =>
      ticketsById((await reader.tickets('all')).map(({ entry, state }) => ticketToJson(entry, state))),
    close: () => reader.close(),
  };
}

function ticketsById(tickets: readonly TicketJson[]): ReadonlyMap<string, TicketJson> {
  return new Map(tickets.map((ticket) => [ticket.uuid, ticket]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function isoOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
