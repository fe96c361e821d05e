/**
 * The form of the commit journal: which bytes of the active segment are whole batches, and whose.
 *
 *   logd commits 1
 *   {"covered":…,"segment":…,"isClean":…,"producers":n}     the checkpoint: what held when the journal was written
 *   [producer, sequence, bodyHash, firstId, lastId]         n times
 *   {"at":…,"synced":…,"batches":[[length, crc], [length, crc, producer, sequence, bodyHash, firstId, lastId], …]}
 *                                                           one per flush, written together with its text
 *
 * The checkpoint is put in place whole; what follows may be torn, and then was never answered.
 */
import type { ProducerMark } from '../producers.ts';
import type { BatchOrigin } from '../store.ts';
import { encodeHeader, encodeRecord, readHeader, readRecords } from './record.ts';

const KIND = 'commits';
const VERSION = 1;

/** What held when the journal was last rewritten. */
export interface Checkpoint {
  /** Bytes of the active segment that were whole batches, and synced. */
  readonly covered: number;
  /** First id of the active segment: tells it from another file of that name. Null while it is empty. */
  readonly segment: string | null;
  /** The store was closed: what stands behind `covered` was put there by another program. */
  readonly isClean: boolean;
  readonly producers: readonly (readonly [string, ProducerMark])[];
}

/** One flush. */
export interface Group {
  /** Offset of its first byte in the active segment. */
  readonly at: number;
  /** Bytes of the active segment that were synced when this was written. */
  readonly synced: number;
  /** First id of the segment, when the group is its first. */
  readonly segment?: string | undefined;
  readonly batches: readonly BatchMark[];
}

export interface BatchMark {
  /** Bytes. */
  readonly length: number;
  /** CRC-32 of them. */
  readonly crc: number;
  readonly origin?: BatchOrigin | undefined;
  readonly firstId?: string | undefined;
  readonly lastId?: string | undefined;
}

export type JournalRead =
  | { readonly kind: 'read'; readonly checkpoint: Checkpoint; readonly groups: readonly Group[] }
  /** The checkpoint cannot be read or is not whole: that is no crash, it was damaged by hand. */
  | { readonly kind: 'damaged'; readonly producers: readonly (readonly [string, ProducerMark])[] }
  | { readonly kind: 'newer'; readonly version: number };

export function encodeCheckpoint({ covered, segment, isClean, producers }: Checkpoint): string {
  const parts = [encodeHeader(KIND, VERSION), encodeRecord({ covered, segment, isClean, producers: producers.length })];
  for (const [producer, { sequence, bodyHash, firstId, lastId }] of producers) {
    parts.push(encodeRecord([producer, sequence, bodyHash, firstId ?? null, lastId ?? null]));
  }
  return parts.join('');
}

export function encodeGroup({ at, synced, segment, batches }: Group): string {
  return encodeRecord({
    at,
    synced,
    segment,
    batches: batches.map(({ length, crc, origin, firstId, lastId }) =>
      origin
        ? [length, crc, origin.producer, origin.sequence, origin.bodyHash, firstId ?? null, lastId ?? null]
        : [length, crc],
    ),
  });
}

export function decodeJournal(bytes: Buffer): JournalRead {
  const header = readHeader(bytes, KIND, VERSION);
  if (header.kind === 'newer') return header;
  if (header.kind === 'unreadable') return { kind: 'damaged', producers: [] };
  const producers: [string, ProducerMark][] = [];
  const groups: Group[] = [];
  let head: CheckpointRecord | undefined;
  for (const { value } of readRecords(bytes, header.end)) {
    if (head === undefined) head = value as CheckpointRecord;
    else if (producers.length < head.producers) producers.push(toProducer(value as ProducerRecord));
    else groups.push(toGroup(value as GroupRecord));
  }
  if (head === undefined || producers.length < head.producers) return { kind: 'damaged', producers };
  const { covered, segment, isClean } = head;
  return { kind: 'read', checkpoint: { covered, segment, isClean, producers }, groups };
}

interface CheckpointRecord {
  readonly covered: number;
  readonly segment: string | null;
  readonly isClean: boolean;
  readonly producers: number;
}

type ProducerRecord = readonly [string, number, string, string | null, string | null];

interface GroupRecord {
  readonly at: number;
  readonly synced: number;
  readonly segment?: string;
  readonly batches: readonly (
    | readonly [number, number]
    | readonly [number, number, string, number, string, string | null, string | null]
  )[];
}

function toProducer([producer, sequence, bodyHash, firstId, lastId]: ProducerRecord): [string, ProducerMark] {
  return [producer, { sequence, bodyHash, firstId: firstId ?? undefined, lastId: lastId ?? undefined }];
}

function toGroup({ at, synced, segment, batches }: GroupRecord): Group {
  return {
    at,
    synced,
    segment,
    batches: batches.map(([length, crc, producer, sequence, bodyHash, firstId, lastId]) =>
      producer === undefined || sequence === undefined || bodyHash === undefined
        ? { length, crc }
        : {
            length,
            crc,
            origin: { producer, sequence, bodyHash },
            firstId: firstId ?? undefined,
            lastId: lastId ?? undefined,
          },
    ),
  };
}
