/**
 * All segments of a data folder at a start: which files count, in which order they are, and what a crash left of others.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reporter } from '../../system/reporter.ts';
import type { ProducerMark } from '../producers.ts';
import { rotatedName, sealedName, segmentFileOf, segmentIndexName } from './names.ts';
import { type ActiveSegment, type OpenSegmentOptions, openActiveSegment, openRotatedSegment } from './open-segment.ts';
import type { Packer } from './packer.ts';
import { type OpenSealedOptions, openSealedFiles } from './sealed-files.ts';
import type { SealedSummary } from './sealed-index.ts';
import { RecentSegments, SealedSegment } from './sealed-segment.ts';
import type { OnDamage } from './searched-segment.ts';
import type { Segment } from './segment.ts';
import { type KnownSealed, type RotatedSegment, SegmentList } from './segment-list.ts';

/** Sealed segments whose blocks and files are held. Beyond: the one unused for longest lets go. */
const RECENT_SEGMENTS_MAX = 8;

export interface OpenedSegments {
  readonly list: SegmentList;
  readonly active: ActiveSegment;
  readonly producers: readonly (readonly [string, ProducerMark])[];
  /** A segment that has just been sealed. */
  readonly toSealed: (segmentId: string, summary: SealedSummary, indexBytes: number) => KnownSealed;
  /** Reports a block that cannot be unpacked, once. */
  readonly onDamage: OnDamage;
}

/** @throws StoreError `newer-format`; the operating system's errors */
export async function openSegments(options: OpenSegmentOptions & { packer: Packer }): Promise<OpenedSegments> {
  const { folder, files, reporter, packer } = options;
  const found = sortFiles(await files.list(folder));
  for (const name of found.leftovers) await files.remove(join(folder, name));
  const onDamage = damageReport(reporter);
  const toSealed = sealedSegmentsOf(folder, files, onDamage);
  const replace = (path: string, bytes: Uint8Array | string) => files.replace(path, bytes);
  const older = await openOlder({ folder, files, replace, packer, reporter }, found, toSealed, options.blockBytes);
  try {
    const ids = new Set([...found.sealedIds, ...found.rotatedIds]);
    const { producers, ...active } = await openActiveSegment(options, (segmentId) => ids.has(segmentId));
    const list = new SegmentList({ ...older, active: active.segment });
    return { list, active, producers, toSealed, onDamage };
  } catch (error) {
    for (const { segment } of [...older.sealed, ...older.rotated]) await segment.close();
    throw error;
  }
}

export interface SegmentFiles {
  readonly sealedIds: readonly string[];
  /** Without those that are sealed too. */
  readonly rotatedIds: readonly string[];
  /** Names of files that a crash left and nobody needs. */
  readonly leftovers: readonly string[];
}

/** What the names in a data folder say of its segments. */
export function sortFiles(names: readonly string[]): SegmentFiles {
  const byKind = { rotated: new Set<string>(), sealed: new Set<string>(), index: new Set<string>() };
  const leftovers: string[] = [];
  for (const name of names) {
    const file = segmentFileOf(name);
    if (file?.kind === 'unfinished') leftovers.push(name);
    else if (file) byKind[file.kind].add(file.segmentId);
  }
  const { rotated, sealed, index } = byKind;
  // Sealed, and the program ended before the plain text was deleted.
  leftovers.push(...[...rotated].filter((id) => sealed.has(id)).map(rotatedName));
  leftovers.push(...[...index].filter((id) => !sealed.has(id) && !rotated.has(id)).map(segmentIndexName));
  return { sealedIds: [...sealed], rotatedIds: [...rotated].filter((id) => !sealed.has(id)), leftovers };
}

type ToSealed = (segmentId: string, summary: SealedSummary, indexBytes: number, index?: Buffer) => KnownSealed;

export function sealedSegmentsOf(folder: string, files: OpenSealedOptions['files'], onDamage: OnDamage): ToSealed {
  const recent = new RecentSegments(RECENT_SEGMENTS_MAX);
  return (segmentId, summary, indexBytes, index) => {
    const path = join(folder, sealedName(segmentId));
    const readIndex = async () => index ?? files.read(join(folder, segmentIndexName(segmentId)));
    const segment = new SealedSegment({ segmentId, summary, path, index, readIndex, onDamage, recent });
    return { segment, bytes: summary.packedBytes + indexBytes };
  };
}

/** Sealed and rotated segments, each oldest first. */
export async function openOlder(
  options: OpenSealedOptions,
  { sealedIds, rotatedIds }: SegmentFiles,
  toSealed: ToSealed,
  blockBytes: number,
): Promise<{ sealed: KnownSealed[]; rotated: RotatedSegment[] }> {
  const { folder, files } = options;
  const sealed: KnownSealed[] = [];
  const rotated: RotatedSegment[] = [];
  try {
    for (const segmentId of sealedIds) {
      const { size } = await stat(join(folder, sealedName(segmentId)));
      const { summary, indexBytes, index } = await openSealedFiles(options, { segmentId, packedBytes: size });
      sealed.push(toSealed(segmentId, summary, indexBytes, index));
    }
    for (const segmentId of rotatedIds) {
      const { segment, bytes } = await openRotatedSegment({ folder, files, blockBytes }, segmentId);
      rotated.push({ segmentId, segment, bytes });
    }
  } catch (error) {
    for (const { segment } of [...sealed, ...rotated]) await segment.close();
    throw error;
  }
  return { sealed: sealed.sort(byAge), rotated: rotated.sort(byAge) };
}

/** Those of another program's ids come first: it was there before. */
function byAge(a: { segment: Segment }, b: { segment: Segment }): number {
  const [first, second] = [a, b].map(({ segment }) => segment.summary.sortedFirstId ?? '');
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

/** Each damaged block is told once. */
export function damageReport(reporter: Reporter): OnDamage {
  const told = new Set<string>();
  return (path, { offset, count }) => {
    const key = `${path} ${offset}`;
    if (told.has(key)) return;
    told.add(key);
    const message = `${path} is damaged: a block of ${count} entries cannot be unpacked and is passed over; check the disk`;
    reporter({ severity: 'error', event: 'segment-damaged', message });
  };
}
