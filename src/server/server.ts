/**
 * The server: tokens, store, streams, door, routes, listening, and the same backwards when it stops.
 */

import { readFile } from 'node:fs/promises';
import { type AddressInfo, isIP } from 'node:net';
import { hostname } from 'node:os';
import fastify, { type FastifyInstance } from 'fastify';
import { BODY_BYTES_MAX } from '../entry/limits.ts';
import type { Store, StoreListener } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { hasCode } from '../system/files.ts';
import type { Reporter } from '../system/reporter.ts';
import { Agents } from './agents.ts';
import { createBatchReader } from './batch-reader.ts';
import { collectBody } from './collect-body.ts';
import { answerClientError, handleErrors, sendFrameworkError } from './errors.ts';
import { createIngest } from './ingest.ts';
import type { PlainHead } from './lane/plain-head.ts';
import { PostLane } from './lane/post-lane.ts';
import { createMetrics } from './metrics.ts';
import { mayIngest, requireRights } from './middleware/auth.ts';
import { limitBodies } from './middleware/body-budget.ts';
import { createGuard, guardHostAndOrigin } from './middleware/guard.ts';
import { addSafetyHeaders } from './middleware/safety-headers.ts';
import { createRateLimit } from './rate-limit.ts';
import { Recurrences } from './recurrences.ts';
import { entriesRoutes } from './routes/entries.ts';
import { healthRoutes } from './routes/health.ts';
import { logRoute } from './routes/log.ts';
import { logsRoute } from './routes/logs.ts';
import { pagesRoutes } from './routes/pages.ts';
import { stateRoutes } from './routes/state.ts';
import { statsRoutes } from './routes/stats.ts';
import { streamRoute } from './routes/stream.ts';
import { ticketsRoute } from './routes/tickets.ts';
import { createSinglePosts } from './single-posts.ts';
import { Streams } from './stream/streams.ts';
import type { Tokens } from './tokens.ts';

/** A request's head must be whole by then. */
const HEAD_MS_MAX = 60_000;
/** A whole request may take that long: 64 MiB over a line of 1 Mbit/s. */
const REQUEST_MS_MAX = 15 * 60_000;
/** How often heads and requests that take too long are looked for. */
const LOOK_MS = 5_000;
/** Longer than what proxies keep their side open, so that they never send into a closing line. */
const KEEP_ALIVE_MS = 75_000;
/** What is under way when the server stops may take this long to finish. */
const STOP_MS = 3_000;

export interface ServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly openStore: (listener: StoreListener) => Promise<Store>;
  /** Undefined: no token is asked for. */
  readonly tokens?: Tokens | undefined;
  readonly allowHosts?: readonly string[];
  /** Entries per second and client; 0: no limit. */
  readonly clientRate?: number;
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly readAsset: (name: string) => Buffer | undefined;
}

export interface Server {
  readonly url: string;
  /** Answers what it has accepted, flushes, and lets go. */
  close(): Promise<void>;
}

export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/** @throws StoreError, ListenError */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { clock, reporter } = options;
  const app = await createApp(options);
  let opened: Store | undefined;
  const streams: Streams = new Streams(() => {
    if (!opened) throw new Error('BUG: the store spoke before it was open');
    return opened;
  });
  // Told once the store is open: what was there before is looked up then.
  let recurrences: Recurrences | undefined;
  const listener: StoreListener = {
    onCommit: (commit) => {
      streams.onCommit(commit);
      recurrences?.onCommit(commit);
    },
    onState: (id, state) => {
      streams.onState(id, state);
      recurrences?.onState(id, state);
    },
  };
  const store = await options.openStore(listener).catch((error: unknown) => {
    streams.close();
    throw error;
  });
  opened = store;
  recurrences = new Recurrences({ store, clock, reporter });
  await recurrences.begin();

  const agents = new Agents(clock);
  const metrics = createMetrics({ store, streams, agents });
  const rateLimit = createRateLimit(options.clientRate ?? 0, () => clock.monotonicMs());
  const ingest = createIngest({ store, rateLimit, metrics, clock });
  const reader = createBatchReader();
  const posts = createSinglePosts({ ingest, clock });
  handleErrors(app, reporter);
  const names = [options.host, hostname(), ...(options.allowHosts ?? [])].map((name) => name.toLowerCase());
  const guard = createGuard({ allowedHosts: new Set(names), asksForTokens: options.tokens !== undefined });
  guardHostAndOrigin(app, guard);
  requireRights(app, options.tokens);
  limitBodies(app);
  logRoute(app, { ingest, posts });
  logsRoute(app, { ingest, reader, agents, clock });
  streamRoute(app, { streams });
  entriesRoutes(app, { store, clock });
  stateRoutes(app, { store });
  statsRoutes(app, { store, agents, clock });
  ticketsRoute(app, { store });
  healthRoutes(app, { metrics });
  pagesRoutes(app, options);
  const mayPost = (head: PlainHead) => guard(head) === undefined && mayIngest(options.tokens, head.authorization);
  const lane = new PostLane({ posts, clock, mayPost, keepAliveMs: KEEP_ALIVE_MS });
  // Behind TLS there is no plain connection to read from.
  if (!options.tls) lane.attach(app.server);

  try {
    await app.listen({ host: options.host, port: options.port, backlog: 4096 });
  } catch (error) {
    await store.close();
    streams.close();
    throw listenTrouble(error, options);
  }

  return {
    url: urlOf(app, options),
    async close() {
      streams.close();
      recurrences?.close();
      lane.stop();
      const cutOff = setTimeout(() => {
        lane.cutOff();
        app.server.closeAllConnections();
      }, STOP_MS);
      await app.close();
      clearTimeout(cutOff);
      await reader.close();
      await store.close();
    },
  };
}

async function createApp({ tls }: ServerOptions): Promise<FastifyInstance> {
  const shared = {
    logger: false,
    frameworkErrors: sendFrameworkError,
    clientErrorHandler: answerClientError,
    bodyLimit: BODY_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: 'idle' as const,
    routerOptions: { maxParamLength: 200 },
  };
  const http = { headersTimeout: HEAD_MS_MAX, requestTimeout: REQUEST_MS_MAX, connectionsCheckingInterval: LOOK_MS };
  const app: FastifyInstance = tls
    ? (fastify({ ...shared, https: { ...(await readTls(tls)), ...http } }) as unknown as FastifyInstance)
    : fastify({ ...shared, http });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', collectBody);
  addSafetyHeaders(app);
  return app;
}

async function readTls({ certFile, keyFile }: { certFile: string; keyFile: string }) {
  try {
    return { cert: await readFile(certFile), key: await readFile(keyFile) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ListenError(`cannot read the TLS certificate or key: ${reason}`, { cause: error });
  }
}

function listenTrouble(error: unknown, { host, port }: ServerOptions): Error {
  if (hasCode(error, 'EADDRINUSE')) {
    return new ListenError(`port ${port} on ${host} is taken: stop what listens there, or choose another with --port`, {
      cause: error,
    });
  }
  if (hasCode(error, 'EACCES')) {
    return new ListenError(`port ${port} needs rights this user does not have: choose one above 1023 with --port`, {
      cause: error,
    });
  }
  if (hasCode(error, 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN')) {
    return new ListenError(`"${host}" is no address of this machine: choose one with --host`, { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}

function urlOf(app: FastifyInstance, { host, tls }: ServerOptions): string {
  const { port } = app.server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
