/**
 * Entries as the HTTP interface gives them, for whoever shows them.
 */
import type { EntryJson } from '../../src/entry/entry.ts';
import { formatLogTime } from '../../src/entry/time.ts';

/** 2026-11-23 03:10:11.123 UTC. */
export const SOME_TIME_MS = 1_795_403_411_123;

/** Ids rise with the number. */
export function idOf(number: number): string {
  return `01a20664-${(0x9333 + Math.floor(number / 0x1_0000_0000)).toString(16)}-7000-8000-${String(number).padStart(12, '0')}`;
}

export function entryOf(number: number, rest: Partial<EntryJson> = {}): EntryJson {
  const timeMs = SOME_TIME_MS + number * 1_000;
  return {
    uuid: idOf(number),
    timestamp_str: formatLogTime(timeMs),
    timestamp: new Date(timeMs).toISOString(),
    log_level: 'INFO',
    client_id: 'web-1',
    message: `message ${number}`,
    is_pinned: false,
    is_ticket: false,
    is_deleted: false,
    ...rest,
  };
}
