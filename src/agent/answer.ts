/**
 * What an answer to a posted batch means for the agent. Only what the server says is final is final: everything that may
 * pass is tried again.
 */
import type { BatchBody } from '../api/types.ts';
import { RETRY_AFTER_MS_MAX } from './limits.ts';

export type Outcome =
  /** It is in the store; some lines may have been refused. */
  | { readonly kind: 'stored'; readonly isDuplicate: boolean; readonly rejected: BatchBody['rejected'] }
  /** The server will never take this batch. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  /** A person must do something first. */
  | { readonly kind: 'not-allowed' | 'wrong-server'; readonly status: number; readonly reason: string }
  | { readonly kind: 'try-again'; readonly reason: string; readonly retryAfterMs?: number | undefined };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const REASON_LENGTH_MAX = 300;

export function judgeAnswer({ status, headers, body }: Answer, nowMs: number): Outcome {
  const told = readBody(body);
  const reason = (told.error ?? `it answers ${status}`).slice(0, REASON_LENGTH_MAX);
  if (status >= 200 && status < 300) {
    // Whatever answers otherwise has stored nothing: another program, a network that wants to be signed in to.
    if (!told.isTaken) return { kind: 'wrong-server', status, reason: whatInstead(headers) };
    return { kind: 'stored', isDuplicate: told.duplicate === true, rejected: told.rejected };
  }
  if (status >= 300 && status < 400) {
    const to = headers.location === undefined ? '' : ` to ${String(headers.location)}: give that address`;
    return { kind: 'wrong-server', status, reason: `it redirects${to}` };
  }
  switch (status) {
    case 401:
    case 403:
    case 407:
      return { kind: 'not-allowed', status, reason };
    case 404:
    case 405:
    case 410:
    case 421:
    case 426:
      return { kind: 'wrong-server', status, reason };
    case 408:
    case 425:
    case 429:
      return { kind: 'try-again', reason, retryAfterMs: retryAfter(headers['retry-after'], nowMs) };
    default:
      return status >= 400 && status < 500
        ? { kind: 'refused', status, reason }
        : { kind: 'try-again', reason, retryAfterMs: retryAfter(headers['retry-after'], nowMs) };
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter(value: string | readonly string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const waitMs = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, waitMs));
}

function whatInstead(headers: Answer['headers']): string {
  const isPage = String(headers['content-type'] ?? '').startsWith('text/html');
  return isPage ? 'it answers with a page' : 'it does not say what it accepted';
}

interface Told {
  /** It says how many lines it accepted, as logd does. */
  readonly isTaken: boolean;
  readonly error?: string;
  readonly duplicate?: unknown;
  readonly rejected: BatchBody['rejected'];
}

function readBody(body: string): Told {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // No JSON: the status says enough.
    return { isTaken: false, rejected: [] };
  }
  if (typeof value !== 'object' || value === null) return { isTaken: false, rejected: [] };
  const { error, accepted, duplicate, rejected } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof error === 'string' ? { error } : {}),
    isTaken: typeof accepted === 'number',
    duplicate,
    rejected: Array.isArray(rejected) ? rejected.filter(isRejection) : [],
  };
}

function isRejection(value: unknown): value is { line: number; error: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { line, error } = value as Readonly<Record<string, unknown>>;
  return typeof line === 'number' && typeof error === 'string';
}
