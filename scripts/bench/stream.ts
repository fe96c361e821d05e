/**
 * Viewers of the live stream, and a paced sender whose entries carry their time:
 *   node scripts/bench/stream.ts URL [--viewers 100] [--rate 1000] [--seconds 5] [--query TEXT] [--pid PID]
 * Tells deliveries per second and how long they took; every viewer must have got every entry.
 */
import { Agent, get, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import { shownPercentiles } from './percentiles.ts';
import { processCost } from './process-cost.ts';
import { agesMs, stampedMessage } from './stamp.ts';

/** The sender looks at the clock this often. */
const PACE_MS = 5;
/** After the last entry was sent, late deliveries are waited for that long. */
const LATE_MS_MAX = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    viewers: { type: 'string', default: '100' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '5' },
    query: { type: 'string', default: '' },
    pid: { type: 'string' },
  },
});
const server = positionals[0] ?? 'http://127.0.0.1:5000';
const viewerCount = Number(values.viewers);
const total = Number(values.rate) * Number(values.seconds);
const timesMs: number[] = [];
const received: number[] = [];

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const viewers = await Promise.all(Array.from({ length: viewerCount }, (_, index) => openViewer(index)));
const cost = () => (values.pid === undefined ? 0 : processCost(Number(values.pid)).cpuSeconds);
const cpuBefore = cost();
const startMs = performance.now();
await send();
const deadlineMs = performance.now() + LATE_MS_MAX;
while (timesMs.length < total * viewerCount && performance.now() < deadlineMs) await sleep(PACE_MS);
const seconds = (performance.now() - startMs) / 1000;
for (const close of viewers) close();
agent.destroy();

process.stdout.write(
  `${viewerCount} viewers, ${total} entries: ${Math.round(timesMs.length / seconds).toLocaleString('en')} deliveries/s, ${shownPercentiles(timesMs)}\n` +
    `per viewer ${Math.min(...received)} to ${Math.max(...received)} of ${total}, server ${(cost() - cpuBefore).toFixed(2)} CPU s\n`,
);
if (Math.min(...received) < total) process.exitCode = 1;

function openViewer(index: number): Promise<() => void> {
  const url = new URL(paths.stream, server);
  if (values.query !== '') url.searchParams.set('query', values.query);
  received[index] = 0;
  return new Promise((resolve, reject) => {
    const opened = get(url, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const whole = rest + text;
        const end = whole.lastIndexOf('\n\n') + 1;
        rest = whole.slice(end);
        const ages = agesMs(whole.slice(0, end));
        received[index] = (received[index] ?? 0) + ages.length;
        for (const age of ages) timesMs.push(age);
      });
      resolve(() => opened.destroy());
    });
    opened.on('error', reject);
  });
}

/** What is due since the last look goes out as one batch. */
async function send(): Promise<void> {
  for (let sentCount = 0; sentCount < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * Number(values.rate)));
    if (due > sentCount) await post(due - sentCount);
    sentCount = Math.max(sentCount, due);
    await sleep(PACE_MS);
  }
}

function post(count: number): Promise<void> {
  const line = () => `${JSON.stringify({ level: 'INFO', client_id: 'bench', message: stampedMessage() })}\n`;
  const body = Array.from({ length: count }, line).join('');
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const sent = request(new URL(paths.logs, server), { agent, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`POST ${paths.logs} was answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
