/** POST /logs: a batch as NDJSON or JSON array, packed or not, stored once however often it is sent. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AGENT_HEADER } from '../../api/agent-report.ts';
import { paths } from '../../api/paths.ts';
import type { BatchBody } from '../../api/types.ts';
import type { RejectedLine } from '../../decode/ndjson.ts';
import { PRODUCER_LENGTH_MAX } from '../../entry/limits.ts';
import type { Clock } from '../../system/clock.ts';
import type { Agents } from '../agents.ts';
import type { BatchReader } from '../batch-reader.ts';
import { bodyOf, contentEncoding, mediaType } from '../body.ts';
import { HttpError } from '../errors.ts';
import type { Ingest } from '../ingest.ts';

const IDEMPOTENCY_KEY = /^(.+)\/(\d{1,15})$/;

interface Needs {
  readonly ingest: Ingest;
  readonly reader: BatchReader;
  readonly agents: Agents;
  readonly clock: Clock;
}

export function logsRoute(app: FastifyInstance, { ingest, reader, agents, clock }: Needs): void {
  app.post(paths.logs, async (request, reply) => {
    agents.take(request.headers[AGENT_HEADER]);
    const key = idempotencyKey(request);
    const read = await reader.read({
      bytes: bodyOf(request),
      encoding: contentEncoding(request),
      type: mediaType(request),
      nowMs: clock.nowMs(),
      needsHash: key !== undefined,
      isWanted: () => !request.raw.socket.destroyed,
    });
    if (!read.ok) throw new HttpError(read.status, read.reason);
    const { batch, rejected, rejectedCount, bodyHash } = read;
    if (batch.count === 0 && !key) return reply.send(answer(0, rejected));
    const result = await ingest.take(batch, 'logs', key && { ...key, bodyHash });
    switch (result.kind) {
      case 'conflict':
        throw new HttpError(
          409,
          `batch ${key?.sequence} of producer "${key?.producer}" was stored before with another body: give the new batch a new number`,
        );
      case 'duplicate':
        // The answer may have been lost: the same body has the same lines that are no entries.
        return reply.send({ ...answer(0, rejected), ...ids(result), duplicate: true } satisfies BatchBody);
      case 'stored':
        ingest.reject('logs', rejectedCount);
        return reply.send({ ...answer(batch.count, rejected), ...ids(result) });
      default:
        result satisfies never;
        throw new Error('BUG: an append result of unknown kind');
    }
  });
}

function idempotencyKey(request: FastifyRequest): { producer: string; sequence: number } | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const [, producer, sequence] = IDEMPOTENCY_KEY.exec(String(header)) ?? [];
  if (producer === undefined || sequence === undefined || producer.length > PRODUCER_LENGTH_MAX) {
    throw new HttpError(
      400,
      `"Idempotency-Key" must be <producer>/<sequence>, such as "agent-7/42", with at most ${PRODUCER_LENGTH_MAX} characters of producer and a whole number`,
    );
  }
  return { producer, sequence: Number(sequence) };
}

function answer(accepted: number, rejected: readonly RejectedLine[]): BatchBody {
  return { accepted, rejected };
}

function ids({ firstId, lastId }: { readonly firstId?: string | undefined; readonly lastId?: string | undefined }) {
  return firstId === undefined || lastId === undefined ? {} : { first_id: firstId, last_id: lastId };
}
