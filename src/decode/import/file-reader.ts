/**
 * Bytes of a file to import → records, in whatever format they are. Fed with pieces cut anywhere; what comes out does not
 * depend on the cuts. Holds the first 64 KiB until the format is known, then one line or one entry.
 */
import { createLineDecoder, detectEncoding, type LineDecoder } from '../lines.ts';
import { detectFormat } from './format.ts';
import { createJsonReader } from './json-reader.ts';
import { PlainScanner } from './plain-entries.ts';
import { createPlainReader } from './plain-reader.ts';
import type { ImportFormat, LineReader, RecordListener } from './record.ts';
import { createTextReader } from './text-reader.ts';

const LF = 0x0a;
/** Of the beginning, to tell the format by. */
const HEAD_BYTES = 64 * 1024;
/** One line. Beyond: cut and marked; cut JSON is not understood. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

export interface FileReaderOptions {
  /** Undefined: told by the first lines. */
  readonly format?: ImportFormat | undefined;
  /** For entries that name no client. Undefined: JSON is of UNKNOWN_CLIENT, plain lines are of the `plainClientId`. */
  readonly clientId?: string | undefined;
  readonly plainClientId: string;
  /** What plain lines have as their source. */
  readonly source: string;
  /** Decides the year of a time that has none. */
  readonly nowMs: number;
  readonly listener: RecordListener;
}

export class FileReader {
  readonly #options: FileReaderOptions;
  #head = Buffer.alloc(0);
  #decoder: LineDecoder | undefined;
  #reader: LineReader | undefined;
  #plain: PlainScanner | undefined;
  #format: ImportFormat | undefined;
  /** Lines given so far that were not blank. */
  #given = 0;

  constructor(options: FileReaderOptions) {
    this.#options = options;
  }

  /** Undefined until it is known. */
  get format(): ImportFormat | undefined {
    return this.#format;
  }

  /** Lines that were too long, and lines with bytes that are no text. */
  get damage(): { readonly cutLines: number; readonly invalidLines: number } {
    return this.#decoder?.counts ?? { cutLines: 0, invalidLines: 0 };
  }

  feed(bytes: Buffer): void {
    if (this.#decoder) {
      this.#feedLines(bytes, this.#decoder);
      return;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    if (this.#head.length >= HEAD_BYTES) this.#begin();
  }

  end(): void {
    if (!this.#decoder) this.#begin();
    this.#decoder?.end(this.#onLine);
    this.#reader?.end();
  }

  #begin(): void {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    const encoding = detectEncoding(head) ?? 'utf8';
    const format = this.#options.format ?? detectFormat(firstLines(head.subarray(0, HEAD_BYTES), encoding));
    this.#format = format;
    this.#reader = this.#readerOf(format);
    this.#decoder = createLineDecoder({ encoding, lineBytesMax: LINE_BYTES_MAX, atStart: true });
    if (format === 'text' && encoding === 'utf8') this.#plain = this.#scannerFor(this.#decoder, this.#reader);
    this.#feedLines(head, this.#decoder);
  }

  #scannerFor(decoder: LineDecoder, reader: LineReader): PlainScanner | undefined {
    const { onPlainEntry } = this.#options.listener;
    if (!onPlainEntry) return undefined;
    return new PlainScanner({
      onOther: (lines) => decoder.feed(lines, this.#onLine),
      onPlain: (entry) => {
        // The entry before it is whole.
        reader.end();
        const isTaken = onPlainEntry(entry, this.#given + 1 + decoder.counts.emptyLines);
        if (isTaken) this.#given++;
        return isTaken;
      },
    });
  }

  #feedLines(bytes: Buffer, decoder: LineDecoder): void {
    let from = 0;
    const end = bytes.lastIndexOf(LF) + 1;
    if (this.#plain && end > 0) {
      if (decoder.pendingBytes > 0) {
        from = bytes.indexOf(LF) + 1;
        decoder.feed(bytes.subarray(0, from), this.#onLine);
      }
      this.#plain.scan(bytes.subarray(from, end));
      from = end;
    }
    decoder.feed(bytes.subarray(from), this.#onLine);
  }

  #readerOf(format: ImportFormat): LineReader {
    const { listener, clientId, plainClientId, source, nowMs } = this.#options;
    switch (format) {
      case 'text':
        return createTextReader(listener);
      case 'jsonl':
        return createJsonReader(listener, clientId);
      case 'plain':
        return createPlainReader(listener, { clientId: clientId ?? plainClientId, source, nowMs });
      default:
        format satisfies never;
        throw new Error('BUG: an import format of unknown kind');
    }
  }

  readonly #onLine = (line: string): void => {
    this.#given++;
    this.#reader?.line(line, this.#given + (this.#decoder?.counts.emptyLines ?? 0));
  };
}

/** The whole lines at the beginning of a file; a single unfinished one counts. */
function firstLines(head: Buffer, encoding: 'utf8' | 'utf16le'): string[] {
  const lines = head
    .toString(encoding)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  if (lines.length > 1 && head.length === HEAD_BYTES) lines.pop();
  return lines.filter((line) => line.trim() !== '');
}
