/** GET /api/log_stats, /api/histogram, /api/clients: figures over the whole store. */
import type { FastifyInstance } from 'fastify';
import { PARTIAL_HEADER, paths } from '../../api/paths.ts';
import type { ClientsBody, HistogramBody } from '../../api/types.ts';
import { HISTOGRAM_BUCKETS_MAX } from '../../entry/limits.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { countOf, parametersOf, rangeOf } from '../parameters.ts';

const BUCKETS = { min: 1, max: HISTOGRAM_BUCKETS_MAX, fallback: 60 };

export function statsRoutes(app: FastifyInstance, { store, clock }: { store: Store; clock: Clock }): void {
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
    return {
      clients: clients.map(({ clientId, lastSeenMs, counts }) => ({
        client_id: clientId,
        last_seen: new Date(lastSeenMs).toISOString(),
        total: Object.values(counts).reduce((sum, count) => sum + count, 0),
        counts,
      })),
    } satisfies ClientsBody;
  });
}
