/**
 * What a source hands over: entries in the form in which they are posted, and the position behind them. Both become safe
 * together, or neither.
 */
import type { Fields } from '../entry/entry.ts';
import type { Level } from '../entry/level.ts';

/** Where a source goes on reading; plain JSON, its meaning is the source's own. */
export type PositionValue = Readonly<Record<string, string | number | boolean>>;

/** By key, which begins with the source's name; null: forget it. */
export type PositionChanges = Readonly<Record<string, PositionValue | null>>;

export interface Chunk {
  /** NDJSON: a line per entry, each with its LF. */
  readonly lines: Uint8Array;
  readonly count: number;
  readonly positions?: PositionChanges | undefined;
}

const SLICE_PARTS = 64;
const SLICE_BYTES_MIN = 256;
const SLICE_BYTES_MAX = 32 * 1024;

const NO_LINES = new Uint8Array(0);

/** Draft → its line of NDJSON, many of one client and source, gathered into chunks. */
export interface ChunkWriter {
  add(entry: WrittenEntry): void;
  /** What was gathered since the last call, about. */
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

export function createChunkWriter({ clientId, source, levels }: ChunkWriterOptions): ChunkWriter {
  const heads = new Map<Level, string>();
  let lines = '';
  let count = 0;
  return {
    add({ level, timeMs, message, fields }) {
      if (levels && !levels.has(level)) return;
      let head = heads.get(level);
      if (head === undefined) {
        head = `${JSON.stringify({ level, client_id: clientId, source }).slice(0, -1)},"timestamp":`;
        heads.set(level, head);
      }
      const tail = fields === undefined ? '}\n' : `,"fields":${JSON.stringify(fields)}}\n`;
      lines += `${head}${timeText(timeMs)},"message":${JSON.stringify(message)}${tail}`;
      count++;
    },
    get bytes() {
      return lines.length;
    },
    take(positions) {
      // As bytes at once: texts that live until the batch is closed cost the garbage collector dearly.
      const chunk: Chunk = { lines: count === 0 ? NO_LINES : Buffer.from(lines), count, positions };
      lines = '';
      count = 0;
      return chunk;
    },
  };
}

/** Bytes read between two looks at how much was gathered: a line of one character is many times as long when posted. */
function sliceBytes(chunkBytesMax: number): number {
  return Math.min(SLICE_BYTES_MAX, Math.max(SLICE_BYTES_MIN, Math.floor(chunkBytesMax / SLICE_PARTS)));
}

/** The same bytes in pieces, so that a chunk can end within them. */
export function* slices(bytes: Buffer, chunkBytesMax: number): Generator<Buffer> {
  const step = sliceBytes(chunkBytesMax);
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

let cachedSecond = Number.NaN;
let cachedText = '';
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => String(ms).padStart(3, '0'));

/** ms since the epoch as text; lines of one second are many. */
function timeText(timeMs: number): string {
  const second = Math.floor(timeMs / 1_000);
  const rest = MILLISECONDS[timeMs - second * 1_000];
  if (second <= 0 || rest === undefined) return String(timeMs);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = String(second);
  }
  return cachedText + rest;
}

/** Positions that moved without an entry. */
export function positionsOnly(positions: PositionChanges): Chunk {
  return { lines: NO_LINES, count: 0, positions };
}

/** A visible WARNING entry of the agent itself: what was lost, and how many where that can be known. */
export function noticeLine(clientId: string, nowMs: number, message: string): Uint8Array {
  return Buffer.from(
    `${JSON.stringify({ level: 'WARNING', client_id: clientId, source: 'logd', timestamp: nowMs, message })}\n`,
  );
}
