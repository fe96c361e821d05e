/**
 * The figures beside the list: bars over time, counts by level, clients. They come from the server, over the whole
 * store; between two answers what arrives live is added, so that they move with the list.
 */
import { signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { AgentJson, ClientsBody, HistogramBody, TicketsBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import type { Level, LevelCounts } from '../../entry/level.ts';
import { boundsOf, type TimeRange } from '../address.ts';
import { withoutFacet, withTerm } from '../query-terms.ts';
import { get } from '../request.ts';
import { addEntries, advance, type Buckets, bucketsFromBody, extend, spanFor, sumOf } from './buckets.ts';

export interface ClientFigure {
  readonly clientId: string;
  readonly lastSeenMs: number;
  readonly counts: Readonly<LevelCounts>;
  /** Its agent is silent or falls behind. */
  readonly isTroubled: boolean;
}

interface Arrived {
  readonly timeMs: number;
  readonly level: Level;
  readonly clientId: string;
}

export interface OverviewOptions {
  readonly query: string;
  readonly range: TimeRange;
}

export const MARKS = ['pinned', 'ticket', 'deleted'] as const;
export type Mark = (typeof MARKS)[number];

const BUCKETS = 150;
/** The chart of a range that grows gets this many bars before it is drawn anew with wider ones. */
const BUCKETS_MAX = 220;
/** Figures move at most this often. */
const MOVE_MS = 250;
/** Asked again after this, or after that many times as long as the last answer took. */
const REFRESH_MS_MIN = 5_000;
/** Many changes at once are asked about once. */
const TOUCH_MS = 250;
/** Figures that take longer wait for their turn. */
const QUICK_MS = 150;
const REFRESH_COST_FACTOR = 20;

export class Overview {
  readonly buckets = signal<Buckets | undefined>(undefined);
  /** Over the query without its levels, so that each level shows what a click would give. */
  readonly levels = signal<Readonly<LevelCounts> | undefined>(undefined);
  /** Whether what is shown is still of what was looked at before. */
  readonly isLoading = signal(false);
  /** When the open tickets happened, whatever is searched. */
  readonly ticketsMs = signal<readonly number[] | undefined>(undefined);
  /** Over the query without its clients, so that each client shows what a click would give. */
  readonly clients = signal<readonly ClientFigure[] | undefined>(undefined);
  /** How many of what matches are marked so; undefined: not known. */
  readonly marks = signal<ReadonlyMap<Mark, number | undefined>>(new Map());
  /** Agents that are silent or fall behind. */
  readonly agentTroubles = signal(0);
  #options: OverviewOptions | undefined;
  #stop = new AbortController();
  /** What came over the line since the figures last moved. */
  #arrived: Arrived[] = [];
  /** How many came before those. */
  #arrivedBefore = 0;
  /** How many had come when each was answered: those are in it. */
  readonly #answeredAt = { buckets: 0, levels: 0, clients: 0 };
  #heardSinceRefresh = false;
  #refreshTimer: number | undefined;
  #touchTimer: number | undefined;
  #lastCostMs = 0;
  readonly #moveTimer: number;

  constructor() {
    this.#moveTimer = window.setInterval(() => this.#move(), MOVE_MS);
  }

  /** Shows other figures; the old ones stay until the new ones are there. */
  show(options: OverviewOptions): void {
    if (this.#options === options) return;
    this.#options = options;
    this.isLoading.value = true;
    this.refresh();
  }

  onLive(entries: readonly EntryJson[]): void {
    for (const { timestamp, log_level: level, client_id: clientId } of entries) {
      this.#arrived.push({ timeMs: Date.parse(timestamp), level, clientId });
    }
    this.#heardSinceRefresh = true;
  }

  /** Something has changed that only the server can count: a deletion, a first entry. */
  touch(): void {
    this.#heardSinceRefresh = true;
    window.clearTimeout(this.#touchTimer);
    this.#touchTimer = window.setTimeout(() => this.#onTouched(), TOUCH_MS);
  }

  refresh(): void {
    if (!this.#options) return;
    this.#stop.abort();
    this.#stop = new AbortController();
    window.clearTimeout(this.#refreshTimer);
    void this.#refresh(this.#options, this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
    window.clearTimeout(this.#refreshTimer);
    window.clearTimeout(this.#touchTimer);
    window.clearInterval(this.#moveTimer);
  }

  async #refresh(options: OverviewOptions, stop: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    this.#heardSinceRefresh = false;
    await Promise.all([
      this.#loadBuckets(options, stop),
      this.#loadLevels(options, stop),
      this.#loadClients(options, stop),
      this.#loadTickets(stop),
    ]);
    if (stop.aborted) return;
    this.isLoading.value = false;
    void this.#loadMarks(options, stop);
    this.#lastCostMs = performance.now() - startedMs;
    const waitMs = Math.max(REFRESH_MS_MIN, this.#lastCostMs * REFRESH_COST_FACTOR);
    this.#refreshTimer = window.setTimeout(() => this.#refreshWhenHeard(stop), waitMs);
  }

  #onTouched(): void {
    if (this.#lastCostMs < QUICK_MS) this.refresh();
    else void this.#loadTickets(this.#stop.signal);
  }

  #refreshWhenHeard(stop: AbortSignal): void {
    if (stop.aborted) return;
    const isVisible = document.visibilityState === 'visible';
    if (this.#heardSinceRefresh && isVisible) {
      this.refresh();
      return;
    }
    // Of agents that have nothing to send nothing is heard here, nor of those that cannot.
    if (isVisible && this.#options) void this.#loadClients(this.#options, stop);
    this.#refreshTimer = window.setTimeout(() => this.#refreshWhenHeard(stop), REFRESH_MS_MIN);
  }

  async #loadBuckets({ query, range }: OverviewOptions, stop: AbortSignal): Promise<void> {
    const span = await this.#span(range, stop);
    if (span === undefined || stop.aborted) {
      if (!stop.aborted) this.buckets.value = undefined;
      return;
    }
    const answer = await get<HistogramBody>(paths.histogram, {
      parameters: { query, since: span.sinceMs, until: span.untilMs, buckets: span.buckets },
      signal: stop,
    });
    if (!answer.ok || stop.aborted) return;
    this.#answered('buckets');
    const buckets = bucketsFromBody(answer.body);
    this.buckets.value = buckets && this.#moved(buckets, range);
  }

  /** From the oldest entry of the store on, where the range has no beginning of its own. */
  async #span(range: TimeRange, stop: AbortSignal) {
    const nowMs = Date.now();
    const { sinceMs, untilMs } = boundsOf(range, nowMs);
    if (sinceMs !== undefined) return spanFor(sinceMs, untilMs ?? nowMs, BUCKETS);
    const oldest = await get<{ logs: readonly EntryJson[] }>(paths.search, {
      parameters: { order: 'asc', limit: 1 },
      signal: stop,
    });
    const first = oldest.ok ? oldest.body.logs[0] : undefined;
    if (!first) return undefined;
    const firstMs = Date.parse(first.timestamp);
    // A store of a few seconds still gets a chart one can read.
    return spanFor(Math.min(firstMs, nowMs - 60_000), Math.max(nowMs, firstMs + 60_000), BUCKETS);
  }

  async #loadLevels({ query, range }: OverviewOptions, stop: AbortSignal): Promise<void> {
    const { sinceMs, untilMs } = boundsOf(range, Date.now());
    const answer = await get<LevelCounts>(paths.stats, {
      parameters: { query: withoutFacet(query, 'level'), since: sinceMs, until: untilMs },
      signal: stop,
    });
    if (!answer.ok || stop.aborted) return;
    this.#answered('levels');
    this.levels.value = answer.body;
  }

  async #loadClients({ query, range }: OverviewOptions, stop: AbortSignal): Promise<void> {
    const { sinceMs, untilMs } = boundsOf(range, Date.now());
    const answer = await get<ClientsBody>(paths.clients, {
      parameters: { query: withoutFacet(query, 'client'), since: sinceMs, until: untilMs },
      signal: stop,
    });
    if (!answer.ok || stop.aborted) return;
    this.#answered('clients');
    this.clients.value = answer.body.clients.map(({ client_id, last_seen, counts, agent, agents }) => ({
      clientId: client_id,
      lastSeenMs: Date.parse(last_seen),
      counts,
      isTroubled: (agents ?? (agent ? [agent] : [])).some(isUrgent),
    }));
    this.agentTroubles.value =
      this.clients.value.filter(({ isTroubled }) => isTroubled).length + answer.body.agents.filter(isUrgent).length;
  }

  async #loadMarks({ query, range }: OverviewOptions, stop: AbortSignal): Promise<void> {
    const { sinceMs, untilMs } = boundsOf(range, Date.now());
    const counts = await Promise.all(
      MARKS.map(async (mark) => {
        const answer = await get<LevelCounts>(paths.stats, {
          parameters: { query: withTerm(query, `is:${mark}`), since: sinceMs, until: untilMs },
          signal: stop,
        });
        return [mark, answer.ok ? sumOf(answer.body) : undefined] as const;
      }),
    );
    if (!stop.aborted) this.marks.value = new Map(counts);
  }

  async #loadTickets(stop: AbortSignal): Promise<void> {
    const answer = await get<TicketsBody>(paths.tickets, { parameters: { status: 'open' }, signal: stop });
    if (!answer.ok || stop.aborted) return;
    this.ticketsMs.value = answer.body.tickets.map((ticket) => Date.parse(ticket.timestamp));
  }

  #move(): void {
    const range = this.#options?.range;
    if (!range || range.kind === 'between' || this.isLoading.value || document.visibilityState === 'hidden') return;
    const [inBuckets, inLevels, inClients] = [this.#since('buckets'), this.#since('levels'), this.#since('clients')];
    this.#arrivedBefore += this.#arrived.length;
    this.#arrived = [];
    const before = this.buckets.value;
    if (before) {
      const after = addEntries(this.#moved(before, range), inBuckets);
      if (after !== before) this.buckets.value = after;
    } else if (inBuckets.length > 0) this.refresh();
    if (inLevels.length > 0 && this.levels.value) {
      const levels = { ...this.levels.value };
      for (const { level } of inLevels) levels[level]++;
      this.levels.value = levels;
    }
    if (inClients.length > 0 && this.clients.value) this.clients.value = withArrived(this.clients.value, inClients);
  }

  #answered(part: 'buckets' | 'levels' | 'clients'): void {
    this.#answeredAt[part] = this.#arrivedBefore + this.#arrived.length;
  }

  /** What has arrived that is in no answer of that part. */
  #since(part: 'buckets' | 'levels' | 'clients'): readonly Arrived[] {
    return this.#arrived.slice(Math.max(0, this.#answeredAt[part] - this.#arrivedBefore));
  }

  #moved(buckets: Buckets, range: TimeRange): Buckets {
    switch (range.kind) {
      case 'last':
        return advance(buckets, Date.now());
      case 'all':
        return extend(buckets, Date.now(), BUCKETS_MAX);
      default:
        return buckets;
    }
  }
}

/** A client that was not there before comes with the next answer. */
function withArrived(clients: readonly ClientFigure[], arrived: readonly Arrived[]): readonly ClientFigure[] {
  const byClient = Map.groupBy(arrived, ({ clientId }) => clientId);
  const nowMs = Date.now();
  return clients.map((client) => {
    const own = byClient.get(client.clientId);
    if (!own) return client;
    const counts = { ...client.counts };
    for (const { level } of own) counts[level]++;
    return { ...client, counts, lastSeenMs: nowMs };
  });
}

/** What is lost is lost: gaps are for the clients page. */
function isUrgent({ troubles }: AgentJson): boolean {
  return troubles.some((trouble) => trouble !== 'gaps');
}
