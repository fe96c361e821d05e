/**
 * An entry as text that a person pastes elsewhere.
 */
import type { EntryJson } from '../entry/entry.ts';

/** One line in the form of app.log, further lines of the message below it. */
export function entryLine(entry: EntryJson): string {
  return `${entry.timestamp_str} [${entry.log_level}] ${entry.client_id}: ${entry.message}`;
}

export function entryAsJson(entry: EntryJson): string {
  return JSON.stringify(entry, null, 2);
}
