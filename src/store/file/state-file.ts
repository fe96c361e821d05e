/**
 * The forms of log_state.json and of the journal of changes since.
 *
 * log_state.json is one JSON object with an entry's state per line, so that a person can read it and what is whole of a
 * damaged one can still be taken. The journal has a header, then a JSON object of the same shape per line.
 */
import { encodeHeader, readHeader } from './record.ts';
import { recordFromJson, recordToJson, type StateRecord } from './state-record.ts';

const KIND = 'state-journal';
const VERSION = 1;

export type States = [string, StateRecord][];

export function encodeStateFile(states: Iterable<readonly [string, StateRecord]>): string {
  const lines = Array.from(states, ([id, record]) => `${JSON.stringify(id)}:${JSON.stringify(recordToJson(record))}`);
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
}

export interface StatesRead {
  readonly states: States;
  /** False: the text is not what was written, and `states` holds what could be taken of it. */
  readonly isWhole: boolean;
}

export function decodeStateFile(text: string): StatesRead {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { states: statesOf(value), isWhole: true };
    }
  } catch {
    // Damaged: line by line below.
  }
  const states: States = [];
  for (const line of text.split('\n')) {
    const found = parseObject(`{${line.replace(/,\s*$/, '')}}`);
    if (found) states.push(...statesOf(found));
  }
  return { states, isWhole: false };
}

export function encodeStateJournalStart(): string {
  return encodeHeader(KIND, VERSION);
}

export function encodeStateChange(id: string, record: StateRecord): string {
  return `${JSON.stringify({ [id]: recordToJson(record) })}\n`;
}

export type StateJournalRead =
  | (StatesRead & { readonly kind: 'read' })
  | { readonly kind: 'newer'; readonly version: number };

/** What is torn at the end was never answered. */
export function decodeStateJournal(bytes: Buffer): StateJournalRead {
  if (bytes.length === 0) return { kind: 'read', states: [], isWhole: true };
  const header = readHeader(bytes, KIND, VERSION);
  if (header.kind === 'newer') return header;
  const lines = bytes
    .subarray(header.kind === 'known' ? header.end : 0)
    .toString()
    .split('\n');
  const states: States = [];
  let isWhole = header.kind === 'known' && lines.at(-1) === '';
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const found = parseObject(line);
    if (!found) isWhole = false;
    for (const object of found ? [found] : salvageObjects(line)) states.push(...statesOf(object));
  }
  return { kind: 'read', states, isWhole };
}

/** Where a change begins. No JSON string holds this: its quotation marks are escaped. */
const CHANGE_START = /(?=\{"[0-9A-Fa-f-]{36}":\{)/;

/** The changes that are whole in a line that is not, as when the line break between two is damaged. */
function salvageObjects(line: string): object[] {
  return line.split(CHANGE_START).flatMap((text) => parseObject(text) ?? parseObject(text.slice(0, -1)) ?? []);
}

function statesOf(object: object): States {
  const states: States = [];
  for (const [id, value] of Object.entries(object)) {
    const record = recordFromJson(value);
    if (record) states.push([id.toLowerCase(), record]);
  }
  return states;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Not a whole line: the caller counts it as damage.
    return undefined;
  }
}
