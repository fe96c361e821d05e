/**
 * All viewers of one query: an event is made into bytes once, and the same bytes go to each of them. What happens is
 * gathered for a moment, so that a flood costs a write per moment and viewer, not per entry.
 */
import type { Entry } from '../../entry/entry.ts';
import type { FullState } from '../../entry/state.ts';
import type { Commit, StoredEntry } from '../../store/store.ts';
import type { EntryFilter } from './entry-filter.ts';
import { encodeEntries, encodeState, encodeTick } from './events.ts';
import type { Viewer } from './viewer.ts';

/** Events of a quiet stream leave at once; those of a busy one wait for each other at most this long. */
const GATHER_MS = 10;
/** Entries made into bytes in one turn of the loop: what a prompt viewer drains in about a millisecond. */
const TURN_ENTRIES_MAX = 2_000;
/** Entries that may wait for their turn. Beyond: the viewers of this channel miss them and are told. */
const WAITING_ENTRIES_MAX = 500_000;

type Waiting =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'state'; readonly bytes: string };

export interface ChannelOptions {
  readonly filter: EntryFilter;
  readonly asBatch: boolean;
  /** The filter took too long: the channel is at its end. */
  readonly onStuck: () => void;
}

export class Channel {
  readonly viewers = new Set<Viewer>();
  readonly #filter: EntryFilter;
  readonly #asBatch: boolean;
  readonly #onStuck: () => void;
  #isClosed = false;
  #waiting: Waiting[] = [];
  #waitingEntryCount = 0;
  /** Entries of the first waiting commit that have been sent. */
  #sentOfFirst = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #lastFlushMs = 0;

  constructor({ filter, asBatch, onStuck }: ChannelOptions) {
    this.#filter = filter;
    this.#asBatch = asBatch;
    this.#onStuck = onStuck;
  }

  onCommit(commit: Commit): void {
    if (this.#waitingEntryCount > WAITING_ENTRIES_MAX) {
      const missed = this.#filtered(asStored(commit.entries())).length;
      if (missed > 0) for (const viewer of this.viewers) viewer.miss(missed);
      return;
    }
    commit.hold();
    this.#waiting.push({ kind: 'commit', commit });
    this.#waitingEntryCount += commit.count;
    this.#schedule();
  }

  onState(id: string, state: FullState): void {
    // In line with the entries: a state must not overtake the entry it is about.
    this.#waiting.push({ kind: 'state', bytes: encodeState(id, state) });
    this.#schedule();
  }

  /** @param ageMsMin viewers that came later than that ago are left out */
  tick(newestId: string, ageMsMin: number): void {
    if (this.#waiting.length > 0) return;
    const bytes = Buffer.from(encodeTick(newestId));
    for (const viewer of this.viewers) if (viewer.ageMs >= ageMsMin && viewer.takesMore) viewer.write(bytes);
  }

  /** What a replay of the store sends to one viewer, in this channel's form and through its filter. */
  encodeReplay(found: readonly StoredEntry[]): string {
    return encodeEntries(this.#filtered(found), this.#asBatch);
  }

  /** Sends all that waits, now. A viewer that joins right after it has missed and repeats nothing. */
  flush(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) this.#sendTurn();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#waiting = [];
  }

  /** Nothing, and the end of the channel, when the filter takes too long. */
  #filtered(found: readonly StoredEntry[]): readonly StoredEntry[] {
    const passed = this.#isClosed ? [] : this.#filter(found);
    if (passed) return passed;
    this.close();
    this.#onStuck();
    return [];
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer || this.#turn) return;
    const sinceFlushMs = performance.now() - this.#lastFlushMs;
    if (sinceFlushMs >= GATHER_MS) this.#turn = setImmediate(() => this.#onTurn());
    else this.#timer = setTimeout(() => this.#onTurn(), GATHER_MS - sinceFlushMs);
  }

  #onTurn(): void {
    this.#timer = undefined;
    this.#turn = undefined;
    this.#lastFlushMs = performance.now();
    this.#sendTurn();
    if (this.#waiting.length > 0) this.#turn = setImmediate(() => this.#onTurn());
  }

  #sendTurn(): void {
    let bytes = '';
    let gathered: StoredEntry[] = [];
    let looked = 0;
    let sent = 0;
    const finishEntries = () => {
      bytes += encodeEntries(gathered, this.#asBatch);
      sent += gathered.length;
      gathered = [];
    };
    while (looked < TURN_ENTRIES_MAX) {
      const first = this.#waiting[0];
      if (!first) break;
      if (first.kind === 'state') {
        finishEntries();
        bytes += first.bytes;
        this.#waiting.shift();
        continue;
      }
      const entries = first.commit.entries();
      const until = Math.min(entries.length, this.#sentOfFirst + TURN_ENTRIES_MAX - looked);
      gathered.push(...this.#filtered(asStored(entries.slice(this.#sentOfFirst, until))));
      if (this.#isClosed) return;
      looked += until - this.#sentOfFirst;
      this.#waitingEntryCount -= until - this.#sentOfFirst;
      this.#sentOfFirst = until;
      if (until < entries.length) break;
      this.#sentOfFirst = 0;
      this.#waiting.shift();
    }
    finishEntries();
    if (bytes !== '') this.#send(Buffer.from(bytes), sent);
  }

  #send(bytes: Uint8Array, entryCount: number): void {
    for (const viewer of this.viewers) {
      if (viewer.takesMore) viewer.write(bytes);
      else viewer.miss(entryCount);
    }
  }
}

/** As it is when it comes in: nobody has touched it. */
function asStored(entries: readonly Entry[]): StoredEntry[] {
  return entries.map((entry) => ({ entry, state: undefined }));
}
