/**
 * How large app.log may grow before it is put aside.
 */
import {
  RETAINED_SEGMENTS_MIN,
  SEGMENT_BYTES_LEAST,
  SEGMENT_BYTES_MIN,
  SEGMENT_BYTES_MOST,
  SEGMENT_SHARE,
} from './limits.ts';

/** All in bytes. */
export interface SizeFacts {
  /** --segment-size; undefined: it is for the store to say. */
  readonly asked: number | undefined;
  /** What the sealed segments take on disk. */
  readonly sealed: number;
  /** --retain-size */
  readonly retain: number | undefined;
}

export function segmentBytesFor({ asked, sealed, retain = Number.POSITIVE_INFINITY }: SizeFacts): number {
  // What is not packed is to be a small part of the whole, and files are to be few.
  const own = Math.min(SEGMENT_BYTES_MOST, Math.max(SEGMENT_BYTES_LEAST, sealed * SEGMENT_SHARE));
  // Retention takes whole segments, so one may not be most of what is kept.
  return Math.max(SEGMENT_BYTES_MIN, Math.min(asked ?? own, retain / RETAINED_SEGMENTS_MIN));
}
