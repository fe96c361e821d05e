/** GET /healthz: the process answers. GET /readyz: it takes logs. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';

export function healthRoutes(app: FastifyInstance): void {
  app.get(paths.health, async () => ({ status: 'ok' }));
  app.get(paths.ready, async () => ({ status: 'ready' }));
}
