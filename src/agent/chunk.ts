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

const NO_LINES = new Uint8Array(0);

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
