/**
 * One stream of the server for several pages: opens it, notices when it is dead, opens it again where it left off, and
 * gives each page what it asked for. Without a page it is closed.
 */
import { paths } from '../../api/paths.ts';
import type { GapEvent, StateEvent, TickEvent } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { QUERY_LENGTH_MAX } from '../../entry/limits.ts';
import { compileQuery, type Match } from '../../entry/query/match.ts';
import { parseQuery } from '../../entry/query/parse.ts';
import type { Connection } from '../../viewer/connection.ts';
import { matchesJson } from '../../viewer/find.ts';
import type { FromHub } from './messages.ts';

/** The server ticks every 10 s at the latest: a line silent for this long is dead. */
const SILENCE_MS_MAX = 25_000;
/** A page that has not been heard of for so long is gone, however it went. */
const GONE_MS = 90_000;
const LONG_AWAY_MS = 5 * 60_000;
/** For what follows from being told of a long absence, before all of it is read. */
const LONG_AWAY_PAUSE_MS = 100;
const CHECK_MS = 5_000;
const RETRY_FIRST_MS = 500;
const RETRY_MS_MAX = 4_000;
/** Lets nothing through that arrives: for pages that want states only. */
const NOTHING = 'is:deleted';

/** A page that has joined. */
export class Member {
  readonly query: string | undefined;
  readonly tell: (message: FromHub) => void;
  readonly match: Match;
  position: string | undefined;
  heardMs = performance.now();

  constructor(
    { query, position }: { readonly query: string | undefined; readonly position: string | undefined },
    tell: (message: FromHub) => void,
  ) {
    this.query = query;
    this.position = position;
    this.tell = tell;
    const parsed = parseQuery(query ?? NOTHING);
    this.match = parsed.ok ? compileQuery(parsed.query) : () => true;
  }
}

export class Trunk {
  readonly #members = new Set<Member>();
  readonly #onEmpty: () => void;
  readonly #checkTimer: ReturnType<typeof setInterval>;
  #source: EventSource | undefined;
  /** Of the open stream. */
  #query = '';
  /** The last id that was seen or passed; undefined before the first answer. */
  #position: string | undefined;
  #connection: Connection = { kind: 'connecting' };
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lastHeardMs = 0;
  /** By the wall clock, which also runs while the machine sleeps. */
  #awaySinceMs: number | undefined;

  /** @param onEmpty the last page has left: it is not used any more */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
    this.#checkTimer = setInterval(() => this.#check(), CHECK_MS);
  }

  join(member: Member): void {
    this.#members.add(member);
    const { position } = member;
    const isBehind = position !== undefined && (this.#position === undefined || position < this.#position);
    if (isBehind) this.#position = position;
    member.position ??= this.#position;
    if (!this.#source && this.#retryTimer === undefined) this.#open();
    else if (isBehind || !this.#letsThrough(member)) this.#reopen();
    else member.tell({ kind: 'connection', connection: this.#connection });
    if (position === undefined && this.#position !== undefined) member.tell({ kind: 'position', id: this.#position });
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) {
      this.#hangUp();
      clearInterval(this.#checkTimer);
      this.#onEmpty();
    } else if (this.#source && this.#wanted() !== this.#query) this.#reopen();
  }

  hear(member: Member): void {
    member.heardMs = performance.now();
  }

  /** Does not wait for its turn to try again. */
  retryNow(): void {
    if (this.#retryTimer !== undefined) this.#reopen();
  }

  /** What any of the pages wants. */
  #wanted(): string {
    const asked = [...this.#members].flatMap(({ query }) => (query === undefined ? [] : [query]));
    const distinct = [...new Set(asked)].sort();
    if (distinct.length <= 1) return distinct[0] ?? NOTHING;
    if (distinct.includes('')) return '';
    const together = distinct.map((query) => `(${query})`).join(' OR ');
    return together.length <= QUERY_LENGTH_MAX ? together : '';
  }

  #letsThrough({ query }: Member): boolean {
    return this.#query === '' || query === undefined || this.#wanted() === this.#query;
  }

  #reopen(): void {
    this.#hangUp();
    this.#open();
  }

  #open(): void {
    if (this.#awaySinceMs !== undefined && Date.now() - this.#awaySinceMs > LONG_AWAY_MS) {
      this.#awaySinceMs = undefined;
      this.#tellAll({ kind: 'long-away' });
      this.#retryTimer = setTimeout(() => this.#reopen(), LONG_AWAY_PAUSE_MS);
      return;
    }
    this.#setConnection({ kind: 'connecting' });
    this.#lastHeardMs = performance.now();
    this.#query = this.#wanted();
    const parameters = new URLSearchParams({ batch: '1' });
    if (this.#query !== '') parameters.set('query', this.#query);
    if (this.#position !== undefined) parameters.set('last_event_id', this.#position);
    const source = new EventSource(`${paths.stream}?${parameters}`);
    this.#source = source;
    source.onopen = () => {
      this.#lastHeardMs = performance.now();
      this.#retryMs = RETRY_FIRST_MS;
      this.#awaySinceMs = undefined;
      this.#setConnection({ kind: 'live' });
    };
    source.onmessage = (event: MessageEvent<string>) => this.#onEntries(event.data, event.lastEventId);
    this.#on(source, 'state', (text) => this.#tellAll({ kind: 'state', state: JSON.parse(text) as StateEvent }));
    this.#on(source, 'gap', (text) => this.#onGap(JSON.parse(text) as GapEvent));
    this.#on(source, 'tick', (text) => this.#moveTo((JSON.parse(text) as TickEvent).id));
    source.onerror = () => this.#lost('the server cannot be reached');
  }

  #on(source: EventSource, name: string, hear: (text: string) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      this.#lastHeardMs = performance.now();
      hear(event.data);
    });
  }

  #onEntries(text: string, id: string): void {
    this.#lastHeardMs = performance.now();
    let parsed: readonly EntryJson[] | undefined;
    const before = this.#position ?? '';
    for (const member of this.#members) {
      const hasAll = (member.query ?? NOTHING) === this.#query && (member.position ?? '') <= before;
      if (hasAll) member.tell({ kind: 'entries', entries: text, id });
      else {
        parsed ??= JSON.parse(text) as readonly EntryJson[];
        const entries = parsed.filter(
          (entry) => entry.uuid > (member.position ?? '') && matchesJson(member.match, entry),
        );
        if (entries.length > 0) member.tell({ kind: 'entries', entries, id });
        else member.tell({ kind: 'position', id });
      }
      if (id > (member.position ?? '')) member.position = id;
    }
    if (this.#position === undefined || id > this.#position) this.#position = id;
  }

  #onGap({ missed }: GapEvent): void {
    for (const member of this.#members) if (member.query !== undefined) member.tell({ kind: 'gap', missed });
  }

  #moveTo(id: string): void {
    if (this.#position === undefined || id > this.#position) this.#position = id;
    for (const member of this.#members) if (id > (member.position ?? '')) member.position = id;
    this.#tellAll({ kind: 'position', id });
  }

  #hangUp(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#source?.close();
    this.#source = undefined;
  }

  /** The browser's own retry gives up on some answers and waits for seconds on others, so this one decides. */
  #lost(reason: string): void {
    this.#hangUp();
    this.#awaySinceMs ??= Date.now();
    const waitMs = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
    this.#setConnection({ kind: 'waiting', retryAtMs: Date.now() + waitMs, reason });
    this.#retryTimer = setTimeout(() => this.#reopen(), waitMs);
    if (this.#retryMs >= RETRY_MS_MAX) void this.#askWhetherSignedOut();
  }

  /** An EventSource does not tell why it was refused; a token that no longer counts would be retried for ever. */
  async #askWhetherSignedOut(): Promise<void> {
    try {
      const response = await fetch(`${paths.search}?limit=1`, { credentials: 'same-origin' });
      if (response.status === 401) this.#tellAll({ kind: 'signed-out' });
    } catch {
      // Not reached: the retry goes on and says so.
    }
  }

  #check(): void {
    const nowMs = performance.now();
    for (const member of this.#members) if (nowMs - member.heardMs > GONE_MS) this.leave(member);
    if (this.#source && nowMs - this.#lastHeardMs > SILENCE_MS_MAX) this.#lost('the line went silent');
  }

  #setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#tellAll({ kind: 'connection', connection });
  }

  #tellAll(message: FromHub): void {
    for (const member of [...this.#members]) member.tell(message);
  }
}
