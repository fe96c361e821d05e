/** POST /log: one entry, answered when it is safe. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { LoggedBody } from '../../api/types.ts';
import { parseDraft } from '../../entry/draft.ts';
import { readJson } from '../body.ts';
import { HttpError } from '../errors.ts';
import type { Ingest } from '../ingest.ts';
import type { SinglePosts } from '../single-posts.ts';

export function logRoute(app: FastifyInstance, { ingest, posts }: { ingest: Ingest; posts: SinglePosts }): void {
  app.post(paths.log, async (request, reply) => {
    const parsed = parseDraft(readJson(request));
    if (!parsed.ok) {
      ingest.reject('log', 1);
      throw new HttpError(400, parsed.reason);
    }
    const id = await new Promise<string>((onStored, onFailed) => posts.take(parsed.draft, { onStored, onFailed }));
    return reply.code(201).send(loggedBody(id));
  });
}

export function loggedBody(id: string): LoggedBody {
  return { status: 'logged', id };
}
