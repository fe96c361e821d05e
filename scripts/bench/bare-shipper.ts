/**
 * The yardstick of an agent: one Node loop that reads a file, makes each line an entry and posts batches, with neither
 * positions nor a spool nor a repeat.
 *   node scripts/bench/bare-shipper.ts FILE SERVER_URL
 */
import { createReadStream } from 'node:fs';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { paths } from '../../src/api/paths.ts';
import { post } from './posts.ts';

const BATCH_LENGTH = 2 * 1024 * 1024;

const [, , file = '', serverUrl = ''] = process.argv;
const url = new URL(paths.logs, serverUrl);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let batch = '';
for await (const message of createInterface({ input: createReadStream(file, { highWaterMark: 128 * 1024 }) })) {
  batch += `${JSON.stringify({ level: 'UNKNOWN', client_id: 'bare', source: file, timestamp: Date.now(), message })}\n`;
  if (batch.length >= BATCH_LENGTH) await send();
}
await send();
agent.destroy();

async function send(): Promise<void> {
  await post({ url, agent, contentType: 'application/x-ndjson', body: batch });
  batch = '';
}
