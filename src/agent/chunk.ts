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
  readonly lines: string;
  readonly count: number;
  readonly positions?: PositionChanges | undefined;
}

/** Draft → its line of NDJSON, many of one client and source, gathered into chunks. */
export interface ChunkWriter {
  add(entry: WrittenEntry): void;
  /** Bytes gathered, about. */
  readonly length: number;
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
      lines += `${head}${timeMs},"message":${JSON.stringify(message)}${tail}`;
      count++;
    },
    get length() {
      return lines.length;
    },
    take(positions) {
      const chunk: Chunk = { lines, count, positions };
      lines = '';
      count = 0;
      return chunk;
    },
  };
}

/** A visible WARNING entry of the agent itself: what was lost, and how many where that can be known. */
export function noticeLine(clientId: string, nowMs: number, message: string): string {
  return `${JSON.stringify({ level: 'WARNING', client_id: clientId, source: 'logd', timestamp: nowMs, message })}\n`;
}
