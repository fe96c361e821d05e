/** POST /logs: a batch as NDJSON or JSON array, packed or not, stored once however often it is sent. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { BatchBody } from '../../api/types.ts';
import { type DecodedBatch, decodeArray, decodeNdjson } from '../../decode/ndjson.ts';
import { BATCH_ENTRIES_MAX, PRODUCER_LENGTH_MAX, REJECTED_TOLD_MAX } from '../../entry/limits.ts';
import type { BatchOrigin } from '../../store/store.ts';
import { mediaType, readBody } from '../body.ts';
import { HttpError } from '../errors.ts';
import type { Ingest } from '../ingest.ts';

const IDEMPOTENCY_KEY = /^(.+)\/(\d{1,15})$/;

export function logsRoute(app: FastifyInstance, { ingest }: { ingest: Ingest }): void {
  app.post(paths.logs, async (request, reply) => {
    const key = idempotencyKey(request);
    const bytes = await readBody(request);
    const { drafts, rejected } = await decode(mediaType(request), bytes);
    if (drafts.length > BATCH_ENTRIES_MAX) {
      throw new HttpError(
        413,
        `the batch has ${drafts.length} entries, at most ${BATCH_ENTRIES_MAX} are taken at once`,
      );
    }
    const origin: BatchOrigin | undefined = key && {
      ...key,
      bodyHash: createHash('sha256').update(bytes).digest('hex'),
    };
    if (drafts.length === 0 && !origin) return reply.send(answer(0, rejected));
    const result = await ingest.take(drafts, 'logs', origin);
    switch (result.kind) {
      case 'conflict':
        throw new HttpError(
          409,
          `batch ${key?.sequence} of producer "${key?.producer}" was stored before with another body: give the new batch a new number`,
        );
      case 'duplicate':
        return reply.send({
          ...answer(0, []),
          ...ids(result.firstId, result.lastId),
          duplicate: true,
        } satisfies BatchBody);
      case 'stored':
        ingest.reject(rejected.length);
        return reply.send({ ...answer(drafts.length, rejected), ...ids(result.firstId, result.lastId) });
      default:
        result satisfies never;
        throw new Error('BUG: an append result of unknown kind');
    }
  });
}

async function decode(type: string, bytes: Buffer): Promise<DecodedBatch> {
  switch (type) {
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
    case 'application/x-jsonlines':
      return decodeNdjson(bytes, () => breathe());
    case 'application/json': {
      const decoded = await decodeArray(bytes, () => breathe());
      if (typeof decoded === 'string') throw new HttpError(400, decoded);
      return decoded;
    }
    default:
      throw new HttpError(
        415,
        `send "Content-Type: application/x-ndjson" (an entry per line) or "application/json" (an array), got "${type.slice(0, 60)}"`,
      );
  }
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

function answer(accepted: number, rejected: DecodedBatch['rejected']): BatchBody {
  return { accepted, rejected: rejected.slice(0, REJECTED_TOLD_MAX) };
}

function ids(firstId: string | undefined, lastId: string | undefined) {
  return firstId === undefined || lastId === undefined ? {} : { first_id: firstId, last_id: lastId };
}
