/**
 * The yardstick: what Node alone does with the same requests, keeping nothing.
 *   node scripts/bench/bare.ts [PORT]
 * POST /log and POST /logs are parsed, given ids and answered; GET /stream-logs gets every entry, each write shared by
 * all viewers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
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

const server = createServer((request, response) => {
  if (request.url === paths.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.flushHeaders();
    viewers.add(response);
    request.on('close', () => viewers.delete(response));
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', () => {
    if (request.url === paths.log) answer(response, 201, `{"status":"logged","id":"${take(text)}"}`);
    else answer(response, 200, takeBatch(text));
  });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  process.stdout.write(`bare listening on http://127.0.0.1:${port}\n`);
});

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

function take(line: string): string {
  const entry: unknown = JSON.parse(line);
  const id = randomUUID();
  if (viewers.size > 0) gathered.push(`id: ${id}\ndata: ${JSON.stringify(entry)}\n\n`);
  return id;
}

function takeBatch(text: string): string {
  const ids = text
    .split('\n')
    .filter((line) => line !== '')
    .map(take);
  return `{"accepted":${ids.length},"first_id":"${ids[0]}","last_id":"${ids.at(-1)}"}`;
}
