/** POST /log: one entry, answered when it is safe. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { LoggedBody } from '../../api/types.ts';
import { encodeBatch } from '../../entry/batch.ts';
import { parseDraft } from '../../entry/draft.ts';
import type { Clock } from '../../system/clock.ts';
import { readJson } from '../body.ts';
import { HttpError } from '../errors.ts';
import type { Ingest } from '../ingest.ts';

export function logRoute(app: FastifyInstance, { ingest, clock }: { ingest: Ingest; clock: Clock }): void {
  app.post(paths.log, async (request, reply) => {
    const parsed = parseDraft(readJson(request));
    if (!parsed.ok) {
      ingest.reject('log', 1);
      throw new HttpError(400, parsed.reason);
    }
    const result = await ingest.take(encodeBatch([parsed.draft], clock.nowMs()), 'log');
    if (result.kind !== 'stored' || result.firstId === undefined)
      throw new Error('BUG: one entry without origin was not stored');
    const body: LoggedBody = { status: 'logged', id: result.firstId };
    return reply.code(201).send(body);
  });
}
