/** GET /healthz: the process answers. GET /readyz: it takes logs. GET /metrics: its figures. GET /openapi.json: its interface. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { Metrics } from '../metrics.ts';
import { openApi } from '../openapi.ts';

export function healthRoutes(app: FastifyInstance, { metrics }: { metrics: Metrics }): void {
  app.get(paths.health, async () => ({ status: 'ok' }));
  app.get(paths.ready, async () => ({ status: 'ready' }));
  app.get(paths.openApi, async () => openApi);
  app.get(paths.metrics, async (_request, reply) => {
    const { type, text } = await metrics.text();
    return reply.type(type).send(text);
  });
}
