/**
 * Posts a corpus in batches, or entry by entry, and says what it cost:
 *   node scripts/bench/ingest.ts URL [--lines 1000000] [--batch 5000] [--connections 2] [--seed 1] [--pid PID]
 * With --batch 1 each entry is a POST /log. --pid is the server's, for its CPU time and memory.
 */
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import { corpus } from './corpus.ts';
import { toNdjson } from './ndjson.ts';
import { shownPercentiles } from './percentiles.ts';
import { processCost } from './process-cost.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    pid: { type: 'string' },
  },
});
const count = Number(values.lines);
const perBatch = Number(values.batch);
const connectionCount = Number(values.connections);
const url = new URL(perBatch === 1 ? paths.log : paths.logs, positionals[0] ?? 'http://127.0.0.1:5000');
const contentType = perBatch === 1 ? 'application/json' : 'application/x-ndjson';
const agent = new Agent({ keepAlive: true, maxSockets: connectionCount });

// Made before the clock starts: what is measured is the server.
const bodies = makeBodies();
const byteCount = bodies.reduce((sum, body) => sum + body.length, 0);
const cost = () => (values.pid === undefined ? undefined : processCost(Number(values.pid)));
const timesMs: number[] = [];
let refusedCount = 0;
let next = 0;

const before = cost();
const startMs = performance.now();
await Promise.all(Array.from({ length: connectionCount }, postInTurn));
const seconds = (performance.now() - startMs) / 1000;
const after = cost();
agent.destroy();

const perSecond = (amount: number) => Math.round(amount / seconds).toLocaleString('en');
process.stdout.write(
  `${count.toLocaleString('en')} entries in ${seconds.toFixed(2)} s: ${perSecond(count)}/s, ${(byteCount / seconds / 1e6).toFixed(1)} MB/s\n` +
    `requests of ${perBatch}: ${shownPercentiles(timesMs)}, ${refusedCount} refused\n`,
);
if (before && after) {
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  process.stdout.write(
    `server: ${((cpuSeconds / count) * 1e6).toFixed(2)} CPU s per million, ${after.memoryMb.toFixed(0)} MiB (peak ${after.memoryPeakMb.toFixed(0)})\n`,
  );
}

function makeBodies(): Buffer[] {
  const made: Buffer[] = [];
  let lines: string[] = [];
  for (const draft of corpus({ count, seed: Number(values.seed) })) {
    if (lines.push(toNdjson(draft)) < perBatch) continue;
    made.push(Buffer.from(lines.join('')));
    lines = [];
  }
  if (lines.length > 0) made.push(Buffer.from(lines.join('')));
  return made;
}

async function postInTurn(): Promise<void> {
  for (let body = bodies[next++]; body; body = bodies[next++]) {
    const sentMs = performance.now();
    const status = await post(body);
    timesMs.push(performance.now() - sentMs);
    if (status >= 300) refusedCount++;
  }
}

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': body.length };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
