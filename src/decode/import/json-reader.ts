/**
 * Lines of JSON → records: what POST /logs takes, and what the HTTP interface and `logd export --format jsonl` give, with
 * id and state.
 */

import { parseDraft } from '../../entry/draft.ts';
import { isId } from '../../entry/id.ts';
import { parseJson } from '../../entry/json.ts';
import { AUTHOR_LENGTH_MAX, NOTE_LENGTH_MAX } from '../../entry/limits.ts';
import type { StateChange } from '../../entry/state.ts';
import { parseEventTime } from '../../entry/time.ts';
import { jsonFault } from '../ndjson.ts';
import { type ImportRecord, type LineReader, type RecordListener, withOldId } from './record.ts';

type Given = Readonly<Record<string, unknown>>;

/** @param clientId for lines that name none */
export function createJsonReader({ onRecord, onBadLine }: RecordListener, clientId: string | undefined): LineReader {
  return {
    line(text, line) {
      if (text.trim() === '') return;
      const read = readLine(text, line, clientId);
      if (typeof read === 'string') onBadLine(line, read);
      else onRecord(read);
    },
    end() {},
  };
}

/** @returns the record, or why there is none */
function readLine(text: string, line: number, clientId: string | undefined): ImportRecord | string {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return `not JSON: ${jsonFault(error)}`;
  }
  const parsed = parseDraft(isObject(value) ? asPosted(value, clientId) : value);
  if (!parsed.ok) return parsed.reason;
  const { draft } = parsed;
  const oldId = isObject(value) ? oldIdOf(value) : undefined;
  if (oldId === undefined || !isObject(value)) return { line, draft };
  const fields = withOldId(draft.fields, oldId) ?? draft.fields;
  return { line, oldId, draft: { ...draft, fields }, state: stateOf(value) };
}

/** An entry as the interface gives it has other names than one that is posted. */
function asPosted(given: Given, clientId: string | undefined): Given {
  const isNamed = typeof given.client_id === 'string' && given.client_id !== '';
  if (given.log_level === undefined && given.timestamp_str === undefined && (isNamed || clientId === undefined)) {
    return given;
  }
  return {
    ...given,
    level: given.level ?? given.log_level,
    timestamp: given.timestamp ?? given.timestamp_str,
    client_id: isNamed || typeof given.client_id === 'number' ? given.client_id : clientId,
  };
}

function oldIdOf({ uuid }: Given): string | undefined {
  const id = typeof uuid === 'string' ? uuid.toLowerCase() : '';
  return isId(id) ? id : undefined;
}

/** What must be set; an entry begins without a pin, a ticket, a note. */
function stateOf(given: Given): StateChange | undefined {
  const isClosed = given.ticket_status === 'closed';
  const change: StateChange = {
    ...(given.is_pinned === true ? { pin: true } : {}),
    ...(given.is_ticket === true ? { ticket: true } : {}),
    ...(given.is_ticket === true && isClosed ? { ticketStatus: 'closed' } : {}),
    ...(given.is_ticket === true ? timeOf('ticketOpenedMs', given.ticket_opened) : {}),
    ...(given.is_ticket === true && isClosed ? timeOf('ticketClosedMs', given.ticket_closed) : {}),
    ...(given.is_deleted === true ? { delete: true } : {}),
    ...(given.is_ticket === true && given.ticket_reopen === true ? { ticketReopens: true } : {}),
    ...noteOf(given),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

function noteOf({ note, note_author: by, note_time: time }: Given): StateChange {
  if (typeof note !== 'string' || note === '') return {};
  return {
    note: note.slice(0, NOTE_LENGTH_MAX),
    ...(typeof by === 'string' && by !== '' ? { noteAuthor: by.slice(0, AUTHOR_LENGTH_MAX) } : {}),
    ...timeOf('noteMs', time),
  };
}

function timeOf(name: 'ticketOpenedMs' | 'ticketClosedMs' | 'noteMs', value: unknown): StateChange {
  const parsed = parseEventTime(value);
  return parsed.ok ? { [name]: parsed.timeMs } : {};
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
