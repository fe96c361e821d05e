/**
 * The live streams of a server: viewers come with a query and, when they were here before, the last id they have seen;
 * they get what they missed from the store and then go on live, with no gap and no repeat.
 */
import type { ServerResponse } from 'node:http';
import { ID_NONE, idTimeMs } from '../../entry/id.ts';
import { VIEWERS_MAX } from '../../entry/limits.ts';
import type { Query } from '../../entry/query/query.ts';
import type { FullState } from '../../entry/state.ts';
import type { Commit, Store, StoreListener } from '../../store/store.ts';
import { Channel } from './channel.ts';
import { createEntryFilter } from './entry-filter.ts';
import { encodePosition, encodeState } from './events.ts';
import { Viewer } from './viewer.ts';

/** A viewer hears of the newest id first between one and two of these after it came, then once in each. */
const TICK_MS = 5_000;
const REPLAY_ENTRIES = 1_000;
/** A changed state waits in line with entries at most that long, so what a viewer missed may have changed that much before. */
const STATE_LATE_MS_MAX = 60_000;
/** Remembered. Beyond: all are forgotten and shown again. */
const STUCK_QUERIES_MAX = 1_000;

export interface ViewerRequest {
  readonly queryText: string;
  readonly query: Query;
  /** An array per event instead of an event per entry. */
  readonly asBatch: boolean;
  /** The last id the viewer has seen; undefined: live only. */
  readonly lastEventId: string | undefined;
}

export class Streams implements StoreListener {
  readonly #store: () => Store;
  readonly #channels = new Map<string, Channel>();
  readonly #viewers = new Set<Viewer>();
  readonly #ticker: NodeJS.Timeout;
  #closing = false;
  /** Queries whose regular expression took too long on a live entry. */
  readonly #stuckQueries = new Set<string>();
  /** Entries that viewers were too slow for, since the start. */
  missedCount = 0;

  /** @param store asked for at the first use: the store is opened with this listener */
  constructor(store: () => Store) {
    this.#store = store;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#ticker.unref();
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  get isFull(): boolean {
    return this.#closing || this.#viewers.size >= VIEWERS_MAX;
  }

  /** Whether this query has shown that it cannot be run on live entries. */
  isStuck(queryText: string): boolean {
    return this.#stuckQueries.has(queryText);
  }

  onCommit(commit: Commit): void {
    for (const channel of this.#channels.values()) channel.onCommit(commit);
  }

  onState(id: string, state: FullState): void {
    for (const channel of this.#channels.values()) channel.onState(id, state);
  }

  /** Feeds a response until either end closes it. The head must have been sent. */
  async feed(response: ServerResponse, request: ViewerRequest): Promise<void> {
    const viewer: Viewer = new Viewer(response, {
      onMissed: (count) => {
        this.missedCount += count;
      },
      onDrained: (behindMs) => this.#writeStates(viewer, Date.now() - behindMs - STATE_LATE_MS_MAX),
    });
    this.#viewers.add(viewer);
    const key = `${request.asBatch ? 'batch' : 'single'} ${request.queryText}`;
    response.on('close', () => {
      this.#viewers.delete(viewer);
      this.#leave(key, viewer);
    });
    // Sent before anything else, so that the viewer knows the line is open.
    viewer.write(': logd\nretry: 1000\n\n');
    const channel = this.#createChannel(key, request);
    channel.viewers.add(viewer);
    let position = request.lastEventId ?? this.#store().lastId;
    while (position < this.#store().lastId && !viewer.closed) {
      const found = await this.#store().after(position, REPLAY_ENTRIES);
      const last = found.at(-1);
      if (!last) break;
      position = last.entry.id;
      viewer.write(channel.encodeReplay(found) + encodePosition(position, request.asBatch));
      await viewer.drain();
    }
    // From here to the join nothing may wait, or an entry could pass between the two.
    if (viewer.closed) return;
    if (request.lastEventId === undefined) viewer.write(encodePosition(position, request.asBatch));
    else this.#writeStates(viewer, request.lastEventId === ID_NONE ? 0 : idTimeMs(request.lastEventId));
    this.#join(key, viewer, channel);
  }

  close(): void {
    this.#closing = true;
    clearInterval(this.#ticker);
    for (const channel of this.#channels.values()) {
      channel.flush();
      channel.close();
    }
    for (const viewer of this.#viewers) viewer.end();
  }

  /** States after the entries: what changed while those were read must win. A state told twice is the same state. */
  #writeStates(viewer: Viewer, sinceMs: number): void {
    for (const [id, state] of this.#store().statesChangedSince(sinceMs)) viewer.write(encodeState(id, state));
  }

  #join(key: string, viewer: Viewer, fresh: Channel): void {
    const channel = this.#channels.get(key) ?? fresh;
    this.#channels.set(key, channel);
    // What waits there is older than where this viewer stands.
    fresh.viewers.delete(viewer);
    channel.flush();
    channel.viewers.add(viewer);
  }

  #createChannel(key: string, { query, queryText, asBatch }: ViewerRequest): Channel {
    const channel: Channel = new Channel({
      filter: createEntryFilter(query),
      asBatch,
      onStuck: () => {
        if (this.#stuckQueries.size >= STUCK_QUERIES_MAX) this.#stuckQueries.clear();
        this.#stuckQueries.add(queryText);
        if (this.#channels.get(key) === channel) this.#channels.delete(key);
        for (const viewer of channel.viewers) viewer.end();
      },
    });
    return channel;
  }

  #leave(key: string, viewer: Viewer): void {
    const channel = this.#channels.get(key);
    if (!channel) return;
    channel.viewers.delete(viewer);
    if (channel.viewers.size > 0) return;
    channel.close();
    this.#channels.delete(key);
  }

  #tick(): void {
    if (this.#channels.size === 0) return;
    const { lastId } = this.#store();
    for (const channel of this.#channels.values()) channel.tick(lastId, TICK_MS);
  }
}
