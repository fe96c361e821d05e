/**
 * Headers that every answer carries: browsers take it for what it says it is, and tell other sites nothing of it.
 */
import type { FastifyInstance } from 'fastify';

export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export function addSafetyHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    for (const name in SAFETY_HEADERS) reply.raw.setHeader(name, SAFETY_HEADERS[name] ?? '');
    done();
  });
}
