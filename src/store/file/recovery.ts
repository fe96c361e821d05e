/**
 * What of the active segment counts after whatever ended the last run: the commit journal and the bytes are compared,
 * and a batch is kept whole or not at all. What was answered is kept; what was not may be cut. Where the journal itself is
 * damaged, nobody knows which bytes were a batch: every whole entry there is kept.
 */
import { crc32 } from 'node:zlib';
import type { Report } from '../../system/reporter.ts';
import type { ProducerMark } from '../producers.ts';
import type { BatchOrigin } from '../store.ts';
import type { BoundedBytes } from './byte-source.ts';
import type { BatchMark, Group, JournalRead } from './commit-journal.ts';
import { readHead, readId } from './head.ts';
import { compareTexts, isTornCopy } from './journal-texts.ts';
import { COMMITS_NAME, LOG_NAME } from './names.ts';
import { type Piece, patchBytes } from './patched-bytes.ts';

export interface Recovered {
  /** Bytes of the active segment that count; what is behind them must be cut. */
  readonly size: number;
  /** What the journal has of them and the segment has not, or otherwise: to be written. */
  readonly missing: readonly Piece[];
  /** The last batch of each producer that is stored, the one quiet for longest first; may name one twice, the later counts. */
  readonly producers: readonly (readonly [string, ProducerMark])[];
  readonly reports: readonly Report[];
  /** Why what is behind `size` is cut; undefined: nothing is. */
  readonly cut?: Cut | undefined;
}

export interface Cut {
  readonly byteCount: number;
  readonly reason: string;
  /** It is a write that was torn, and nobody was ever told that it is stored. */
  readonly isTornWrite: boolean;
}

const LF = 0x0a;
const TAB = 0x09;
const NULS = Buffer.alloc(2);
const TAIL_BYTES = 64 * 1024;
/** Where a UUID says its version; this program's ids have 7. */
const VERSION_AT = 14;

/** @param journal undefined: there is none, the text was made by hand or by another program; `newer` must not come here */
export async function recoverLog(log: BoundedBytes, journal: JournalRead | undefined): Promise<Recovered> {
  if (journal?.kind !== 'read') {
    const damaged: Report[] =
      journal === undefined
        ? []
        : [
            {
              severity: 'warning',
              event: 'journal-damaged',
              message: `the commit journal cannot be read and is begun anew: every whole entry of ${LOG_NAME} is kept, a batch sent again by an agent may be stored twice`,
            },
          ];
    return takeWholeEntries(log, journal?.kind === 'damaged' ? journal.producers : [], damaged);
  }
  const { checkpoint, groups } = journal;
  const damaged = damagedReport(journal.damagedCount);
  if (!(await describes(log, journal))) {
    const report = (message: string): Report[] => [...damaged, { severity: 'warning', event: 'log-replaced', message }];
    return takeWholeEntries(
      log,
      checkpoint.producers,
      log.size === 0
        ? report(`${LOG_NAME} is gone or empty though entries were stored: it is begun anew`)
        : report(`${LOG_NAME} is not the file that the commit journal describes: every whole entry of it is taken`),
    );
  }
  if (checkpoint.isClean && groups.length === 0) {
    return takeWholeEntries(log, checkpoint.producers, [...damaged, ...shortReport(log.size, checkpoint.covered)]);
  }
  const confirmed = Math.max(checkpoint.covered, groups.at(-1)?.synced ?? 0);
  const { missing, known } = await compareTexts(log, groups, confirmed);
  const verified = await verifyGroups(patchBytes(log, missing), journal, { known, confirmed, foundSize: log.size });
  return { ...verified, missing, reports: [...damaged, ...restoredReport(missing), ...verified.reports] };
}

/** Whether the journal is about this file and not another of its name. */
async function describes(log: BoundedBytes, journal: JournalRead & { kind: 'read' }): Promise<boolean> {
  const { checkpoint, groups } = journal;
  const first = await log.read(0, TAIL_BYTES);
  const segment = segmentOf(journal);
  if (segment === undefined) {
    // The record that names the segment may be the damaged one: then the text tells.
    for (const { at, batches } of groups.slice(0, 1)) {
      const [batch] = batches;
      if (batch && batch.length > 0 && (await stateOf(log, at, batch)) === 'whole') return true;
    }
    // Nothing was ever committed: what stands there is torn, unless another program made it.
    const head = readHead(first, 0);
    return head === undefined || readId(first, head.idAt)[VERSION_AT] === '7';
  }
  const firstGroup = groups.find(({ batches }) => sumOf(batches) > 0);
  // A text that the journal has need not have reached the segment, whatever came after it.
  const isInJournal = firstGroup?.text && firstGroup.at === 0 && isTornCopy(first, firstGroup.text);
  const isCommitted = checkpoint.covered > 0 || (groups.length > 1 && !isInJournal);
  if (log.size === 0) return !isCommitted;
  const head = readHead(first, 0);
  // A first group may be torn in its first line; a text that was covered may not.
  return head === undefined ? !isCommitted : readId(first, head.idAt) === segment;
}

/** What is known beforehand. */
interface Compared {
  /** Groups whose text is what the journal has. */
  readonly known: ReadonlySet<Group>;
  /** Bytes that were synced. */
  readonly confirmed: number;
  /** Bytes of the segment without what is missing of it. */
  readonly foundSize: number;
}

async function verifyGroups(
  log: BoundedBytes,
  journal: JournalRead & { kind: 'read' },
  { known: knownGroups, confirmed, foundSize }: Compared,
): Promise<Omit<Recovered, 'missing'>> {
  const { checkpoint, groups, damagedCount, isEndDamaged } = journal;
  const lastGroup = groups.at(-1);
  const keep = (trusted: number) => keepWholeBatches(log, { checkpoint, groups, knownGroups, trusted });
  let kept = await keep(confirmed);
  if (foundSize < confirmed || !(await endsWithLine(log, kept.size))) {
    // What was synced is damaged, which no crash does: every batch is looked at.
    kept = await keep(checkpoint.covered);
  }
  const known = lastGroup ? lastGroup.at + sumOf(lastGroup.batches) : checkpoint.covered;
  let { size } = kept;
  if (isEndDamaged) size = Math.max(size, await wholeEntriesEnd(log, log.size));
  if (log.size < size || !(await endsWithLine(log, size))) size = await wholeEntriesEnd(log, Math.min(size, log.size));
  const reason =
    size < known ? 'the last write was interrupted' : 'they were written and never confirmed when the program ended';
  const isTornWrite = size >= confirmed && damagedCount === 0;
  return {
    size,
    producers: [...checkpoint.producers, ...kept.producers],
    reports: [...damagedTextReport(kept.damagedBytes), ...shortReport(size, confirmed)],
    cut: log.size > size ? { byteCount: log.size - size, reason, isTornWrite } : undefined,
  };
}

/** The batches in front of the first that is torn, with those that were damaged after they had been written. Up to `trusted` nothing is read. */
async function keepWholeBatches(
  log: BoundedBytes,
  {
    checkpoint,
    groups,
    knownGroups,
    trusted,
  }: Pick<JournalRead & { kind: 'read' }, 'checkpoint' | 'groups'> & {
    readonly knownGroups: ReadonlySet<Group>;
    readonly trusted: number;
  },
): Promise<{ size: number; producers: [string, ProducerMark][]; damagedBytes: number }> {
  let size = checkpoint.covered;
  let damagedBytes = 0;
  const producers: [string, ProducerMark][] = [];
  for (const group of groups) {
    if (group.at < size) break;
    // What the lost records described stays: a group is written only when all before it has succeeded.
    size = group.at;
    for (const batch of group.batches) {
      const end = size + batch.length;
      if (end > trusted && !knownGroups.has(group)) {
        const state = await stateOf(log, size, batch);
        if (state === 'torn') return { size, producers, damagedBytes };
        if (state === 'damaged') damagedBytes += batch.length;
      }
      size = end;
      if (batch.origin) producers.push([batch.origin.producer, markOf(batch, batch.origin)]);
    }
  }
  return { size, producers, damagedBytes };
}

/** First id of the segment that a journal is about; undefined: it was empty, or its record is damaged. */
export function segmentOf({ checkpoint, groups }: JournalRead & { kind: 'read' }): string | undefined {
  // A batch without entries names none.
  return checkpoint.segment ?? groups.find(({ segment }) => segment !== undefined)?.segment;
}

/** The producers' marks in a journal's groups, all of which count. */
export function marksOf({ groups }: JournalRead & { kind: 'read' }): [string, ProducerMark][] {
  return groups.flatMap(({ batches }) =>
    batches.flatMap((batch): [string, ProducerMark][] =>
      batch.origin ? [[batch.origin.producer, markOf(batch, batch.origin)]] : [],
    ),
  );
}

function markOf({ firstId, lastId }: BatchMark, { sequence, bodyHash }: BatchOrigin): ProducerMark {
  return { sequence, bodyHash, firstId, lastId };
}

/**
 * A torn write ends early, or holds NULs where a page of it never reached the disk; no entry does. Other bytes that are
 * not what the journal says were whole once, and may have been answered.
 */
async function stateOf(
  log: BoundedBytes,
  at: number,
  { length, crc }: BatchMark,
): Promise<'whole' | 'damaged' | 'torn'> {
  if (at + length > log.size) return 'torn';
  const bytes = await log.read(at, length);
  if (crc32(bytes) === crc) return 'whole';
  return bytes.at(-1) === LF && !bytes.includes(NULS) ? 'damaged' : 'torn';
}

async function endsWithLine(log: BoundedBytes, size: number): Promise<boolean> {
  if (size === 0) return true;
  if (size > log.size) return false;
  return (await log.read(size - 1, 1))[0] === LF;
}

async function takeWholeEntries(
  log: BoundedBytes,
  producers: Recovered['producers'],
  reports: readonly Report[],
): Promise<Recovered> {
  const size = await wholeEntriesEnd(log, log.size);
  const reason = 'they hold no whole entry (a line without its end, or damage)';
  const cut = log.size > size ? { byteCount: log.size - size, reason, isTornWrite: false } : undefined;
  return { size, missing: [], producers, reports, cut };
}

/** The end of the last entry whose last line is whole. */
async function wholeEntriesEnd(log: BoundedBytes, size: number): Promise<number> {
  const end = await lineEndBefore(log, size);
  if (end === size || end === 0) return end;
  const [next] = await log.read(end, 1);
  if (next !== TAB) return end;
  // The torn line goes on with the entry before it, which is torn too: back to where that begins.
  for (let lineEnd = end; lineEnd > 0; ) {
    const lineStart = await lineEndBefore(log, lineEnd - 1);
    if (readHead(await log.read(lineStart, Math.min(TAIL_BYTES, end - lineStart)), 0)) return lineStart;
    lineEnd = lineStart;
  }
  return 0;
}

/** The offset behind the last line break among the first `size` bytes; 0 without one. */
async function lineEndBefore(log: BoundedBytes, size: number): Promise<number> {
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - TAIL_BYTES);
    const found = (await log.read(from, to - from)).lastIndexOf(LF);
    if (found !== -1) return from + found + 1;
    to = from;
  }
  return 0;
}

function sumOf(batches: readonly BatchMark[]): number {
  return batches.reduce((sum, { length }) => sum + length, 0);
}

function shortReport(size: number, known: number): Report[] {
  if (size >= known) return [];
  return [
    {
      severity: 'error',
      event: 'log-short',
      message: `${LOG_NAME} was damaged from outside: ${known - size} bytes of stored entries are missing at its end; what is whole is kept`,
    },
  ];
}

function restoredReport(missing: readonly Piece[]): Report[] {
  if (missing.length === 0) return [];
  const byteCount = missing.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return [
    {
      severity: 'warning',
      event: 'log-restored',
      message: `${LOG_NAME} is torn, as after a power loss, or was damaged from outside: ${byteCount} bytes of stored entries are written again from the commit journal, none is lost`,
    },
  ];
}

function damagedTextReport(byteCount: number): Report[] {
  if (byteCount === 0) return [];
  return [
    {
      severity: 'error',
      event: 'log-damaged',
      message: `${LOG_NAME} was damaged from outside: batches of ${byteCount} bytes are not what was stored; they are kept as they are, check the disk`,
    },
  ];
}

function damagedReport(damagedCount: number): Report[] {
  if (damagedCount === 0) return [];
  return [
    {
      severity: 'warning',
      event: 'journal-damaged',
      message: `${COMMITS_NAME} is damaged (lines that cannot be read: ${damagedCount}) and is begun anew: the entries they describe are kept, a batch of theirs sent again by an agent may be stored twice`,
    },
  ];
}
