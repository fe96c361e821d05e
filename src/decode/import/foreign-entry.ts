/**
 * An entry of an app.log that another program wrote in the form of logd's: told by its id, which is no UUIDv7. That
 * program escaped nothing, so what looks like an escape of logd's is text (`C:\x86`), and further lines of a message stand
 * as they are. An entry with attributes, or with a TAB before each further line, is in logd's own form all the same.
 */
import { decodeEntry } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { ID_LENGTH } from '../../entry/id.ts';
import { foldLevel } from '../../entry/level.ts';
import { parseLogTime } from '../../entry/time.ts';

const BEFORE_ID = '] - [ID:';
const BEHIND_ID = '] - ';
const BEFORE_CLIENT = '] - [';

/**
 * @param text begins with an entry's head
 * @returns undefined: there is no such time
 */
export function decodeAnyEntry(text: string): Entry | undefined {
  // Most entries hold nothing that any rule is about.
  if (!text.includes('\\') && !text.includes('\t')) return decodePlain(text);
  const entry = decodeEntry(text);
  if (entry === undefined || entry.id[14] === '7') return entry;
  if (entry.source !== undefined || entry.fields !== undefined) return entry;
  const idAt = text.indexOf(BEFORE_ID) + BEFORE_ID.length;
  const message = text.slice(idAt + ID_LENGTH + BEHIND_ID.length);
  const clientAt = text.indexOf(BEFORE_CLIENT) + BEFORE_CLIENT.length;
  const clientId = text.slice(clientAt, idAt - BEFORE_ID.length);
  const isIndented = !/\n(?!\t)/.test(message);
  return { ...entry, clientId, message: isIndented ? message.replaceAll('\n\t', '\n') : message };
}

const TIME_LENGTH = 23;
const LEVEL_AT = TIME_LENGTH + ' - ['.length;

/** An entry without escapes, attributes and lines of logd's own form, by the places of its parts alone. */
function decodePlain(text: string): Entry | undefined {
  const timeMs = parseLogTime(text.slice(0, TIME_LENGTH));
  if (Number.isNaN(timeMs)) return undefined;
  const levelEnd = text.indexOf(']', LEVEL_AT);
  const clientAt = levelEnd + BEFORE_CLIENT.length;
  const clientEnd = text.indexOf(']', clientAt);
  const idAt = clientEnd + BEFORE_ID.length;
  return {
    id: text.slice(idAt, idAt + ID_LENGTH).toLowerCase(),
    timeMs,
    level: foldLevel(text.slice(LEVEL_AT, levelEnd)),
    clientId: text.slice(clientAt, clientEnd),
    message: text.slice(idAt + ID_LENGTH + BEHIND_ID.length),
  };
}
