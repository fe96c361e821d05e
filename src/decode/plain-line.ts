/**
 * The usual line of an NDJSON batch, from bytes to app.log's bytes without a string between: an object of `message`, `level`,
 * `client_id`, `source` and `timestamp` as texts in plain ASCII without escapes, and of `fields` with one such text, as
 * imported entries have their old id. Whatever else a line holds, it is left to
 * JSON.parse: this reader only ever says "not me".
 */
import type { BatchWriter } from '../entry/batch-writer.ts';
import { encodeHead } from '../entry/codec.ts';
import { UNKNOWN_CLIENT } from '../entry/draft.ts';
import { ID_LENGTH } from '../entry/id.ts';
import { foldLevel, type Level, levelIndex } from '../entry/level.ts';
import {
  CLIENT_ID_LENGTH_MAX,
  FIELD_NAME_LENGTH_MAX,
  FIELDS_LENGTH_MAX,
  SERVER_LINE_BYTES_MAX,
  SOURCE_LENGTH_MAX,
} from '../entry/limits.ts';
import { parseEventTime } from '../entry/time.ts';
import { KnownTexts } from './known-texts.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const CR = 0x0d;
const DEL = 0x7f;

/** For each byte 1 when it may stand in a plain text: printable ASCII but the quote and the backslash. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte < DEL && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Room for all of a line's text but its message and source: head, id, marks, attributes' names. */
const MARKS_BYTES = 400;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const AFTER_ID = bytesOf('] - ');
const SOURCE_OPEN = bytesOf('\t{"source":"');
const SOURCE_CLOSE = bytesOf('"}');
const FIELDS_OPEN = bytesOf('\t{"fields":');
const SOURCE_TO_FIELDS = bytesOf('","fields":');
const FIELDS_CLOSE = bytesOf('}');

const KEYS = {
  level: bytesOf('level'),
  source: bytesOf('source'),
  fields: bytesOf('fields'),
  message: bytesOf('message'),
  client: bytesOf('client_id'),
  time: bytesOf('timestamp'),
};

/** Where in the line a key's text stands; `from` -1: the key is not there. */
interface Span {
  from: number;
  end: number;
}

/** A level: what stands for it in the head of an entry, and its index. */
interface LevelPart {
  readonly head: Uint8Array;
  readonly index: number;
}

/** A client: the same, with its index in the last batch that it was in. */
interface ClientPart {
  readonly text: string;
  readonly head: Uint8Array;
  index: number;
  batchNumber: number;
}

/** Reads into one batch after another, and remembers what it knows of levels, clients and days. */
export class PlainLineReader {
  #bytes: Buffer = Buffer.alloc(0);
  #writer: BatchWriter;
  /** Of the batch that is written. */
  #batchNumber = 0;
  readonly #message: Span = { from: -1, end: -1 };
  readonly #level: Span = { from: -1, end: -1 };
  readonly #client: Span = { from: -1, end: -1 };
  readonly #source: Span = { from: -1, end: -1 };
  readonly #time: Span = { from: -1, end: -1 };
  /** With its braces. */
  readonly #fields: Span = { from: -1, end: -1 };
  readonly #clients = new KnownTexts<ClientPart>();
  readonly #levels = new KnownTexts<LevelPart>();
  /** The batch's time of receipt in app.log, once it was needed. */
  #nowText: Uint8Array | undefined;
  /** First millisecond of a day. */
  readonly #days = new KnownTexts<number>();

  constructor(writer: BatchWriter) {
    this.#writer = writer;
  }

  /** What is read from now on goes into another batch. */
  writeInto(writer: BatchWriter): void {
    if (writer === this.#writer) return;
    this.#writer = writer;
    this.#batchNumber++;
    this.#nowText = undefined;
  }

  /** Reads the line from `from` to before `end` into the batch; false: it is not plain, and nothing was done. */
  read(bytes: Buffer, from: number, end: number): boolean {
    this.#bytes = bytes;
    if (!this.#find(from, end)) return false;
    const message = this.#message;
    if (message.from === -1 || message.from === message.end || message.end - message.from > SERVER_LINE_BYTES_MAX)
      return false;
    const source = this.#source;
    if (source.end - source.from > SOURCE_LENGTH_MAX || this.#client.end - this.#client.from > CLIENT_ID_LENGTH_MAX)
      return false;
    const writer = this.#writer;
    writer.reserve(end - from + MARKS_BYTES);
    const start = writer.length;
    const timeMs = this.#writeTime();
    if (timeMs === undefined) {
      writer.length = start;
      return false;
    }
    const level = this.#levelOf();
    this.#put(level.head);
    const client = this.#clientOf();
    this.#put(client.head);
    const idAt = writer.length;
    writer.length += ID_LENGTH;
    this.#put(AFTER_ID);
    this.#copy(message);
    this.#writeAttributes();
    writer.text[writer.length++] = 0x0a;
    writer.entry({ start, idAt, timeMs, level: level.index, client: client.index });
    return true;
  }

  #writeAttributes(): void {
    const hasSource = this.#source.from !== -1 && this.#source.end > this.#source.from;
    const hasFields = this.#fields.from !== -1;
    if (hasSource) {
      this.#put(SOURCE_OPEN);
      this.#copy(this.#source);
    }
    if (hasFields) {
      this.#put(hasSource ? SOURCE_TO_FIELDS : FIELDS_OPEN);
      this.#copy(this.#fields);
      this.#put(FIELDS_CLOSE);
    } else if (hasSource) this.#put(SOURCE_CLOSE);
  }

  /** Finds the texts of the known keys; false when the line is anything but a flat object of plain texts. */
  #find(from: number, end: number): boolean {
    const bytes = this.#bytes;
    this.#message.from = this.#level.from = this.#client.from = this.#source.from = this.#time.from = -1;
    this.#level.end = this.#client.end = this.#source.end = this.#fields.from = -1;
    let at = from;
    if (bytes[at++] !== OPEN) return false;
    for (;;) {
      if (bytes[at] === SPACE) at++;
      if (bytes[at++] !== QUOTE) return false;
      const keyAt = at;
      at = this.#textEnd(at, end);
      if (at === -1) return false;
      const span = this.#spanOf(keyAt, at++);
      if (!span) return false;
      if (bytes[at++] !== COLON) return false;
      if (bytes[at] === SPACE) at++;
      if (span === this.#fields) {
        span.from = at;
        at = this.#fieldsEnd(at, end);
        if (at === -1) return false;
        span.end = at;
      } else {
        if (bytes[at++] !== QUOTE) return false;
        span.from = at;
        at = this.#textEnd(at, end);
        if (at === -1) return false;
        span.end = at++;
      }
      const next = bytes[at++];
      if (next === COMMA) continue;
      if (next !== CLOSE) return false;
      if (at < end && bytes[at] === CR) at++;
      return at === end;
    }
  }

  /** Where the quote stands that ends a plain text; -1 when something else than plain text comes first. */
  #textEnd(from: number, end: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < end && IS_PLAIN[bytes[at] ?? 0] === 1) at++;
    return at < end && bytes[at] === QUOTE ? at : -1;
  }

  /** Where an object of one plain text ends, `{"id":"0193…"}`; -1 when it is anything else. */
  #fieldsEnd(from: number, end: number): number {
    const bytes = this.#bytes;
    if (bytes[from] !== OPEN || bytes[from + 1] !== QUOTE) return -1;
    const nameEnd = this.#textEnd(from + 2, end);
    if (nameEnd === -1 || nameEnd - from - 2 > FIELD_NAME_LENGTH_MAX) return -1;
    if (bytes[nameEnd + 1] !== COLON || bytes[nameEnd + 2] !== QUOTE) return -1;
    const valueEnd = this.#textEnd(nameEnd + 3, end);
    if (valueEnd === -1 || valueEnd - from > FIELDS_LENGTH_MAX - 2) return -1;
    return bytes[valueEnd + 1] === CLOSE ? valueEnd + 2 : -1;
  }

  #spanOf(from: number, end: number): Span | undefined {
    switch (end - from) {
      case 5:
        return this.#isKey(KEYS.level, from) ? this.#level : undefined;
      case 6:
        if (this.#isKey(KEYS.source, from)) return this.#source;
        return this.#isKey(KEYS.fields, from) ? this.#fields : undefined;
      case 7:
        return this.#isKey(KEYS.message, from) ? this.#message : undefined;
      case 9:
        if (this.#isKey(KEYS.client, from)) return this.#client;
        return this.#isKey(KEYS.time, from) ? this.#time : undefined;
      default:
        return undefined;
    }
  }

  #isKey(key: Uint8Array, from: number): boolean {
    for (let index = 0; index < key.length; index++) if (this.#bytes[from + index] !== key[index]) return false;
    return true;
  }

  /** @returns undefined when the time is of a form or value that the slow way must judge */
  #writeTime(): number | undefined {
    const { from, end } = this.#time;
    if (from === -1 || from === end) {
      const { nowMs } = this.#writer;
      this.#nowText ??= bytesOf(encodeHead(nowMs, 'INFO', 'x').slice(0, 23));
      this.#put(this.#nowText);
      return nowMs;
    }
    // 2026-11-23T03:10:11.123Z, what JavaScript's toISOString and most agents write.
    const bytes = this.#bytes;
    if (end - from !== 24 || bytes[from + 10] !== 0x54 || bytes[from + 19] !== 0x2e || bytes[end - 1] !== 0x5a)
      return undefined;
    if (bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return undefined;
    const dayMs = this.#dayOf(from, from + 10);
    if (dayMs === undefined) return undefined;
    const hour = this.#digits(from + 11, 2);
    const minute = this.#digits(from + 14, 2);
    const second = this.#digits(from + 17, 2);
    const ms = this.#digits(from + 20, 3);
    if (!(hour < 24 && minute < 60 && second < 60 && ms < 1000)) return undefined;
    const writer = this.#writer;
    const at = writer.length;
    for (let index = 0; index < 23; index++) writer.text[at + index] = bytes[from + index] ?? 0;
    writer.text[at + 10] = SPACE;
    writer.text[at + 19] = COMMA;
    writer.length += 23;
    return dayMs + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms;
  }

  /** NaN when one of them is no digit. */
  #digits(from: number, count: number): number {
    let value = 0;
    for (let at = from; at < from + count; at++) {
      const digit = (this.#bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return Number.NaN;
      value = value * 10 + digit;
    }
    return value;
  }

  /** @returns undefined when it is no day */
  #dayOf(from: number, end: number): number | undefined {
    const known = this.#days.find(this.#bytes, from, end);
    if (known !== undefined) return known;
    const parsed = parseEventTime(`${this.#text(from, end)}T00:00:00.000Z`);
    if (!parsed.ok) return undefined;
    this.#days.keep(this.#bytes, from, end, parsed.timeMs);
    return parsed.timeMs;
  }

  #levelOf(): LevelPart {
    const { from, end } = this.#level;
    const known = this.#levels.find(this.#bytes, from, end);
    if (known) return known;
    const level: Level = foldLevel(this.#text(from, end));
    const part = { head: bytesOf(` - [${level}] - [`), index: levelIndex(level) };
    this.#levels.keep(this.#bytes, from, end, part);
    return part;
  }

  #clientOf(): ClientPart {
    const { from, end } = this.#client;
    const known = this.#clients.find(this.#bytes, from, end);
    if (known) {
      if (known.batchNumber !== this.#batchNumber) {
        known.index = this.#writer.client(known.text);
        known.batchNumber = this.#batchNumber;
      }
      return known;
    }
    const text = this.#text(from, end) || UNKNOWN_CLIENT;
    const part = {
      text,
      head: bytesOf(encodeHead(0, 'INFO', text).slice(HEAD_BEFORE_CLIENT)),
      index: this.#writer.client(text),
      batchNumber: this.#batchNumber,
    };
    this.#clients.keep(this.#bytes, from, end, part);
    return part;
  }

  #text(from: number, end: number): string {
    return this.#bytes.toString('latin1', from, end);
  }

  #put(bytes: Uint8Array): void {
    const writer = this.#writer;
    const { text } = writer;
    let at = writer.length;
    for (let index = 0; index < bytes.length; index++) text[at++] = bytes[index] ?? 0;
    writer.length = at;
  }

  #copy({ from, end }: Span): void {
    const writer = this.#writer;
    const { text } = writer;
    const bytes = this.#bytes;
    let at = writer.length;
    for (let index = from; index < end; index++) text[at++] = bytes[index] ?? 0;
    writer.length = at;
  }
}

const HEAD_BEFORE_CLIENT = 23 + ' - [INFO] - ['.length;
