/**
 * Every refusal of the HTTP interface: one JSON form, the right status, no stack and no path of the machine.
 */
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorBody } from '../api/types.ts';
import { StoreError } from '../store/store.ts';
import type { Reporter } from '../system/reporter.ts';
import { RateExceeded } from './rate-limit.ts';

const RETRY_AFTER_S = 5;

export class HttpError extends Error {
  readonly status: number;
  /** In a query, UTF-16 units from 0. */
  readonly position: number | undefined;
  constructor(status: number, message: string, { position, cause }: { position?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = 'HttpError';
    this.status = status;
    this.position = position;
  }
}

export function handleErrors(app: FastifyInstance, reporter: Reporter): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => sendError(error, request, reply, reporter));
  const routes: { readonly methods: readonly string[]; readonly path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`);
    routes.push({ methods: [method].flat(), path });
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = [...new Set(routes.flatMap(({ methods, path }) => (path.test(pathOf(request)) ? methods : [])))];
    if (allowed.length > 0) {
      reply.header('allow', allowed.join(', '));
      send(reply, 405, `${pathOf(request)} takes ${allowed.join(', ')}, not ${request.method}`);
      return;
    }
    const body: ErrorBody = {
      error: `there is no ${request.method} ${pathOf(request)}: see /openapi.json for what there is`,
    };
    reply.code(404).send(body);
  });
}

/** What comes before any route: an address that cannot be read. */
export function sendFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  send(reply, error.statusCode ?? 400, 'the address of the request cannot be read: check its length and its % signs');
}

/** What comes before any request: bytes that are no HTTP, or a head that is too long or too slow. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = CLIENT_ERRORS[error.code ?? ''] ?? ['400 Bad Request', 'this is no HTTP/1.1 request'];
  const body = JSON.stringify({ error: reason } satisfies ErrorBody);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body);
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the head of the request is longer than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not come whole in its time: send it again'],
};

function sendError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  reporter: Reporter,
): void {
  if (error instanceof HttpError) {
    if (error.status === 503) reply.header('retry-after', String(RETRY_AFTER_S));
    send(reply, error.status, error.message, error.position);
  } else if (error instanceof RateExceeded) {
    reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    send(reply, 429, error.message);
  } else if (error instanceof StoreError) {
    reply.header('retry-after', String(RETRY_AFTER_S));
    send(reply, 503, storeTrouble(error));
  } else if ('code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    send(reply, 415, 'name the type of the body, such as "Content-Type: application/json"');
  } else if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500) {
    send(reply, error.statusCode, error.message);
  } else {
    reporter({
      severity: 'error',
      event: 'request-failed',
      message: `answering ${request.method} ${pathOf(request)} failed: ${error.stack ?? error.message}`,
    });
    send(reply, 500, 'the server failed to answer this request; its own log on stderr says why');
  }
}

function storeTrouble(error: StoreError): string {
  switch (error.type) {
    case 'disk-full':
      return 'the disk of the server is full: nothing was stored, try again later';
    case 'closed':
      return 'the server is stopping: nothing was stored, try again later';
    default:
      return 'the store cannot take entries just now: nothing was stored, try again later';
  }
}

function send(reply: FastifyReply, status: number, error: string, position?: number): void {
  const body: ErrorBody = { error, ...(position === undefined ? {} : { position }) };
  reply.code(status).type('application/json; charset=utf-8').send(body);
}

function pathOf(request: FastifyRequest): string {
  return (request.url.split('?')[0] ?? '').slice(0, 100);
}
