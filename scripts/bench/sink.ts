/**
 * A server that counts lines and keeps nothing: what an agent sends is measured, not what becomes of it.
 *   node scripts/bench/sink.ts
 * POST /logs is answered as logd does; GET / gives {"lines","bytes","firstMs","lastMs"}, times since the epoch.
 */
import { createServer } from 'node:http';

const NEWLINE = 10;
let lines = 0;
let bytes = 0;
let firstMs = 0;
let lastMs = 0;

const server = createServer((request, response) => {
  const before = lines;
  if (request.method === 'POST') firstMs ||= Date.now();
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) lines++;
  });
  request.on('end', () => {
    if (request.method === 'POST') lastMs = Date.now();
    const body =
      request.method === 'POST'
        ? JSON.stringify({ accepted: lines - before, rejected: [] })
        : JSON.stringify({ lines, bytes, firstMs, lastMs });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`sink listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : address}\n`);
});
