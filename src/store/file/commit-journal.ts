/**
 * The form of the commit journal: which bytes of the active segment are whole batches, and whose.
 *
 *   logd commits 2
 *   {"covered":…,"segment":…,"isClean":…,"producers":n}     the checkpoint: what held when the journal was written
 *   [producer, sequence, bodyHash, firstId, lastId]         n times
 *   {"at":…,"synced":…,"batches":[[length, crc], [length, crc, producer, sequence, bodyHash, firstId, lastId], …],"text":…}
 *                                                           one per flush, written together with its text; of a small
 *                                                           group it has the text too, in Base64
 *   NULs                                                    room for more
 *
 * The checkpoint is put in place whole; the last group may be torn, and then was never answered. A record that is damaged
 * takes none of the others with it: each is told by its form, and a group says where its text begins.
 */
import type { ProducerMark } from '../producers.ts';
import type { BatchOrigin } from '../store.ts';
import { encodeHeader, encodeRecord, readHeader, salvageRecords } from './record.ts';

const KIND = 'commits';
const VERSION = 2;
/** Without texts and NULs. */
const VERSION_OLDEST = 1;

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
  /** The batches' text, when it is flushed with this record alone. As read: only where it may be needed. */
  readonly text?: Uint8Array | undefined;
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
  | {
      readonly kind: 'read';
      readonly checkpoint: Checkpoint;
      /** Where one does not begin at the end of the one before, what is between them is no longer described. */
      readonly groups: readonly Group[];
      /** Records that were written as a whole and are damaged. */
      readonly damagedCount: number;
      /** The text behind the last group may have been described by such a record. */
      readonly isEndDamaged: boolean;
    }
  /** Neither the whole checkpoint nor a group can be read: that is no crash, it was damaged by hand. */
  | { readonly kind: 'damaged'; readonly producers: readonly (readonly [string, ProducerMark])[] }
  | { readonly kind: 'newer'; readonly version: number };

export function encodeCheckpoint({ covered, segment, isClean, producers }: Checkpoint): string {
  const parts = [encodeHeader(KIND, VERSION), encodeRecord({ covered, segment, isClean, producers: producers.length })];
  for (const [producer, { sequence, bodyHash, firstId, lastId }] of producers) {
    parts.push(encodeRecord([producer, sequence, bodyHash, firstId ?? null, lastId ?? null]));
  }
  return parts.join('');
}

export function encodeGroup({ at, synced, segment, batches, text }: Group): string {
  return encodeRecord({
    at,
    synced,
    segment,
    batches: batches.map(({ length, crc, origin, firstId, lastId }) =>
      origin
        ? [length, crc, origin.producer, origin.sequence, origin.bodyHash, firstId ?? null, lastId ?? null]
        : [length, crc],
    ),
    text: text && Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('base64'),
  });
}

export function decodeJournal(file: Buffer): JournalRead {
  const bytes = withoutRoom(file);
  const header = readHeader(bytes, KIND, VERSION, VERSION_OLDEST);
  if (header.kind === 'newer') return header;
  const producers: [string, ProducerMark][] = [];
  const groups: Group[] = [];
  let head: CheckpointRecord | undefined;
  const salvage = salvageRecords(bytes, header.kind === 'known' ? header.end : 0);
  // Their sums are right, so they are what this program wrote.
  const records = salvage.values as readonly JournalRecord[];
  const synced = records.reduce((most, record) => ('batches' in record ? Math.max(most, record.synced) : most), 0);
  for (const value of records) {
    if ('batches' in value) groups.push(toGroup(value, synced));
    else if ('covered' in value) head = value;
    else producers.push(toProducer(value));
  }
  const [first] = groups;
  const isCheckpointWhole = head !== undefined && producers.length >= head.producers;
  if (!isCheckpointWhole && first === undefined) return { kind: 'damaged', producers };
  const { covered = 0, segment = null, isClean = false } = head ?? { covered: first?.at, segment: first?.segment };
  const { damagedCount, isEndDamaged } = salvage;
  return { kind: 'read', checkpoint: { covered, segment, isClean, producers }, groups, damagedCount, isEndDamaged };
}

/** No record ends in a NUL. */
function withoutRoom(file: Buffer): Buffer {
  let end = file.length;
  while (end > 0 && file[end - 1] === 0) end--;
  return file.subarray(0, end);
}

type JournalRecord = CheckpointRecord | ProducerRecord | GroupRecord;

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
  readonly text?: string;
  readonly batches: readonly (
    | readonly [number, number]
    | readonly [number, number, string, number, string, string | null, string | null]
  )[];
}

function toProducer([producer, sequence, bodyHash, firstId, lastId]: ProducerRecord): [string, ProducerMark] {
  return [producer, { sequence, bodyHash, firstId: firstId ?? undefined, lastId: lastId ?? undefined }];
}

/** @param syncedByNow bytes of the active segment that were synced in the end: their text is no longer needed */
function toGroup({ at, synced, segment, batches, text }: GroupRecord, syncedByNow: number): Group {
  return {
    at,
    synced,
    segment,
    text: text === undefined || at < syncedByNow ? undefined : Buffer.from(text, 'base64'),
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
