/**
 * node scripts/bench/flood.ts URL [RATE] [SEED]: sends an endless load at an even rate, out of a seeded corpus that goes
 * round and round. A process of its own, so that what is measured beside it does not wait for it.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '../../src/api/paths.ts';
import { corpus } from './corpus.ts';
import { post } from './posts.ts';

/** The sender looks at the clock this often. */
const PACE_MS = 10;
const CORPUS_LINES = 100_000;

const [serverUrl = '', rateText = '20000', seedText = '1'] = process.argv.slice(2);
const lines = [...corpus({ count: CORPUS_LINES, seed: Number(seedText) })].map(
  ({ level, clientId, message }) => `${JSON.stringify({ level, client_id: clientId, message })}\n`,
);
const url = new URL(paths.logs, serverUrl);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const startMs = performance.now();
for (let sent = 0; ; await sleep(PACE_MS)) {
  const due = Math.floor(((performance.now() - startMs) / 1_000) * Number(rateText));
  let body = '';
  for (; sent < due; sent++) body += lines[sent % lines.length];
  if (body !== '') await post({ url, agent, contentType: 'application/x-ndjson', body });
}
