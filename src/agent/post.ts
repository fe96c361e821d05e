/**
 * One try to post a batch. Repeats, waits and words are the sender's.
 */
import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { got, RequestError, TimeoutError } from 'got';
import { AGENT_HEADER } from '../api/agent-report.ts';
import { paths } from '../api/paths.ts';
import { judgeAnswer, type Outcome } from './answer.ts';
import type { BatchHeader } from './batch-file.ts';

export interface PosterOptions {
  readonly token?: string | undefined;
  /** Certificates (PEM) to trust beside the system's. */
  readonly ca?: string | undefined;
  readonly timeoutsMs?: PostTimeouts | undefined;
  readonly userAgent?: string;
}

/** What the server must know of a batch beside its body. */
type PostedHeader = Pick<BatchHeader, 'producer' | 'sequence' | 'encoding'>;

export interface PostTimeouts {
  readonly connect: number;
  /** From the end of the request to the beginning of the answer. */
  readonly response: number;
  /** Without a byte moving. */
  readonly socket: number;
}

const TIMEOUTS_MS: PostTimeouts = { connect: 10_000, response: 60_000, socket: 60_000 };

/** `no-answer`: it may or may not have arrived. */
export type PostResult =
  /** `isBodySent`: the system has taken all of the body, and nobody looks at its bytes any more. */
  | (Outcome & { readonly isBodySent?: boolean })
  | { readonly kind: 'no-answer'; readonly code: string; readonly reason: string }
  | { readonly kind: 'aborted' };

/** Without a header: an empty body without a number, for the report alone. */
export type Poster<Header extends PostedHeader | undefined = BatchHeader> = (
  serverUrl: string,
  header: Header,
  body: Buffer,
  signal: AbortSignal,
  /** Of the agent, for AGENT_HEADER. */
  report?: string,
) => Promise<PostResult>;

export function createPoster({
  token,
  ca,
  timeoutsMs = TIMEOUTS_MS,
  userAgent = 'logd-ship',
}: PosterOptions): Poster<PostedHeader | undefined> {
  const client = got.extend({
    method: 'POST',
    headers: {
      'user-agent': userAgent,
      'content-type': 'application/x-ndjson',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
    agent: { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { ...timeoutsMs },
  });
  return async (serverUrl, header, body, signal, report) => {
    let request: ClientRequest | undefined;
    try {
      const posting = client(serverUrl + paths.logs, {
        body,
        signal,
        headers: {
          ...(header === undefined ? {} : { 'idempotency-key': `${header.producer}/${header.sequence}` }),
          ...(header?.encoding === 'zstd' ? { 'content-encoding': 'zstd' } : {}),
          ...(report === undefined ? {} : { [AGENT_HEADER]: report }),
        },
      });
      void posting.on('request', (sent) => {
        request = sent;
      });
      const response = await posting;
      const { statusCode: status, headers, body: text } = response;
      const isBodySent = request?.writableFinished === true;
      return { ...judgeAnswer({ status, headers, body: text }, Date.now()), isBodySent };
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      if (error instanceof TimeoutError) return { kind: 'no-answer', code: 'ETIMEDOUT', reason: 'no answer in time' };
      if (!(error instanceof RequestError)) throw error;
      const code = error.code || 'unknown';
      return { kind: 'no-answer', code, reason: REASONS[code] ?? error.message };
    }
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'no way to that machine',
  ENETUNREACH: 'no way to that network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name it with --ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority unknown here; name it with --ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority unknown here; name it with --ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};
