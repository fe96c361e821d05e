/**
 * The page's line to the live stream, which all pages of the browser share. It rests while nobody looks at the page. What
 * comes in goes to the listener; nothing is kept here but the position.
 */
import type { StateEvent } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import type { Connection } from '../../viewer/connection.ts';
import { goToSignIn } from '../request.ts';
import type { FromHub } from './messages.ts';
import { giveUpShared, type HubPort, isShared, reachHub } from './reach-hub.ts';

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
  /** Undefined: states only. */
  readonly query: string | undefined;
  /** Goes on behind this id; missing: from now on. */
  readonly position?: string | undefined;
  readonly listener: LineListener;
}

const LONG_AWAY_MS = 5 * 60_000;
/** The hub is told that often that this page is there. */
const HERE_MS = 5_000;
/** A shared hub that has said nothing for so long is stuck or was never there. */
const SILENCE_MS_MAX = 35_000;
const FIRST_WORD_MS_MAX = 3_000;

export class LiveLine {
  readonly #query: string | undefined;
  readonly #listener: LineListener;
  readonly #hereTimer: number;
  #port: HubPort | undefined;
  #position: string | undefined;
  #heardMs = 0;
  #hasHeard = false;
  #firstWordTimer: number | undefined;
  #closed = false;
  /** By the wall clock, which also runs while the machine sleeps. */
  #restingSinceMs: number | undefined;

  constructor({ query, position, listener }: LineOptions) {
    this.#query = query;
    this.#position = position;
    this.#listener = listener;
    document.addEventListener('visibilitychange', this.#onVisibility);
    window.addEventListener('online', this.#onOnline);
    window.addEventListener('pagehide', this.#onLeave);
    window.addEventListener('pageshow', this.#onVisibility);
    this.#hereTimer = window.setInterval(() => this.#sayHere(), HERE_MS);
    if (document.visibilityState === 'visible') this.#join();
  }

  /** The last id that was seen or passed; undefined before the first answer. */
  get position(): string | undefined {
    return this.#position;
  }

  close(): void {
    this.#closed = true;
    this.#leave();
    window.clearInterval(this.#hereTimer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    window.removeEventListener('online', this.#onOnline);
    window.removeEventListener('pagehide', this.#onLeave);
    window.removeEventListener('pageshow', this.#onVisibility);
  }

  #join(): void {
    if (this.#closed || this.#port) return;
    if (this.#restingSinceMs !== undefined && Date.now() - this.#restingSinceMs > LONG_AWAY_MS) {
      this.#restingSinceMs = undefined;
      this.#listener.onLongAway();
      // The listener may have taken another line in the place of this one.
      if (this.#closed) return;
    }
    this.#restingSinceMs = undefined;
    this.#listener.onConnection({ kind: 'connecting' });
    this.#heardMs = performance.now();
    this.#hasHeard = false;
    const port: HubPort = reachHub((message) => {
      if (this.#port === port) this.#onMessage(message);
    });
    this.#port = port;
    port.say({ kind: 'join', query: this.#query, position: this.#position });
    if (isShared()) this.#firstWordTimer = window.setTimeout(() => this.#checkFirstWord(), FIRST_WORD_MS_MAX);
  }

  #leave(): void {
    window.clearTimeout(this.#firstWordTimer);
    this.#port?.say({ kind: 'leave' });
    this.#port = undefined;
  }

  #onMessage(message: FromHub): void {
    this.#heardMs = performance.now();
    this.#hasHeard = true;
    switch (message.kind) {
      case 'entries': {
        const { entries, id } = message;
        this.#listener.onEntries(typeof entries === 'string' ? (JSON.parse(entries) as EntryJson[]) : entries);
        this.#moveTo(id);
        break;
      }
      case 'state':
        this.#listener.onState(message.state);
        break;
      case 'gap':
        this.#listener.onGap(message.missed);
        break;
      case 'position':
        this.#moveTo(message.id);
        break;
      case 'connection':
        this.#listener.onConnection(message.connection);
        break;
      case 'long-away':
        this.#listener.onLongAway();
        break;
      case 'signed-out':
        goToSignIn();
        break;
      default:
        message satisfies never;
    }
  }

  #moveTo(position: string): void {
    if (this.#position === undefined || position > this.#position) this.#position = position;
    this.#listener.onPosition(position);
  }

  #sayHere(): void {
    this.#port?.say({ kind: 'here' });
    if (this.#port && isShared() && performance.now() - this.#heardMs > SILENCE_MS_MAX) this.#goOnAlone();
  }

  #checkFirstWord(): void {
    if (!this.#hasHeard) this.#goOnAlone();
  }

  /** The script could not be loaded, or one page's query keeps the hub busy for ever. */
  #goOnAlone(): void {
    giveUpShared();
    this.#leave();
    this.#join();
  }

  readonly #onVisibility = (): void => {
    if (document.visibilityState === 'visible') this.#join();
    else {
      this.#rest();
      this.#listener.onConnection({ kind: 'closed', reason: 'resting while this tab is hidden' });
    }
  };

  readonly #onOnline = (): void => this.#port?.say({ kind: 'online' });

  readonly #onLeave = (): void => this.#rest();

  #rest(): void {
    if (this.#port) this.#restingSinceMs ??= Date.now();
    this.#leave();
  }
}
