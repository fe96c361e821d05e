/**
 * The HTTP interface as the terminal and the command line use it. Failures are ApiErrors.
 */
import type { Readable } from 'node:stream';
import { type Got, got, type OptionsOfJSONResponseBody, type Response } from 'got';
import type { LevelCounts } from '../entry/level.ts';
import type { StateChange, TicketStatus } from '../entry/state.ts';
import type { Act } from '../viewer/acts.ts';
import { toApiError } from './failure.ts';
import { PARTIAL_HEADER, paths } from './paths.ts';
import type { ClientsBody, EntryBody, HistogramBody, SearchBody, StateBody, TicketsBody } from './types.ts';

export interface ClientOptions {
  /** Without a slash at the end. */
  readonly serverUrl: string;
  readonly token?: string | undefined;
  /** Certificates (PEM) to trust beside the system's. */
  readonly ca?: string | undefined;
  /** Who writes notes, as the person calls themselves. */
  readonly author?: string | undefined;
}

export interface RangeParameters {
  readonly query?: string | undefined;
  /** Event time, inclusive: any form of the query language. */
  readonly since?: string | undefined;
  /** Event time, exclusive. */
  readonly until?: string | undefined;
}

export interface SearchParameters extends RangeParameters {
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly cursor?: string | undefined;
}

export interface StreamParameters {
  readonly query?: string | undefined;
  /** Replays what came after it. */
  readonly lastEventId?: string | undefined;
  /** An array of entries per event. */
  readonly asBatch?: boolean | undefined;
}

const ANSWER_MS_MAX = 30_000;
const CONNECT_MS_MAX = 10_000;

type Parameters = Readonly<Record<string, string | number | undefined>>;

export class ApiClient {
  readonly serverUrl: string;
  readonly #author: string | undefined;
  readonly #got: Got;

  constructor({ serverUrl, token, ca, author }: ClientOptions) {
    this.serverUrl = serverUrl;
    this.#author = author;
    this.#got = got.extend({
      prefixUrl: serverUrl,
      headers: { 'user-agent': 'logd', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
      timeout: { connect: CONNECT_MS_MAX, response: ANSWER_MS_MAX },
      retry: { limit: 0 },
    });
  }

  search(parameters: SearchParameters, signal?: AbortSignal): Promise<SearchBody> {
    return this.#get(paths.search, { ...parameters }, signal);
  }

  /** Entries stored after that id, oldest first. */
  newLogs(since: string, limit: number, signal?: AbortSignal): Promise<Pick<SearchBody, 'logs'>> {
    return this.#get(paths.newLogs, { since, limit }, signal);
  }

  /** @param context how many entries before and after it */
  entry(id: string, context: number, signal?: AbortSignal): Promise<EntryBody> {
    return this.#get(paths.entry(id), { context }, signal);
  }

  /** Counts by level; `isPartial`: the search ran out of time and these are of what was seen until then. */
  async stats(
    range: RangeParameters,
    signal?: AbortSignal,
  ): Promise<{ readonly counts: LevelCounts; readonly isPartial: boolean }> {
    const { body, headers } = await this.#request<LevelCounts>(
      paths.stats,
      { searchParams: defined({ ...range }) },
      signal,
    );
    return { counts: body, isPartial: headers[PARTIAL_HEADER] !== undefined };
  }

  histogram(range: RangeParameters & { readonly buckets: number }, signal?: AbortSignal): Promise<HistogramBody> {
    return this.#get(paths.histogram, { ...range }, signal);
  }

  clients(signal?: AbortSignal): Promise<ClientsBody> {
    return this.#get(paths.clients, {}, signal);
  }

  tickets(status: TicketStatus | 'all', signal?: AbortSignal): Promise<TicketsBody> {
    return this.#get(paths.tickets, { status }, signal);
  }

  act(act: Act, signal?: AbortSignal): Promise<StateBody> {
    const author = this.#author;
    const json = act.kind === 'note' ? { note: act.note, author: act.author ?? author } : { value: act.value, author };
    return this.#ask(paths.act(act.id, act.kind), { method: 'POST', json }, signal);
  }

  /** A note that comes from elsewhere. */
  async bringNote(
    id: string,
    { note, noteAuthor, noteMs }: Pick<StateChange, 'note' | 'noteAuthor' | 'noteMs'>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#ask(
      paths.act(id, 'note'),
      { method: 'POST', json: { note, author: noteAuthor, time: noteMs } },
      signal,
    );
  }

  /** Changes many at once, at most STATE_IDS_MAX; unknown ids are left out. */
  async changeStates(ids: readonly string[], change: Omit<StateChange, 'note'>, signal?: AbortSignal): Promise<void> {
    const { pin, ticket, delete: remove, ticketStatus, ticketOpenedMs, ticketClosedMs, ticketReopens } = change;
    const json = {
      uuids: ids,
      pin,
      ticket,
      delete: remove,
      status: ticketStatus,
      ticket_opened: ticketOpenedMs,
      ticket_closed: ticketClosedMs,
      reopen: ticketReopens,
    };
    await this.#ask(paths.changeStates, { method: 'POST', json }, signal);
  }

  /** The bytes of the live stream, until either side ends it. Errors of the stream are for `toApiError`. */
  openStream({ query, lastEventId, asBatch }: StreamParameters, signal: AbortSignal): Readable {
    return this.#got.stream(relative(paths.stream), {
      searchParams: defined({ query, batch: asBatch ? 1 : undefined }),
      headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
      signal,
    });
  }

  #get<Body>(path: string, parameters: Parameters, signal: AbortSignal | undefined): Promise<Body> {
    return this.#ask(path, { searchParams: defined(parameters) }, signal);
  }

  async #ask<Body>(path: string, options: OptionsOfJSONResponseBody, signal?: AbortSignal): Promise<Body> {
    return (await this.#request<Body>(path, options, signal)).body;
  }

  async #request<Body>(
    path: string,
    options: OptionsOfJSONResponseBody,
    signal: AbortSignal | undefined,
  ): Promise<Response<Body>> {
    try {
      const wanted = { ...options, ...(signal ? { signal } : {}), responseType: 'json' } as const;
      return await this.#got<Body>(relative(path), wanted);
    } catch (error) {
      throw toApiError(error, this.serverUrl) ?? error;
    }
  }
}

/** got wants paths without the first slash behind its prefix. */
function relative(path: string): string {
  return path.slice(1);
}

function defined(parameters: Parameters): Record<string, string | number> {
  const given: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') given[name] = value;
  return given;
}
