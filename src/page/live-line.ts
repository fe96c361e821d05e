/**
 * The page's line to the live stream: opens it, notices when it is dead, opens it again where it left off, and rests
 * while nobody looks at the page. What comes in goes to the listener; nothing is kept here but the position.
 */
import { paths } from '../api/paths.ts';
import type { GapEvent, StateEvent, TickEvent } from '../api/types.ts';
import type { EntryJson } from '../entry/entry.ts';
import type { Connection } from '../viewer/connection.ts';
import { goToSignIn, withParameters } from './request.ts';

export interface LineListener {
  onEntries(entries: readonly EntryJson[]): void;
  onState(state: StateEvent): void;
  /** Entries this page was too slow for, after the last ones it got. */
  onGap(missed: number): void;
  onConnection(connection: Connection): void;
  /** The line has been away for long and is about to open again: what was missed may be more than one wants to see. */
  onLongAway(): void;
  /** The line is open and at this id: whatever is stored later comes over it. */
  onPosition(id: string): void;
}

export interface LineOptions {
  readonly query: string;
  readonly listener: LineListener;
}

/** The server ticks every 10 s at the latest: a line silent for this long is dead. */
const SILENCE_MS_MAX = 25_000;
const LONG_AWAY_MS = 5 * 60_000;
const CHECK_MS = 5_000;
const RETRY_FIRST_MS = 500;
const RETRY_MS_MAX = 4_000;

export class LiveLine {
  readonly #query: string;
  readonly #listener: LineListener;
  #source: EventSource | undefined;
  #position: string | undefined;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: number | undefined;
  #checkTimer: number | undefined;
  #lastHeardMs = 0;
  #closed = false;
  /** By the wall clock, which also runs while the machine sleeps. */
  #awaySinceMs: number | undefined;

  constructor({ query, listener }: LineOptions) {
    this.#query = query;
    this.#listener = listener;
    document.addEventListener('visibilitychange', this.#onVisibility);
    window.addEventListener('online', this.#onOnline);
    window.addEventListener('pagehide', this.#onLeave);
    window.addEventListener('pageshow', this.#onVisibility);
    this.#checkTimer = window.setInterval(() => this.#check(), CHECK_MS);
    if (document.visibilityState === 'visible') this.#open();
  }

  /** The last id that was seen or passed; undefined before the first answer. */
  get position(): string | undefined {
    return this.#position;
  }

  close(): void {
    this.#closed = true;
    this.#hangUp();
    window.clearInterval(this.#checkTimer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    window.removeEventListener('online', this.#onOnline);
    window.removeEventListener('pagehide', this.#onLeave);
    window.removeEventListener('pageshow', this.#onVisibility);
  }

  #open(): void {
    if (this.#closed || this.#source) return;
    if (this.#awaySinceMs !== undefined && Date.now() - this.#awaySinceMs > LONG_AWAY_MS) {
      this.#awaySinceMs = undefined;
      this.#listener.onLongAway();
      // The listener may have taken another line in the place of this one.
      if (this.#closed) return;
    }
    this.#listener.onConnection({ kind: 'connecting' });
    this.#lastHeardMs = performance.now();
    const source = new EventSource(
      withParameters(paths.stream, { batch: 1, query: this.#query, last_event_id: this.#position }),
    );
    this.#source = source;
    source.onopen = () => {
      this.#heard('');
      this.#retryMs = RETRY_FIRST_MS;
      this.#awaySinceMs = undefined;
      this.#listener.onConnection({ kind: 'live' });
    };
    source.onmessage = (event: MessageEvent<string>) => {
      const entries = JSON.parse(event.data) as readonly EntryJson[];
      this.#listener.onEntries(entries);
      this.#heard(event.lastEventId);
    };
    source.addEventListener('state', (event: MessageEvent<string>) => {
      this.#heard('');
      this.#listener.onState(JSON.parse(event.data) as StateEvent);
    });
    source.addEventListener('gap', (event: MessageEvent<string>) => {
      this.#heard('');
      this.#listener.onGap((JSON.parse(event.data) as GapEvent).missed);
    });
    source.addEventListener('tick', (event: MessageEvent<string>) => {
      this.#heard((JSON.parse(event.data) as TickEvent).id);
    });
    source.onerror = () => this.#lost('the server cannot be reached');
  }

  #heard(position: string): void {
    this.#lastHeardMs = performance.now();
    if (position === '') return;
    if (this.#position === undefined || position > this.#position) this.#position = position;
    this.#listener.onPosition(position);
  }

  #hangUp(): void {
    window.clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    if (this.#source) this.#awaySinceMs ??= Date.now();
    this.#source?.close();
    this.#source = undefined;
  }

  /** The browser's own retry gives up on some answers and waits for seconds on others, so this one decides. */
  #lost(reason: string): void {
    if (this.#closed) return;
    this.#hangUp();
    const waitMs = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
    this.#listener.onConnection({ kind: 'waiting', retryAtMs: Date.now() + waitMs, reason });
    this.#retryTimer = window.setTimeout(() => this.#open(), waitMs);
    if (this.#retryMs >= RETRY_MS_MAX) void this.#askWhetherSignedOut();
  }

  /** An EventSource does not tell why it was refused; a token that no longer counts would be retried for ever. */
  async #askWhetherSignedOut(): Promise<void> {
    try {
      const response = await fetch(`${paths.search}?limit=1`, { credentials: 'same-origin' });
      if (response.status === 401) goToSignIn();
    } catch {
      // Not reached: the retry goes on and says so.
    }
  }

  #check(): void {
    if (this.#source && performance.now() - this.#lastHeardMs > SILENCE_MS_MAX) {
      this.#lost('the line went silent');
    }
  }

  readonly #onVisibility = (): void => {
    if (document.visibilityState === 'visible') this.#open();
    else {
      this.#hangUp();
      this.#listener.onConnection({ kind: 'closed', reason: 'resting while this tab is hidden' });
    }
  };

  readonly #onOnline = (): void => {
    if (this.#retryTimer === undefined) return;
    this.#hangUp();
    this.#open();
  };

  readonly #onLeave = (): void => this.#hangUp();
}
