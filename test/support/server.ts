/**
 * A server within the test's own process, over a memory store unless another is given.
 */
import { type Server, type ServerOptions, startServer } from '../../src/server/server.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { realClock } from '../../src/system/clock.ts';
import type { Report } from '../../src/system/reporter.ts';

export interface TestServer extends Server, AsyncDisposable {
  readonly store: Store;
  readonly reports: readonly Report[];
  get(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body?: unknown, init?: RequestInit): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // What a body holds is what the test is about.
  readonly json: ReturnType<typeof JSON.parse>;
}

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const reports: Report[] = [];
  let store: Store | undefined;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    clock: realClock,
    reporter: (report) => reports.push(report),
    readAsset: (name) => (name.endsWith('.html') ? Buffer.from('<!doctype html><title>logd</title>') : undefined),
    ...options,
    openStore: async (listener) => {
      store = await (options.openStore ?? (async () => createMemoryStore({ listener, clock: realClock })))(listener);
      return store;
    },
  });
  if (!store) throw new Error('BUG: the server did not open its store');
  const get = (path: string, init?: RequestInit) => ask(server.url + path, init);
  return {
    ...server,
    store,
    reports,
    get,
    post: (path, body, init) => get(path, postInit(body, init)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** All that a server has, oldest first by id. */
export async function allLogs(server: TestServer): Promise<{ uuid: string; message: string }[]> {
  const all: { uuid: string; message: string }[] = [];
  for (;;) {
    const since = all.length === 0 ? '' : `&since=${all.at(-1)?.uuid}`;
    const { logs } = (await server.get(`/api/logs/new?limit=1000${since}`)).json;
    if (logs.length === 0) return all;
    all.push(...logs);
  }
}

/** A body that is no text and no bytes is sent as JSON. */
function postInit(body: unknown, init: RequestInit = {}): RequestInit {
  if (body === undefined) return { method: 'POST', ...init };
  return {
    method: 'POST',
    body: typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
  };
}

async function ask(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}
