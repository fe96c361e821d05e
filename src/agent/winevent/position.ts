/**
 * How far an event log is read: the number of the last record, and its time, by which a log that was made anew is told from
 * the one that was read.
 */
import type { Positions } from '../checkpoint.ts';
import type { PositionValue } from '../chunk.ts';

export interface EventLogPosition {
  /** 0: the log was empty, everything in it is new. */
  readonly recordId: bigint;
  /** Of that record, as it was written; empty: not known. */
  readonly time: string;
}

export type PositionFound = EventLogPosition | 'damaged' | undefined;

const PREFIX = 'winevent:';

/** Under which a log's position stands; Windows knows its logs in any case. */
export function positionKey(positions: Positions, channel: string): string {
  const wanted = `${PREFIX}${channel}`.toLowerCase();
  for (const key of positions.keys()) if (key.toLowerCase() === wanted) return key;
  return `${PREFIX}${channel}`;
}

export function readPosition(positions: Positions, key: string): PositionFound {
  const value = positions.get(key);
  if (!value) return undefined;
  const { recordId, time } = value;
  if (typeof recordId !== 'string' || !/^\d{1,20}$/.test(recordId) || typeof time !== 'string') return 'damaged';
  return { recordId: BigInt(recordId), time };
}

export function positionValue({ recordId, time }: EventLogPosition): PositionValue {
  // A number of JSON would lose the last digits of a large one.
  return { recordId: String(recordId), time };
}
