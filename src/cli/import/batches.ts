/**
 * Records → batches as they are posted, cut by what they hold alone: the same file makes the same batches at every run.
 */
import type { PlainEntry } from '../../decode/import/plain-entries.ts';
import type { ImportRecord } from '../../decode/import/record.ts';
import type { Draft } from '../../entry/entry.ts';
import { ID_LENGTH } from '../../entry/id.ts';
import type { StateChange } from '../../entry/state.ts';
import { formatLogTime } from '../../entry/time.ts';

/**
 * Text of a batch in UTF-16 units, and its entries. Beyond: the next one begins. A part of what makes a second run find
 * the batches of the first: with other values FORM rises.
 */
const BATCH_LENGTH_MAX = 1024 * 1024;
const BATCH_ENTRIES_MAX = 10_000;
/** The form of the batches. A file that was imported in one form is stored again in another. */
export const BATCH_FORM = 1;

/** An entry whose state is to be set once it is stored. */
export interface WantedState {
  readonly line: number;
  /** In lower case. */
  readonly oldId: string;
  /** Undefined: the time of its receipt, which is not known here. */
  readonly timeMs: number | undefined;
  readonly change: StateChange;
}

export interface ImportBatch {
  /** From 1. */
  readonly sequence: number;
  /** NDJSON as POST /logs takes it. */
  readonly body: Buffer;
  /** Of each entry, the line in its file, from 1. */
  readonly lines: readonly number[];
  readonly states: readonly WantedState[];
}

export class BatchBuilder {
  readonly #onBatch: (batch: ImportBatch) => void;
  #sequence = 0;
  #length = 0;
  /** The body so far stands in its first bytes. */
  #room = Buffer.allocUnsafe(2 * BATCH_LENGTH_MAX);
  #bytes = 0;
  #lines: number[] = [];
  #states: WantedState[] = [];

  constructor(onBatch: (batch: ImportBatch) => void) {
    this.#onBatch = onBatch;
  }

  add({ line, draft, oldId }: ImportRecord, change: StateChange | undefined): void {
    const text = draftLine(draft);
    if (this.#lines.length > 0 && this.#length + text.length > BATCH_LENGTH_MAX) this.flush();
    this.#length += text.length;
    this.#write(text);
    this.#lines.push(line);
    if (change && oldId !== undefined) this.#states.push({ line, oldId, timeMs: draft.timeMs, change });
    if (this.#lines.length >= BATCH_ENTRIES_MAX) this.flush();
  }

  /** The same as `add` for an entry that has no state to be set. */
  addPlain(entry: PlainEntry, line: number): void {
    const { bytes, at, levelAt, levelEnd, clientAt, clientEnd, idAt, messageAt, end } = entry;
    const length = PLAIN_LENGTH + (levelEnd - levelAt) + (clientEnd - clientAt) + (end - messageAt);
    if (this.#lines.length > 0 && this.#length + length > BATCH_LENGTH_MAX) this.flush();
    this.#length += length;
    this.#reserve(length);
    this.#put(PLAIN.time);
    this.#copy(bytes, at, at + 10);
    this.#put(PLAIN.clock);
    this.#copy(bytes, at + 11, at + 19);
    this.#put(PLAIN.fraction);
    this.#copy(bytes, at + 20, at + 23);
    this.#put(PLAIN.level);
    this.#copy(bytes, levelAt, levelEnd);
    this.#put(PLAIN.client);
    this.#copy(bytes, clientAt, clientEnd);
    this.#put(PLAIN.message);
    this.#copy(bytes, messageAt, end);
    this.#put(PLAIN.id);
    this.#copy(bytes, idAt, idAt + ID_LENGTH);
    this.#put(PLAIN.end);
    this.#lines.push(line);
    if (this.#lines.length >= BATCH_ENTRIES_MAX) this.flush();
  }

  /** Gives what there is as a batch. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const batch = {
      sequence: ++this.#sequence,
      body: Buffer.from(this.#room.subarray(0, this.#bytes)),
      lines: this.#lines,
      states: this.#states,
    };
    this.#bytes = 0;
    this.#lines = [];
    this.#states = [];
    this.#length = 0;
    this.#onBatch(batch);
  }

  /** As bytes at once: texts that live until the batch is whole cost the garbage collector dearly. */
  #write(text: string): void {
    // UTF-8 needs at most three bytes for a UTF-16 unit.
    this.#reserve(text.length * 3);
    this.#bytes += this.#room.write(text, this.#bytes);
  }

  #reserve(byteCount: number): void {
    const needed = this.#bytes + byteCount;
    if (needed <= this.#room.length) return;
    const larger = Buffer.allocUnsafe(2 * needed);
    this.#room.copy(larger, 0, 0, this.#bytes);
    this.#room = larger;
  }

  #put(bytes: Uint8Array): void {
    this.#copy(bytes, 0, bytes.length);
  }

  /** By hand: for so few bytes a call into the runtime costs more. */
  #copy(bytes: Uint8Array, from: number, end: number): void {
    const room = this.#room;
    let to = this.#bytes;
    for (let at = from; at < end; at++) room[to++] = bytes[at] ?? 0;
    this.#bytes = to;
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What stands between the parts of an entry in the form of `draftLine`. */
const PLAIN = {
  time: bytesOf('{"timestamp":"'),
  clock: bytesOf('T'),
  fraction: bytesOf('.'),
  level: bytesOf('Z","level":"'),
  client: bytesOf('","client_id":"'),
  message: bytesOf('","message":"'),
  id: bytesOf('","fields":{"id":"'),
  end: bytesOf('"}}\n'),
};
/** Of such a line without level, client and message. */
const PLAIN_LENGTH = Object.values(PLAIN).reduce((sum, part) => sum + part.length, 10 + 8 + 3 + ID_LENGTH);

/** A draft as POST /logs takes it, with its line break. */
function draftLine({ level, clientId, message, timeMs, source, fields }: Draft): string {
  const time = timeMs === undefined ? '' : `"timestamp":"${isoTime(timeMs)}",`;
  const from = source === undefined ? '' : `,"source":${JSON.stringify(source)}`;
  const rest = fields === undefined ? '' : `,"fields":${JSON.stringify(fields)}`;
  return `{${time}"level":"${level}","client_id":${clientJson(clientId)},"message":${JSON.stringify(message)}${from}${rest}}\n`;
}

/** Entries that follow one another are mostly of few clients. */
const clients = new Map<string, string>();
const CLIENTS_MAX = 1_000;

function clientJson(clientId: string): string {
  let json = clients.get(clientId);
  if (json === undefined) {
    json = JSON.stringify(clientId);
    if (clients.size >= CLIENTS_MAX) clients.clear();
    clients.set(clientId, json);
  }
  return json;
}

function isoTime(timeMs: number): string {
  const text = formatLogTime(timeMs);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20)}Z`;
}
