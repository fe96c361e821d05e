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

export interface SegmentSize {
  readonly quiet: number;
  /** While much comes in: each new file costs time then, and packing waits anyway. */
  readonly busy: number;
}

export function segmentSizeFor({ asked, sealed, retain = Number.POSITIVE_INFINITY }: SizeFacts): SegmentSize {
  // Retention takes whole segments, so one may not be most of what is kept.
  const bounded = (bytes: number) => Math.max(SEGMENT_BYTES_MIN, Math.min(bytes, retain / RETAINED_SEGMENTS_MIN));
  // What is not packed is to be a small part of the whole, and files are to be few.
  const own = Math.min(SEGMENT_BYTES_MOST, Math.max(SEGMENT_BYTES_LEAST, sealed * SEGMENT_SHARE));
  return { quiet: bounded(asked ?? own), busy: bounded(asked ?? SEGMENT_BYTES_MOST) };
}
