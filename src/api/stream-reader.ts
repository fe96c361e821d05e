/**
 * Reads the live stream for as long as it is wanted: connects, notices when the line is dead, and comes back by the last
 * id it has passed, so that nothing is missing and nothing comes twice.
 */
import { SseParser } from '../decode/sse.ts';
import type { EntryJson } from '../entry/entry.ts';
import { createBackoff } from '../system/backoff.ts';
import { type Clock, realClock } from '../system/clock.ts';
import type { Connection } from '../viewer/connection.ts';
import type { ApiClient } from './client.ts';
import { ApiError, toApiError } from './failure.ts';
import type { GapEvent, StateEvent, TickEvent } from './types.ts';

export interface StreamListener {
  /** The stream is not read further until this resolves. */
  onEntries(entries: readonly EntryJson[]): void | Promise<void>;
  /** Asked first, with the JSON of entries as it came. @returns false to have it read, for `onEntries` */
  onBytes?(json: Buffer): boolean;
  onState?(state: StateEvent): void;
  /** Entries this reader was too slow for, after the last ones it got. With `resumesGaps` they are fetched instead. */
  onGap?(missed: number): void;
  /** The newest id that is known to be passed, also when a filter keeps its entry away. */
  onPosition?(id: string): void;
  onConnection?(connection: Connection): void;
}

export interface StreamReaderOptions {
  readonly client: Pick<ApiClient, 'openStream' | 'serverUrl'>;
  readonly query?: string | undefined;
  /** Where to go on; missing: from now on. */
  readonly lastEventId?: string | undefined;
  readonly listener: StreamListener;
  /** After a gap the stream is taken up again where it was left, so that nothing is missing. */
  readonly resumesGaps?: boolean;
  readonly clock?: Clock;
  /** A line silent for longer is dead: the server ticks every 10 s at the latest. */
  readonly silenceMsMax?: number;
  readonly retryFirstMs?: number;
}

/** How reading ended for good. */
export type StreamEnd =
  | { readonly kind: 'stopped' }
  /** Trying again is no use. */
  | { readonly kind: 'refused'; readonly error: ApiError };

/** How one connection ended. */
type LineEnd =
  | { readonly kind: 'lost'; readonly error: ApiError }
  /** Take it up again at once. */
  | { readonly kind: 'again' };

const SILENCE_MS_MAX = 25_000;
const RETRY_FIRST_MS = 500;
const RETRY_MS_MAX = 10_000;
/** Of one event. A longer one makes the reader ask for entries one by one. */
const EVENT_LENGTH_MAX = 64 * 1024 * 1024;

export class StreamReader {
  readonly #client: Pick<ApiClient, 'openStream' | 'serverUrl'>;
  readonly #query: string | undefined;
  readonly #listener: StreamListener;
  readonly #resumesGaps: boolean;
  readonly #clock: Clock;
  readonly #silenceMsMax: number;
  readonly #retryFirstMs: number;
  #position: string | undefined;
  #asBatch = true;
  #wasLive = false;
  /** Cuts what goes on now, a line or the wait for the next one. */
  #cut = new AbortController();

  constructor(options: StreamReaderOptions) {
    this.#client = options.client;
    this.#query = options.query;
    this.#position = options.lastEventId;
    this.#listener = options.listener;
    this.#resumesGaps = options.resumesGaps ?? false;
    this.#clock = options.clock ?? realClock;
    this.#silenceMsMax = options.silenceMsMax ?? SILENCE_MS_MAX;
    this.#retryFirstMs = options.retryFirstMs ?? RETRY_FIRST_MS;
  }

  /** Reads until the signal aborts, or until the server refuses for good. What a listener throws comes out here. */
  async run(signal: AbortSignal): Promise<StreamEnd> {
    const backoff = createBackoff({ firstMs: this.#retryFirstMs, maxMs: RETRY_MS_MAX });
    this.#say({ kind: 'connecting' });
    while (!signal.aborted) {
      this.#wasLive = false;
      this.#cut = new AbortController();
      const end = await this.#readLine(signal);
      if (signal.aborted) break;
      if (this.#wasLive) backoff.reset();
      if (end.kind === 'again') continue;
      if (!end.error.mayPass) {
        this.#say({ kind: 'closed', reason: end.error.message });
        return { kind: 'refused', error: end.error };
      }
      const waitMs = Math.max(backoff.nextMs(), end.error.retryAfterMs ?? 0);
      this.#say({ kind: 'waiting', retryAtMs: this.#clock.nowMs() + waitMs, reason: end.error.message });
      await this.#clock.sleep(waitMs, AbortSignal.any([signal, this.#cut.signal]));
    }
    this.#say({ kind: 'closed' });
    return { kind: 'stopped' };
  }

  /**
   * Takes the stream up again at once, where it was left: for who knows that the line may be dead. After a sleep of the
   * machine it often is, and nothing says so.
   */
  takeUpAgain(): void {
    this.#cut.abort();
  }

  async #readLine(signal: AbortSignal): Promise<LineEnd> {
    const hangUp = new AbortController();
    const stream = this.#client.openStream(
      { query: this.#query, lastEventId: this.#position, asBatch: this.#asBatch },
      AbortSignal.any([signal, hangUp.signal, this.#cut.signal]),
    );
    // Errors are met in the loop below; hanging up after the end of a stream makes one that nobody waits for.
    stream.on('error', () => {});
    const watch = this.#watch(hangUp);
    const parser = new SseParser({ eventLengthMax: EVENT_LENGTH_MAX });
    try {
      watch.start();
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        watch.stop();
        this.#live();
        for (const item of parser.feed(chunk)) {
          if (item.kind === 'oversized') {
            this.#asBatch = false;
            return { kind: 'again' };
          }
          if (item.kind === 'event' && (await this.#take(item.type, item.data, item.lastEventId)) === 'again') {
            return { kind: 'again' };
          }
          if (signal.aborted) break;
        }
        watch.start();
      }
      return this.#lost('the server ended the stream');
    } catch (error) {
      if (this.#cut.signal.aborted) return { kind: 'again' };
      if (watch.wasSilent) return this.#lost('the line went silent');
      const apiError = toApiError(error, this.#client.serverUrl);
      if (!apiError) throw error;
      return { kind: 'lost', error: apiError };
    } finally {
      watch.stop();
      hangUp.abort();
    }
  }

  async #take(type: string, data: Buffer, lastEventId: string): Promise<'again' | undefined> {
    switch (type) {
      case 'message': {
        if (this.#listener.onBytes?.(data)) {
          this.#pass(lastEventId);
          return undefined;
        }
        const entries = parse<EntryJson | readonly EntryJson[]>(data);
        await this.#listener.onEntries(Array.isArray(entries) ? entries : [entries as EntryJson]);
        this.#pass(lastEventId);
        return undefined;
      }
      case 'state':
        this.#listener.onState?.(parse<StateEvent>(data));
        return undefined;
      case 'gap':
        if (this.#resumesGaps && this.#position !== undefined) return 'again';
        this.#listener.onGap?.(parse<GapEvent>(data).missed);
        return undefined;
      case 'tick':
        this.#pass(parse<TickEvent>(data).id);
        return undefined;
      default:
        // A newer server may say more.
        return undefined;
    }
  }

  #pass(id: string): void {
    if (id === '') return;
    this.#position = id;
    this.#listener.onPosition?.(id);
  }

  #live(): void {
    if (this.#wasLive) return;
    this.#wasLive = true;
    this.#say({ kind: 'live' });
  }

  #lost(reason: string): LineEnd {
    return { kind: 'lost', error: new ApiError('unreachable', `${reason} (${this.#client.serverUrl})`) };
  }

  #say(connection: Connection): void {
    this.#listener.onConnection?.(connection);
  }

  /** Hangs up when the stream is silent for too long while it is being read: a slow listener is not the line's fault. */
  #watch(hangUp: AbortController) {
    let resting: AbortController | undefined;
    const watch = {
      wasSilent: false,
      start: () => {
        const rest = new AbortController();
        resting = rest;
        void this.#clock.sleep(this.#silenceMsMax, rest.signal).then(() => {
          if (rest.signal.aborted) return;
          watch.wasSilent = true;
          hangUp.abort();
        });
      },
      stop: () => {
        resting?.abort();
        resting = undefined;
      },
    };
    return watch;
  }
}

function parse<Body>(data: Buffer): Body {
  try {
    return JSON.parse(data.toString()) as Body;
  } catch (error) {
    throw new ApiError('unreachable', 'the server sent an event that is no JSON', { cause: error });
  }
}
