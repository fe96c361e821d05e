/**
 * A real HTTP server that takes batches by the rules of `POST /logs`, remembers the entries in the order of storing, and
 * fails as it is told: what the agent's tests deliver to.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { AgentReport } from '../../src/api/agent-report.ts';

const NOTHING = '{"accepted":0,"rejected":[]}';

export type Fault =
  /** Answers so and stores nothing. */
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Cuts the connection before anything is stored. */
  | 'cut-before'
  /** Stores, then cuts the connection: the answer is lost. */
  | 'cut-after'
  /** Stores, then sends only half of the answer. */
  | 'half-answer'
  /** Never answers; stores nothing. */
  | 'stall'
  /** Stores, and never answers. */
  | 'stall-after'
  /** Stores and refuses the first line. */
  | 'reject-first-line'
  /** The same, and the answer is lost. */
  | 'reject-and-cut';

export interface SinkEntry {
  readonly level: string;
  readonly client_id: string;
  readonly message: string;
  readonly timestamp?: number;
  readonly source?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface IngestSink {
  readonly url: string;
  readonly port: number;
  /** In the order of storing. */
  readonly entries: readonly SinkEntry[];
  /** Every batch's key, the repeated and failed ones too. */
  readonly keys: readonly string[];
  readonly requests: readonly { readonly headers: IncomingMessage['headers'] }[];
  /** What the agent told of itself, with batches and without. */
  readonly reports: readonly AgentReport[];
  readonly duplicates: number;
  /** Messages of entries that are no notice of the agent itself. */
  messages(): string[];
  notices(): string[];
  /** What the next requests get; afterwards all goes well. */
  readonly faults: Fault[];
  /** Asked for each request when `faults` is empty. */
  choose: (() => Fault | undefined) | undefined;
  /** Asked for each report that comes without a batch. */
  onReport: (() => 'stall' | undefined) | undefined;
  /** Resolves when the entries are as asked. Rejects after the deadline, saying what is there. */
  until(test: (entries: readonly SinkEntry[]) => boolean, what: string, deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
}

export async function startIngestSink(port = 0): Promise<IngestSink> {
  const entries: SinkEntry[] = [];
  const keys: string[] = [];
  const reports: AgentReport[] = [];
  const requests: { headers: IncomingMessage['headers'] }[] = [];
  const marks = new Map<string, { sequence: number; body: string; rejected: readonly object[] }>();
  const watchers = new Set<() => void>();
  const faults: Fault[] = [];
  let duplicates = 0;

  const server = createServer((request, response) => {
    take(request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const report = request.headers['logd-agent'];
    if (typeof report === 'string') reports.push(JSON.parse(report) as AgentReport);
    for (const wake of watchers) wake();
    if (request.headers['idempotency-key'] === undefined && chunks.length === 0) {
      if (sink.onReport?.() === 'stall') return;
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(NOTHING);
    }
    const key = String(request.headers['idempotency-key'] ?? '');
    keys.push(key);
    requests.push({ headers: request.headers });
    const fault = faults.shift() ?? sink.choose?.();
    if (fault === 'cut-before') return void request.socket.destroy();
    if (fault === 'stall') return;
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(fault.body ?? JSON.stringify({ error: `told to answer ${fault.status}` }));
      return;
    }
    const answer = store(key, unpack(Buffer.concat(chunks), request.headers['content-encoding']), fault);
    for (const wake of watchers) wake();
    if (fault === 'cut-after' || fault === 'reject-and-cut') return void request.socket.destroy();
    if (fault === 'stall-after') return;
    const text = JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': text.length });
    if (fault !== 'half-answer') return void response.end(text);
    response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
  }

  function store(key: string, body: string, fault: Fault | undefined): { status: number; body: unknown } {
    const [, producer = '', sequence = '0'] = /^(.+)\/(\d+)$/.exec(key) ?? [];
    const mark = marks.get(producer);
    if (mark && Number(sequence) <= mark.sequence) {
      if (Number(sequence) === mark.sequence && body !== mark.body)
        return { status: 409, body: { error: 'another body' } };
      duplicates++;
      return { status: 200, body: { accepted: 0, rejected: mark.rejected, duplicate: true } };
    }
    const lines = body.split('\n').filter((line) => line !== '');
    const rejects = fault === 'reject-first-line' || fault === 'reject-and-cut';
    const rejected = rejects ? [{ line: 1, error: 'told to refuse it' }] : [];
    marks.set(producer, { sequence: Number(sequence), body, rejected });
    for (const line of lines.slice(rejected.length)) entries.push(JSON.parse(line) as SinkEntry);
    return { status: 200, body: { accepted: lines.length - rejected.length, rejected } };
  }

  const sink: IngestSink = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    entries,
    keys,
    requests,
    reports,
    get duplicates() {
      return duplicates;
    },
    messages: () => entries.filter(({ source }) => source !== 'logd').map(({ message }) => message),
    notices: () => entries.filter(({ source }) => source === 'logd').map(({ message }) => message),
    faults,
    choose: undefined,
    onReport: undefined,
    until(test, what, deadlineMs = 10_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!test(entries)) return;
          watchers.delete(look);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          const last = entries.slice(-3).map(({ message }) => message.slice(0, 80));
          reject(
            new Error(`not within ${deadlineMs} ms: ${what}; ${entries.length} entries, the last: ${last.join(' | ')}`),
          );
        }, deadlineMs);
        watchers.add(look);
        look();
      });
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return sink;
}

function unpack(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === 'gzip') return gunzipSync(bytes).toString();
  return (encoding === 'zstd' ? zstdDecompressSync(bytes) : bytes).toString();
}
