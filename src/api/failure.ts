/**
 * What can go wrong between a client and the server, told so that a person knows what to do.
 */
import { HTTPError, ParseError, RequestError, TimeoutError } from 'got';

export type ApiErrorType =
  /** No answer: nothing listens there, the name is unknown, the line broke. Trying again may help. */
  | 'unreachable'
  /** The server is starting, stopping or overloaded: trying again will help. */
  | 'unavailable'
  /** No token, or the wrong one. */
  | 'unauthorized'
  /** There is no such entry. */
  | 'not-found'
  /** The request is wrong: trying again is no use. */
  | 'rejected'
  /** The caller's signal. */
  | 'aborted';

export class ApiError extends Error {
  readonly type: ApiErrorType;
  /** Of a wrong query, in UTF-16 units from 0. */
  readonly position: number | undefined;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    type: ApiErrorType,
    message: string,
    options: ErrorOptions & { position?: number | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = 'ApiError';
    this.type = type;
    this.position = options.position;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    return this.type === 'unreachable' || this.type === 'unavailable';
  }
}

/** @returns undefined for what is not a failure of the request */
export function toApiError(error: unknown, serverUrl: string): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new ApiError('aborted', 'the request was given up', { cause: error });
  }
  if (error instanceof HTTPError) return fromAnswer(error, serverUrl);
  if (error instanceof TimeoutError) {
    return new ApiError('unreachable', unreachable(serverUrl, 'no answer in time'), { cause: error });
  }
  if (error instanceof ParseError) return new ApiError('not-found', notLogd(serverUrl), { cause: error });
  if (!(error instanceof RequestError)) return undefined;
  const reason = CODES[error.code] ?? (error.code || error.message);
  return new ApiError('unreachable', unreachable(serverUrl, reason), { cause: error });
}

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the line was cut',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no way to that machine',
  ENETUNREACH: 'no way to that network',
};

function unreachable(serverUrl: string, reason: string): string {
  return `cannot reach ${serverUrl}: ${reason}. Check the address and the port, that "logd serve" runs there, and that no firewall stands between`;
}

function notLogd(serverUrl: string): string {
  return `${serverUrl} answers, but not as logd does: check the address`;
}

function fromAnswer(error: HTTPError, serverUrl: string): ApiError {
  const { statusCode, headers, body } = error.response;
  const told = readBody(body);
  const options = { cause: error, position: told.position };
  if (statusCode === 401 || statusCode === 403) {
    const reason = told.error ?? 'it asks for a token';
    const message = `${serverUrl} lets nobody in without a token: ${reason}. Give it with --token-file FILE or LOGD_TOKEN`;
    return new ApiError('unauthorized', message, options);
  }
  if (statusCode === 404) {
    return new ApiError('not-found', told.error ?? notLogd(serverUrl), options);
  }
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    const seconds = Number(headers['retry-after']);
    return new ApiError('unavailable', told.error ?? `${serverUrl} answers ${statusCode}: try again later`, {
      ...options,
      retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined,
    });
  }
  return new ApiError('rejected', told.error ?? `${serverUrl} answers ${statusCode}`, options);
}

function readBody(body: unknown): { error?: string; position?: number } {
  let value = body;
  if (typeof body === 'string') {
    try {
      value = JSON.parse(body);
    } catch {
      // A proxy's page: its status says enough.
      return {};
    }
  }
  if (typeof value !== 'object' || value === null) return {};
  const { error, position } = value as { error?: unknown; position?: unknown };
  return {
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof position === 'number' ? { position } : {}),
  };
}
