/**
 * Sends numbered entries at an even rate: what is due since the last look goes out as one batch.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '../../src/api/paths.ts';
import { post } from './posts.ts';
import { stampedMessage } from './stamp.ts';

/** The sender looks at the clock this often. */
const PACE_MS = 5;

/** @throws Error when a batch is answered with an error */
export async function sendPaced(serverUrl: string, pace: { rate: number; count: number }): Promise<void> {
  const url = new URL(paths.logs, serverUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const startMs = performance.now();
  for (let sent = 0; sent < pace.count; await sleep(PACE_MS)) {
    const due = Math.min(pace.count, Math.floor(((performance.now() - startMs) / 1000) * pace.rate));
    if (due === sent) continue;
    const lines: string[] = [];
    for (; sent < due; sent++) {
      lines.push(`${JSON.stringify({ level: 'INFO', client_id: 'bench', message: stampedMessage(sent) })}\n`);
    }
    await post({ url, agent, contentType: 'application/x-ndjson', body: lines.join('') });
  }
  agent.destroy();
}
