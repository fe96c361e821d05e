/**
 * A draft as a line of POST /logs.
 */
import type { Draft } from '../../src/entry/entry.ts';

export function toNdjson({ timeMs, level, clientId, message }: Draft): string {
  const timestamp = timeMs === undefined ? undefined : new Date(timeMs).toISOString();
  return `${JSON.stringify({ timestamp, level, client_id: clientId, message })}\n`;
}
