/**
 * Opens closed tickets again when the same is said once more, where people asked for it. What arrives is compared as it is
 * stored; in a flood, which must not wait for that, and after a start the store is searched instead.
 */
import type { Entry } from '../entry/entry.ts';
import { idTimeMs } from '../entry/id.ts';
import { parseQuery } from '../entry/query/parse.ts';
import { likenessOf, similarQuery } from '../entry/similar.ts';
import type { FullState, StateChange } from '../entry/state.ts';
import type { Commit, Store, StoreListener } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Reporter } from '../system/reporter.ts';

interface Watched {
  readonly id: string;
  readonly closedMs: number;
  readonly likeness: string;
  readonly message: string;
}

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/** Entries compared as they arrive, in a second. Beyond: the store is searched a little later. */
const COMPARED_PER_SECOND = 20_000;
const SECOND_MS = 1_000;
/** Found entries looked at for one that counts. */
const FOUND_MAX = 100;

export class Recurrences implements StoreListener {
  readonly #needs: Needs;
  /** By the id of the ticket. */
  readonly #watched = new Map<string, Watched>();
  /** The same by what is said; undefined: made anew when it is asked for. */
  #byLikeness: ReadonlyMap<string, readonly Watched[]> | undefined;
  /** The closing of each ticket that is to be watched, also while its entry is looked up. */
  readonly #closings = new Map<string, number>();
  #secondStartMs = 0;
  #compared = 0;
  #searchTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Watches the tickets that were closed before the start. */
  async begin(): Promise<void> {
    for (const { entry, state } of await this.#needs.store.tickets('closed')) if (state) this.onState(entry.id, state);
  }

  onState(id: string, { isTicket, isDeleted, ticketStatus, ticketReopens, ticketClosedMs }: FullState): void {
    const closedMs = ticketClosedMs ?? 0;
    if (!isTicket || isDeleted || ticketStatus !== 'closed' || !ticketReopens) {
      this.#closings.delete(id);
      this.#unwatch(id);
    } else if (this.#closings.get(id) !== closedMs) {
      this.#closings.set(id, closedMs);
      void this.#watch(id, closedMs);
    }
  }

  onCommit(commit: Commit): void {
    if (this.#watched.size === 0) return;
    if (!this.#mayCompare(commit.count)) {
      this.#searchSoon();
      return;
    }
    this.#byLikeness ??= Map.groupBy(this.#watched.values(), ({ likeness }) => likeness);
    for (const entry of commit.entries()) {
      const likeness = likenessOf(entry.message);
      if (likeness === undefined) continue;
      for (const watched of this.#byLikeness?.get(likeness) ?? [])
        if (isAgain(entry, watched)) this.#open(watched, entry);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#searchTimer);
    this.#watched.clear();
  }

  /** What came between the closing and this moment is searched for, so nothing falls between the two. */
  async #watch(id: string, closedMs: number): Promise<void> {
    const message = (await this.#try(() => this.#needs.store.get(id)))?.entry.message;
    const likeness = message === undefined ? undefined : likenessOf(message);
    if (message === undefined || likeness === undefined || this.#closings.get(id) !== closedMs) return;
    const watched = { id, closedMs, likeness, message };
    this.#rewatch(watched);
    await this.#search(watched);
  }

  async #search(watched: Watched): Promise<void> {
    const parsed = parseQuery(similarQuery(watched.message) ?? '');
    if (!parsed.ok || parsed.query.kind === 'all') return;
    const request = { query: parsed.query, sinceMs: watched.closedMs, limit: FOUND_MAX, order: 'asc' as const };
    const page = await this.#try(() => this.#needs.store.search(request));
    const again = page?.found.find(({ entry }) => isAgain(entry, watched));
    if (again && this.#watched.get(watched.id) === watched) this.#open(watched, again.entry);
  }

  #searchSoon(): void {
    this.#searchTimer ??= setTimeout(async () => {
      for (const watched of [...this.#watched.values()]) await this.#search(watched);
      this.#searchTimer = undefined;
    }, SECOND_MS).unref();
  }

  #open(watched: Watched, { id: recurredId }: Entry): void {
    this.#unwatch(watched.id);
    const change = (before: FullState | undefined): StateChange =>
      before?.ticketStatus === 'closed' && before.ticketReopens ? { ticketStatus: 'open', recurredId } : {};
    void this.#try(() => this.#needs.store.changeState([watched.id], change)).then((done) => {
      // A trouble of the disk passes: it is found again then.
      if (done === undefined && !this.#isClosed) this.#rewatch(watched);
    });
  }

  #rewatch(watched: Watched): void {
    this.#watched.set(watched.id, watched);
    this.#byLikeness = undefined;
  }

  #unwatch(id: string): void {
    this.#watched.delete(id);
    this.#byLikeness = undefined;
  }

  #mayCompare(count: number): boolean {
    const nowMs = this.#needs.clock.monotonicMs();
    if (nowMs - this.#secondStartMs >= SECOND_MS) {
      this.#secondStartMs = nowMs;
      this.#compared = 0;
    }
    this.#compared += count;
    return this.#compared <= COMPARED_PER_SECOND;
  }

  /** Undefined: it failed, and was reported. */
  async #try<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!this.#isClosed) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#needs.reporter({
          severity: 'warning',
          event: 'not-reopened',
          message: `a ticket that may have to be opened again stays closed for now: ${reason}`,
        });
      }
      return undefined;
    }
  }
}

/** It happened and was received after the ticket was closed: what is brought in from older logs is nothing new. */
function isAgain(entry: Entry, { id, closedMs, likeness }: Watched): boolean {
  return (
    entry.id !== id &&
    entry.timeMs >= closedMs &&
    idTimeMs(entry.id) >= closedMs &&
    likenessOf(entry.message) === likeness
  );
}
