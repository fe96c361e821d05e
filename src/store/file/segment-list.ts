/**
 * The segments of a store, oldest first, as they are now: kept entries, sealed ones, rotated ones that wait to be sealed, and
 * the active one. Changes take place at once, so that whoever walks the list sees each entry once.
 */
import { LEVELS } from '../../entry/level.ts';
import type { PlainSegment } from './plain-segment.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { Segment } from './segment.ts';

export interface RotatedSegment {
  readonly segmentId: string;
  readonly segment: PlainSegment;
  /** Of its text. */
  readonly bytes: number;
}

export interface KnownSealed {
  readonly segment: SealedSegment;
  /** On disk, with its index. */
  readonly bytes: number;
}

export class SegmentList {
  kept: PlainSegment | undefined;
  readonly sealed: KnownSealed[];
  readonly rotated: RotatedSegment[];
  active: PlainSegment;

  constructor(parts: { sealed: readonly KnownSealed[]; rotated: readonly RotatedSegment[]; active: PlainSegment }) {
    this.sealed = [...parts.sealed];
    this.rotated = [...parts.rotated];
    this.active = parts.active;
  }

  get all(): readonly Segment[] {
    const kept = this.kept ? [this.kept] : [];
    const older = [...this.sealed, ...this.rotated].map(({ segment }) => segment);
    return [...kept, ...older, this.active];
  }

  /** Bytes of sealed and rotated segments on disk. */
  get bytes(): number {
    return this.sealedBytes + this.rotated.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The same of the sealed ones. */
  get sealedBytes(): number {
    return this.sealed.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get entryCount(): number {
    return this.all.reduce((sum, { summary }) => sum + summary.entryCount, 0);
  }

  /** By index in LEVELS. */
  get levelTotals(): number[] {
    const all = this.all.map(({ summary }) => summary.levelTotals);
    return LEVELS.map((_, level) => all.reduce((sum, totals) => sum + (totals[level] ?? 0), 0));
  }

  get timeRange(): { minMs: number; maxMs: number } | undefined {
    const ranges = this.all.flatMap(({ summary }) => summary.timeRange ?? []);
    if (ranges.length === 0) return undefined;
    return {
      minMs: Math.min(...ranges.map(({ minMs }) => minMs)),
      maxMs: Math.max(...ranges.map(({ maxMs }) => maxMs)),
    };
  }

  /** The greatest id that rises in the order of the files. */
  get lastId(): string | undefined {
    return this.all.findLast(({ summary }) => summary.lastId !== undefined)?.summary.lastId;
  }

  /** The active segment takes no more entries; another takes its place. */
  rotate(rotated: RotatedSegment, active: PlainSegment): void {
    this.rotated.push(rotated);
    this.active = active;
  }

  /** The oldest rotated segment is sealed now. */
  seal(sealed: KnownSealed): void {
    this.rotated.shift();
    this.sealed.push(sealed);
  }
}
