/** GET /api/log_stats, /api/histogram, /api/clients: figures over the whole store. */
import type { FastifyInstance } from 'fastify';
import { PARTIAL_HEADER, paths } from '../../api/paths.ts';
import type { AgentJson, ClientsBody, HistogramBody } from '../../api/types.ts';
import { LEVELS } from '../../entry/level.ts';
import { CLIENTS_COUNTED_MAX, HISTOGRAM_BUCKETS_MAX } from '../../entry/limits.ts';
import type { ClientSummary, RangeRequest, Store } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { type Agents, agentsByClient } from '../agents.ts';
import { countOf, parametersOf, rangeOf } from '../parameters.ts';

const BUCKETS = { min: 1, max: HISTOGRAM_BUCKETS_MAX, fallback: 60 };

interface Needs {
  readonly store: Store;
  readonly agents: Agents;
  readonly clock: Clock;
}

export function statsRoutes(app: FastifyInstance, { store, agents, clock }: Needs): void {
  app.get(paths.stats, async (request, reply) => {
    const { counts, partial } = await store.countByLevel(rangeOf(parametersOf(request), clock.nowMs()));
    // The body is counts by level and nothing else, as the seed has it.
    if (partial) reply.header(PARTIAL_HEADER, 'true');
    return counts;
  });

  app.get(paths.histogram, async (request) => {
    const parameters = parametersOf(request);
    const { buckets, untilMs, partial } = await store.histogram({
      ...rangeOf(parameters, clock.nowMs()),
      buckets: countOf(parameters, 'buckets', BUCKETS),
    });
    return {
      buckets: buckets.map(({ startMs, counts }) => ({ start: new Date(startMs).toISOString(), counts })),
      until: new Date(untilMs).toISOString(),
      ...(partial ? { partial: true } : {}),
    } satisfies HistogramBody;
  });

  app.get(paths.clients, async (request) => {
    const range = rangeOf(parametersOf(request), clock.nowMs());
    const { clients, partial } = await countedClients(store, range);
    const known = agents.all();
    const byClient = agentsByClient(known);
    return {
      clients: clients.map((client) => ({
        client_id: client.clientId,
        last_seen: new Date(client.lastSeenMs).toISOString(),
        total: sumOf(client),
        counts: client.counts,
        ...agentFields(byClient.get(client.clientId)),
      })),
      agents: withoutEntries(known, new Set(clients.map(({ clientId }) => clientId))),
      ...(partial ? { partial: true } : {}),
    } satisfies ClientsBody;
  });
}

/** All clients, their counts of what matches: of the first CLIENTS_COUNTED_MAX by all they have sent. */
async function countedClients(
  store: Store,
  range: RangeRequest,
): Promise<{ clients: readonly ClientSummary[]; partial: boolean }> {
  const all = await store.clients();
  const isAll = range.query.kind === 'all' && range.sinceMs === undefined && range.untilMs === undefined;
  if (isAll) return { clients: all, partial: false };
  const known = all.length <= CLIENTS_COUNTED_MAX ? all : all.sort((a, b) => sumOf(b) - sumOf(a));
  const some = known.slice(0, CLIENTS_COUNTED_MAX);
  const { counts, partial } = await store.countByClient(
    range,
    some.map(({ clientId }) => clientId),
  );
  return { clients: some.map((client, row) => ({ ...client, counts: counts[row] ?? client.counts })), partial };
}

function sumOf({ counts }: ClientSummary): number {
  return LEVELS.reduce((sum, level) => sum + counts[level], 0);
}

function agentFields(agents: readonly AgentJson[] = []): { agent?: AgentJson; agents?: readonly AgentJson[] } {
  const [agent] = agents;
  if (!agent) return {};
  return agents.length === 1 ? { agent } : { agent, agents };
}

function withoutEntries(agents: readonly AgentJson[], known: ReadonlySet<string>): AgentJson[] {
  return agents.filter(({ clients }) => clients.length === 0 || clients.some((client) => !known.has(client)));
}
