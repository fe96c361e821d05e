/**
 * The yardstick: what Node alone does with the same requests, keeping nothing.
 *   node scripts/bench/bare.ts [PORT]
 * POST /log and POST /logs are parsed, given ids and answered; GET /stream-logs gets every entry, each write shared by
 * all viewers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { paths } from '../../src/api/paths.ts';

/** Entries are gathered that long into one write per viewer. */
const GATHER_MS = 10;

const viewers = new Set<ServerResponse>();
let gathered: string[] = [];

setInterval(() => {
  if (gathered.length === 0) return;
  const bytes = Buffer.from(gathered.join(''));
  gathered = [];
  for (const viewer of viewers) viewer.write(bytes);
}, GATHER_MS);

const server = createServer(async (request, response) => {
  if (request.url?.startsWith(paths.stream)) return view(request, response);
  const lines = (await textOf(request)).split('\n').filter((line) => line !== '');
  const ids = lines.map(take);
  const isBatch = request.url === paths.logs;
  const answer = isBatch
    ? { accepted: ids.length, first_id: ids[0], last_id: ids.at(-1) }
    : { status: 'logged', id: ids[0] };
  const body = JSON.stringify(answer);
  response.writeHead(isBatch ? 200 : 201, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  process.stdout.write(`bare listening on http://127.0.0.1:${port} (pid ${process.pid})\n`);
});

function take(line: string): string {
  const entry: unknown = JSON.parse(line);
  const id = randomUUID();
  if (viewers.size > 0) gathered.push(`id: ${id}\ndata: ${JSON.stringify(entry)}\n\n`);
  return id;
}

function view(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  viewers.add(response);
  request.on('close', () => viewers.delete(response));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
