/**
 * Entries → NDJSON, gathered into chunks. A line that can stay bytes is never made text: that is the way of most lines of
 * a file, and what an agent's speed and memory depend on.
 */
import { LineBytes } from '../decode/line-bytes.ts';
import type { TakesBytes } from '../decode/lines.ts';
import type { Fields } from '../entry/entry.ts';
import type { Level } from '../entry/level.ts';
import type { Chunk, PositionChanges } from './chunk.ts';

/** Many entries of one client and source, gathered into chunks. */
export interface ChunkWriter {
  add(entry: WrittenEntry): void;
  /**
   * Takes lines as `describeFileLine` has them, from their bytes; those it does not take must be added as text.
   * @param nowMs the time of lines that say none themselves
   */
  takesBytes(nowMs: number): TakesBytes;
  /** Bytes gathered since the last `take`, about. */
  readonly bytes: number;
  /** What was gathered since the last call. */
  take(positions?: PositionChanges): Chunk;
}

export interface WrittenEntry {
  readonly level: Level;
  readonly timeMs: number;
  readonly message: string;
  readonly fields?: Fields | undefined;
}

export interface ChunkWriterOptions {
  readonly clientId: string;
  /** Where the entries come from: a file's path, or the source's name. */
  readonly source: string;
  /** Only these are forwarded; undefined: all. */
  readonly levels?: ReadonlySet<Level> | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TAB = 0x09;
const SPACE = 0x20;
const LETTER_T = 0x74;
const BETWEEN = Buffer.from(',"message":"');
const END = Buffer.from('"}\n');
const FIRST_ROOM_BYTES = 16 * 1024;
/** What a line may take beside its message, its head left out. */
const MARKS_BYTES = 64;

export function createChunkWriter(options: ChunkWriterOptions): ChunkWriter {
  return new Writer(options);
}

class Writer implements ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #heads = new Map<Level, Head>();
  readonly #line = new LineBytes();
  readonly #time = new TimeText();
  /** Written so far: `#out` up to `#length`, then `#text`. */
  #out = Buffer.alloc(0);
  #length = 0;
  #text = '';
  #count = 0;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
  }

  add({ level, timeMs, message, fields }: WrittenEntry): void {
    const head = this.#headOf(level);
    if (!head) return;
    const tail = fields === undefined ? '}\n' : `,"fields":${JSON.stringify(fields)}}\n`;
    this.#text += `${head.text}${this.#time.of(timeMs)},"message":${JSON.stringify(message)}${tail}`;
    this.#count++;
  }

  takesBytes(nowMs: number): TakesBytes {
    return (bytes, from, end) => this.#addBytes(bytes, from, end, nowMs);
  }

  #addBytes(bytes: Buffer, from: number, end: number, nowMs: number): boolean {
    const line = this.#line;
    if (!line.read(bytes, from, end)) return false;
    const head = this.#headOf(line.level ?? 'UNKNOWN');
    if (!head) return true;
    if (this.#text !== '') this.#writeText();
    this.#reserve(head.bytes.length + MARKS_BYTES + (end - from) * 2);
    const start = this.#length;
    this.#put(head.bytes);
    this.#length += this.#out.write(
      this.#time.of(Number.isNaN(line.timeMs) ? nowMs : line.timeMs),
      this.#length,
      'latin1',
    );
    this.#put(BETWEEN);
    if (!this.#putMessage(bytes, from, end)) {
      this.#length = start;
      return false;
    }
    this.#put(END);
    this.#count++;
    return true;
  }

  get bytes(): number {
    return this.#length + this.#text.length;
  }

  take(positions?: PositionChanges): Chunk {
    if (this.#text !== '') this.#writeText();
    // A copy: what is written next is about as long, and finds its room here.
    const chunk = { lines: copyOf(this.#out.subarray(0, this.#length)), count: this.#count, positions };
    this.#length = 0;
    this.#count = 0;
    return chunk;
  }

  /** Undefined: entries of that level are not forwarded. */
  #headOf(level: Level): Head | undefined {
    const known = this.#heads.get(level);
    if (known) return known;
    const { clientId, source, levels } = this.#options;
    if (levels && !levels.has(level)) return undefined;
    const text = `${JSON.stringify({ level, client_id: clientId, source }).slice(0, -1)},"timestamp":`;
    const head = { text, bytes: Buffer.from(text) };
    this.#heads.set(level, head);
    return head;
  }

  /** False: something else than quotes, backslashes and tabs must be escaped. */
  #putMessage(bytes: Buffer, from: number, end: number): boolean {
    const out = this.#out;
    let length = this.#length;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) {
        out[length++] = BACKSLASH;
        out[length++] = byte;
      } else if (byte >= SPACE) {
        out[length++] = byte;
      } else if (byte === TAB) {
        out[length++] = BACKSLASH;
        out[length++] = LETTER_T;
      } else return false;
    }
    this.#length = length;
    return true;
  }

  #put(bytes: Buffer): void {
    const out = this.#out;
    let length = this.#length;
    for (let index = 0; index < bytes.length; index++) out[length++] = bytes[index] ?? 0;
    this.#length = length;
  }

  #writeText(): void {
    const text = this.#text;
    this.#text = '';
    // UTF-8 needs at most three bytes for a UTF-16 unit.
    this.#reserve(text.length * 3);
    this.#length += this.#out.write(text, this.#length);
  }

  #reserve(byteCount: number): void {
    if (this.#length + byteCount <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_ROOM_BYTES, this.#out.length * 2, this.#length + byteCount));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}

interface Head {
  readonly text: string;
  readonly bytes: Buffer;
}

/** In memory of its own, which can be given back. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => String(ms).padStart(3, '0'));

/** ms since the epoch as text; lines of one second are many. */
class TimeText {
  #second = Number.NaN;
  #secondText = '';
  #timeMs = Number.NaN;
  #text = '';

  of(timeMs: number): string {
    if (timeMs === this.#timeMs) return this.#text;
    this.#timeMs = timeMs;
    const second = Math.floor(timeMs / 1_000);
    const rest = MILLISECONDS[timeMs - second * 1_000];
    if (second <= 0 || rest === undefined) {
      this.#text = String(timeMs);
      return this.#text;
    }
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = String(second);
    }
    this.#text = this.#secondText + rest;
    return this.#text;
  }
}
