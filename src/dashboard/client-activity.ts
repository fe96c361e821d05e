/**
 * Who sends: each client's last entry, its rate and what it has sent; from the server's list now and then, and from what
 * arrives in between.
 */
import type { AgentJson, AgentTrouble, ClientsBody } from '../api/types.ts';

export interface ClientRow {
  readonly clientId: string;
  /** Time of receipt of its last entry, ms since the epoch. */
  readonly lastSeenMs: number;
  /** Entries per second over the last seconds. */
  readonly perSecond: number;
  readonly total: number;
  readonly errors: number;
  /** It used to send more often: silent for far longer than its usual interval. */
  readonly isSilent: boolean;
  /** Undefined: it sends by itself. */
  readonly agent: AgentFigures | undefined;
}

/** Of the agents of a client, the worst. */
export interface AgentFigures {
  readonly troubles: ReadonlySet<AgentTrouble>;
  readonly lagMs: number;
  /** Losses it has told of. */
  readonly gaps: number;
}

interface Client {
  lastSeenMs: number;
  total: number;
  errors: number;
  /** A moving mean, per second. */
  perSecond: number;
  /** Arrived since the last turn. */
  fresh: number;
  agent: AgentFigures | undefined;
}

/** Beyond: those that are quiet for longest are forgotten until the next list of the server. */
const CLIENTS_MAX = 2_000;
/** The weight of the last second in the moving mean. */
const WEIGHT = 0.3;
/** Silence begins after this, at the earliest. */
const SILENT_MS_MIN = 60_000;

export class ClientActivity {
  readonly #clients = new Map<string, Client>();
  #turnedMs = 0;

  load(body: ClientsBody): void {
    for (const { client_id, last_seen, total, counts, agent, agents = agent ? [agent] : [] } of body.clients) {
      const client = this.#client(client_id);
      client.lastSeenMs = Math.max(client.lastSeenMs, Date.parse(last_seen));
      client.total = total;
      client.errors = counts.ERROR + counts.CRITICAL;
      client.agent = worstOf(agents);
    }
  }

  add(clientId: string, isError: boolean, receivedMs: number): void {
    const client = this.#client(clientId);
    client.lastSeenMs = Math.max(client.lastSeenMs, receivedMs);
    client.total++;
    client.fresh++;
    if (isError) client.errors++;
  }

  /** Those whose agents are in trouble first, those that fell silent last, else by name. */
  rows(nowMs: number): ClientRow[] {
    this.#turn(nowMs);
    const rows = [...this.#clients].map(([clientId, { lastSeenMs, perSecond, total, errors, agent }]) => ({
      clientId,
      lastSeenMs,
      perSecond,
      total,
      errors,
      // One whose agent reports has nothing to say, and is no worse for it.
      isSilent: agent ? agent.troubles.has('silent') : nowMs - lastSeenMs > SILENT_MS_MIN,
      agent,
    }));
    return rows.sort(
      (a, b) =>
        Number(isTroubled(b)) - Number(isTroubled(a)) ||
        Number(a.isSilent) - Number(b.isSilent) ||
        (a.isSilent ? b.lastSeenMs - a.lastSeenMs : 0) ||
        a.clientId.localeCompare(b.clientId),
    );
  }

  get count(): number {
    return this.#clients.size;
  }

  #client(clientId: string): Client {
    const known = this.#clients.get(clientId);
    if (known) return known;
    if (this.#clients.size >= CLIENTS_MAX) this.#forgetOne();
    const client = { lastSeenMs: 0, total: 0, errors: 0, perSecond: 0, fresh: 0, agent: undefined };
    this.#clients.set(clientId, client);
    return client;
  }

  #forgetOne(): void {
    let quietest: string | undefined;
    let seenMs = Number.POSITIVE_INFINITY;
    for (const [clientId, client] of this.#clients) {
      if (client.lastSeenMs >= seenMs) continue;
      seenMs = client.lastSeenMs;
      quietest = clientId;
    }
    if (quietest !== undefined) this.#clients.delete(quietest);
  }

  #turn(nowMs: number): void {
    const seconds = (nowMs - this.#turnedMs) / 1_000;
    if (seconds >= 0 && seconds < 1) return;
    this.#turnedMs = nowMs;
    for (const client of this.#clients.values()) {
      const now = seconds > 0 && seconds < 60 ? client.fresh / seconds : 0;
      client.perSecond = client.perSecond * (1 - WEIGHT) + now * WEIGHT;
      if (client.perSecond < 0.05) client.perSecond = 0;
      client.fresh = 0;
    }
  }
}

function isTroubled({ agent }: ClientRow): boolean {
  return agent !== undefined && [...agent.troubles].some((trouble) => trouble !== 'gaps');
}

function worstOf(agents: readonly AgentJson[]): AgentFigures | undefined {
  if (agents.length === 0) return undefined;
  return {
    lagMs: Math.max(...agents.map(({ lag_ms }) => lag_ms)),
    gaps: agents.reduce((sum, { gaps }) => sum + gaps.events, 0),
    troubles: new Set(agents.flatMap(({ troubles }) => troubles)),
  };
}
