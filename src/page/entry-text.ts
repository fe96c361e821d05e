/**
 * An entry as text that a person pastes elsewhere.
 */
import { encodeEntry } from '../entry/codec.ts';
import { type EntryJson, entryFromJson } from '../entry/entry.ts';

/** As it stands in app.log, with its fields, and with control characters as escapes. */
export function entryAsStored(entry: EntryJson): string {
  return encodeEntry(entryFromJson(entry)).trimEnd();
}

/** Time, level, client and message in one line, further lines of the message below it. */
export function entryLine(entry: EntryJson): string {
  return `${entry.timestamp_str} [${entry.log_level}] ${entry.client_id}: ${entry.message}`;
}

export function entryAsJson(entry: EntryJson): string {
  return JSON.stringify(entry, null, 2);
}
