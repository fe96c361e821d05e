/**
 * What a source hands over: entries in the form in which they are posted, and the position behind them. Both become safe
 * together, or neither.
 */

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
/** A chunk that may be that large does not suffer from one that is somewhat larger. */
const UNHURRIED_BYTES = 256 * 1024;

const NO_LINES = new Uint8Array(0);

/** Bytes read between two looks at how much was gathered: a line of one character is many times as long when posted. */
function sliceBytes(chunkBytesMax: number): number {
  if (chunkBytesMax >= UNHURRIED_BYTES) return SLICE_BYTES_MAX;
  return Math.min(SLICE_BYTES_MAX, Math.max(SLICE_BYTES_MIN, Math.floor(chunkBytesMax / SLICE_PARTS)));
}

/** The same bytes in pieces, so that a chunk can end within them. */
export function* slices(bytes: Buffer, chunkBytesMax: number): Generator<Buffer> {
  const step = sliceBytes(chunkBytesMax);
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
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
