/**
 * What a job is asked of: the segments as they are while it runs, and what people have done with their entries.
 */
import type { EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import type { SearchedSegment } from './searched-segment.ts';
import type { SegmentJudge, TouchedIds } from './segment-judge.ts';
import type { EntryFacts } from './state-record.ts';

export interface SearchView extends TouchedIds {
  readonly segments: readonly SearchedSegment[];
  stateOf(id: string): EntryState | undefined;
  /** Of every deleted entry that is stored. */
  deletedFacts(): Iterable<EntryFacts>;
  /** Whether somebody has deleted an entry of the block; true when that is not known. */
  hasDeleted(block: Block): boolean;
}

export interface TimeSpan {
  /** Event time, inclusive. */
  readonly sinceMs?: number | undefined;
  /** Exclusive. */
  readonly untilMs?: number | undefined;
}

/** Both inclusive. */
export interface TimeBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A block that a job may have to look at. */
export interface BlockPlace {
  readonly segment: SearchedSegment;
  readonly judge: SegmentJudge;
  /** Of the block in the segment. */
  readonly index: number;
  readonly block: Block;
}

export function boundsOf({ sinceMs, untilMs }: TimeSpan): TimeBounds {
  return {
    fromMs: sinceMs ?? Number.NEGATIVE_INFINITY,
    toMs: untilMs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(untilMs) - 1,
  };
}
