/** GET /api/log_stats, /api/histogram, /api/clients: figures over the whole store. */
import type { FastifyInstance } from 'fastify';
import { PARTIAL_HEADER, paths } from '../../api/paths.ts';
import type { AgentJson, ClientsBody, HistogramBody } from '../../api/types.ts';
import { HISTOGRAM_BUCKETS_MAX } from '../../entry/limits.ts';
import type { Store } from '../../store/store.ts';
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

  app.get(paths.clients, async () => {
    const clients = await store.clients();
    const known = agents.all();
    const byClient = agentsByClient(known);
    return {
      clients: clients.map(({ clientId, lastSeenMs, counts }) => ({
        client_id: clientId,
        last_seen: new Date(lastSeenMs).toISOString(),
        total: Object.values(counts).reduce((sum, count) => sum + count, 0),
        counts,
        ...agentFields(byClient.get(clientId)),
      })),
      agents: withoutEntries(known, new Set(clients.map(({ clientId }) => clientId))),
    } satisfies ClientsBody;
  });
}

function agentFields(agents: readonly AgentJson[] = []): { agent?: AgentJson; agents?: readonly AgentJson[] } {
  const [agent] = agents;
  if (!agent) return {};
  return agents.length === 1 ? { agent } : { agent, agents };
}

function withoutEntries(agents: readonly AgentJson[], known: ReadonlySet<string>): AgentJson[] {
  return agents.filter(({ clients }) => clients.length === 0 || clients.some((client) => !known.has(client)));
}
