/**
 * An entry of an app.log that another program wrote in the form of logd's: told by its id, which is no UUIDv7. That
 * program escaped nothing, so what looks like an escape of logd's is text (`C:\x86`), and further lines of a message stand
 * as they are. An entry with attributes, or with a TAB before each further line, is in logd's own form all the same.
 */
import { decodeEntry } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { ID_LENGTH } from '../../entry/id.ts';

const BEFORE_ID = '] - [ID:';
const BEHIND_ID = '] - ';
const BEFORE_CLIENT = '] - [';

/** @returns undefined: not an entry */
export function decodeAnyEntry(text: string): Entry | undefined {
  const entry = decodeEntry(text);
  if (entry === undefined || entry.id[14] === '7') return entry;
  if (entry.source !== undefined || entry.fields !== undefined) return entry;
  // Without these the two forms are the same.
  if (!text.includes('\\x') && !text.includes('\n\t')) return entry;
  const idAt = text.indexOf(BEFORE_ID) + BEFORE_ID.length;
  const message = text.slice(idAt + ID_LENGTH + BEHIND_ID.length);
  const clientAt = text.indexOf(BEFORE_CLIENT) + BEFORE_CLIENT.length;
  const clientId = text.slice(clientAt, idAt - BEFORE_ID.length);
  const isIndented = !/\n(?!\t)/.test(message);
  return { ...entry, clientId, message: isIndented ? message.replaceAll('\n\t', '\n') : message };
}
