/**
 * Sends numbered entries in batches of random sizes and repeats each batch under its key until it is answered, so that
 * every number is stored once, whatever happens to the server meanwhile.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './faulty-files.ts';

export interface NumberedSender {
  readonly serverUrl: string;
  readonly count: number;
  readonly batchMax: number;
  readonly random: Random;
  /** The level of that number's entry. */
  readonly levelOf: (number: number) => string;
  /** After each answer, with how many have been answered for. */
  readonly onAnswered: (count: number) => void;
}

export const messageOf = (number: number) => `m${number}`;

const RETRY_MS = 10;

export async function sendNumbered(options: NumberedSender): Promise<void> {
  const { count, batchMax, random, levelOf } = options;
  let sequence = 0;
  for (let from = 0; from < count; ) {
    const until = Math.min(count, from + 1 + Math.floor(random() * batchMax));
    const lines: string[] = [];
    for (let number = from; number < until; number++)
      lines.push(JSON.stringify({ level: levelOf(number), client_id: 'web-1', message: messageOf(number) }));
    await sendUntilAnswered(options.serverUrl, lines.join('\n'), ++sequence);
    from = until;
    options.onAnswered(from);
  }
}

async function sendUntilAnswered(serverUrl: string, body: string, sequence: number): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': `sender/${sequence}` };
  for (;;) {
    const response = await fetch(`${serverUrl}/logs`, { method: 'POST', headers, body }).catch(() => undefined);
    // The answer may be cut as well.
    const text = await response?.text().catch(() => undefined);
    if (response && text !== undefined && response.status !== 503) {
      assert.equal(response.status, 200, text);
      return;
    }
    await pause(RETRY_MS);
  }
}
