/**
 * The rows of the clients page, from what the server tells: who sends, through which agent, and what is wrong with it.
 */
import type { AgentJson, AgentTrouble, ClientsBody } from '../../api/types.ts';

export interface ClientRow {
  readonly key: string;
  readonly clientId: string;
  /** Undefined: it has no entry yet. */
  readonly lastSeenMs: number | undefined;
  /** Entries per second; undefined: not known yet. */
  readonly perSecond: number | undefined;
  /** Undefined: it sends by itself. */
  readonly agent: AgentJson | undefined;
  readonly state: AgentState;
  readonly troubles: readonly AgentTrouble[];
}

export type AgentState = 'reporting' | 'silent' | 'stopped' | 'none';

/** How much a person should look at it; 0: not at all. */
export function urgencyOf({ troubles }: Pick<ClientRow, 'troubles'>): number {
  return Math.max(0, ...troubles.map((trouble) => URGENCY[trouble]));
}

const URGENCY: Readonly<Record<AgentTrouble, number>> = { silent: 3, lag: 2, spool: 2, gaps: 1 };

/** What asks for attention first, then by name. A client of several agents has a row for each. */
export function rowsOf(
  { clients, agents }: ClientsBody,
  rateOf: (clientId: string) => number | undefined,
): readonly ClientRow[] {
  const withEntries = new Set(clients.map(({ client_id }) => client_id));
  const rows = clients.flatMap(({ client_id, last_seen, agent, agents: all }) => {
    const shared = { clientId: client_id, lastSeenMs: Date.parse(last_seen), perSecond: rateOf(client_id) };
    return (all ?? [agent]).map((one, index) => rowOf(shared, one, index));
  });
  const unheard = agents.flatMap((agent, index) =>
    agent.clients
      .filter((clientId) => !withEntries.has(clientId))
      .map((clientId) => rowOf({ clientId, lastSeenMs: undefined, perSecond: undefined }, agent, index)),
  );
  return [...rows, ...unheard].sort(
    (a, b) => urgencyOf(b) - urgencyOf(a) || (a.clientId < b.clientId ? -1 : a.clientId > b.clientId ? 1 : 0),
  );
}

function rowOf(
  client: Pick<ClientRow, 'clientId' | 'lastSeenMs' | 'perSecond'>,
  agent: AgentJson | undefined,
  index: number,
): ClientRow {
  const key = `${index} ${client.clientId}`;
  if (!agent) return { ...client, key, agent, state: 'none', troubles: [] };
  const { troubles, stopped } = agent;
  const state = stopped ? 'stopped' : troubles.includes('silent') ? 'silent' : 'reporting';
  return { ...client, key, agent, state, troubles };
}

/** Rates from totals that are told now and then. */
export class Rates {
  readonly #samples = new Map<string, { readonly atMs: number; readonly total: number }[]>();

  add(clients: ClientsBody['clients'], atMs: number): void {
    const told = new Set(clients.map(({ client_id }) => client_id));
    for (const clientId of this.#samples.keys()) if (!told.has(clientId)) this.#samples.delete(clientId);
    for (const { client_id, total } of clients) {
      const before = this.#samples.get(client_id) ?? [];
      // What was deleted makes a total smaller: that is no rate.
      const kept = before.filter((sample) => sample.atMs > atMs - RATE_MS && sample.total <= total);
      this.#samples.set(client_id, [...kept, { atMs, total }]);
    }
  }

  of(clientId: string): number | undefined {
    const samples = this.#samples.get(clientId);
    const [first, last] = [samples?.[0], samples?.at(-1)];
    if (!first || !last || first === last) return undefined;
    return ((last.total - first.total) / (last.atMs - first.atMs)) * 1_000;
  }
}

/** A rate is that of so long. */
const RATE_MS = 15_000;
