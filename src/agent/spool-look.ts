/**
 * What waits in an agent's state folder, for a person to look at: nothing is changed, and an agent may be running. What
 * goes between listing and reading was sent meanwhile.
 */
import { join } from 'node:path';
import { type Files, hasCode } from '../system/files.ts';
import { holderOf } from '../system/folder-lock.ts';
import { unpackBody } from './batch-file.ts';
import { peekState } from './checkpoint.ts';
import { DROPS_KEY, type DropLedger, type LineCount, readDropLedger, toldBy, untold } from './drop-ledger.ts';
import { HEADERS_AT_ONCE } from './limits.ts';
import { batchesIn, type HeaderOfFile, isDone, type NamedBatch, readBatch, readHeader } from './spool-folder.ts';
import { batchName, LOCK_NAME, statePaths } from './state-files.ts';

export interface FoundBatch {
  readonly sequence: number;
  readonly state: 'waiting' | 'refused' | 'torn' | 'damaged';
  /** Undefined: its header cannot be read. */
  readonly lines: number | undefined;
  readonly bytes: number;
  readonly writtenMs: number;
  /** Why it was refused, or what is damaged. */
  readonly reason: string | undefined;
}

export interface StateLook {
  readonly producer: string | undefined;
  /** Of the agent that runs on it now. */
  readonly agentPid: number | undefined;
  /** Oldest first. */
  readonly batches: readonly FoundBatch[];
  readonly dropped: LineCount & { readonly batches: number; readonly untold: LineCount };
  /** Files of the state that cannot be read. */
  readonly damaged: readonly string[];
  /** Half-written files of a crash. */
  readonly leftovers: readonly string[];
}

type Reading = Pick<Files, 'read' | 'list'>;

/** Undefined: there is no state of an agent. @throws what else the system says */
export async function lookAtState(folder: string, files: Reading): Promise<StateLook | undefined> {
  const listing = await listState(folder, files);
  if (!listing) return undefined;
  const { producer, kept, damaged } = await peekState(folder, files);
  const ledger = await readDropLedger(folder, files);
  const agentPid = (await holderOf(folder, LOCK_NAME))?.pid;
  const refused = new Set(listing.batches.filter(({ state }) => state === 'rejected').map(({ sequence }) => sequence));
  const done = {
    acknowledged: kept?.acknowledged ?? 0,
    dropped: { upTo: ledger?.upTo ?? 0, kept: ledger?.kept ?? 0 },
  };
  // A file that a crash left of a batch that is answered, dropped or set aside.
  const isOver = ({ sequence, state }: NamedBatch) =>
    state === 'batch' && (isDone(sequence, done) || refused.has(sequence));
  const batches: FoundBatch[] = [];
  let told = toldBy(kept?.positions.get(DROPS_KEY)) ?? { lines: 0, notices: 0 };
  for await (const [named, file] of readHeaders(folder, listing.batches)) {
    if (file.ok && named.state === 'batch' && named.sequence > (kept?.sequence ?? 0)) {
      told = toldBy(file.header.positions[DROPS_KEY]) ?? told;
    }
    if (!isOver(named)) batches.push(describe(named, file));
  }
  return {
    producer,
    agentPid,
    batches,
    dropped: countDropped(ledger, told),
    damaged: ledger ? damaged : [...damaged, statePaths(folder).dropped],
    leftovers: agentPid === undefined ? listing.leftovers : [],
  };
}

export interface StateFiles {
  /** Oldest first. */
  readonly batches: readonly NamedBatch[];
  /** Paths of half-written files; while an agent runs they are its own. */
  readonly leftovers: readonly string[];
}

/** Undefined: there is no state of an agent. @throws what else the system says */
export async function listState(folder: string, files: Pick<Files, 'list'>): Promise<StateFiles | undefined> {
  const { spool } = statePaths(folder);
  const outer = await listOrNothing(folder, files);
  const inner = await listOrNothing(spool, files);
  if (!outer?.some((name) => name === 'agent.json' || name === 'checkpoint.json' || name === 'spool')) return undefined;
  const isLeftover = (name: string) => name.endsWith('.new') && !name.startsWith(LOCK_NAME);
  const leftovers = [
    ...outer.filter(isLeftover).map((name) => join(folder, name)),
    ...(inner ?? []).filter(isLeftover).map((name) => join(spool, name)),
  ];
  return { batches: batchesIn(inner ?? []), leftovers };
}

async function listOrNothing(folder: string, files: Pick<Files, 'list'>): Promise<string[] | undefined> {
  try {
    return await files.list(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** What a file is not, for one whose name and header differ; undefined: they agree. */
export function misnamed(named: NamedBatch, sequence: number): string | undefined {
  // One that was refused gets its new number before its new name.
  if (named.state !== 'batch' || named.sequence === sequence) return undefined;
  return `its header is that of batch ${sequence}`;
}

async function* readHeaders(
  folder: string,
  batches: readonly NamedBatch[],
): AsyncGenerator<readonly [NamedBatch, HeaderOfFile]> {
  const { spool } = statePaths(folder);
  for (let at = 0; at < batches.length; at += HEADERS_AT_ONCE) {
    const some = batches.slice(at, at + HEADERS_AT_ONCE);
    const read = await Promise.all(
      some.map(({ sequence, state }) => readHeader(join(spool, batchName(sequence, state)))),
    );
    for (const [index, named] of some.entries()) {
      const file = read[index];
      if (file) yield [named, file];
    }
  }
}

function describe(named: NamedBatch, file: HeaderOfFile): FoundBatch {
  const { bytes, writtenMs } = file;
  const { sequence } = named;
  const fault = file.ok ? misnamed(named, file.header.sequence) : file.reason;
  const lines = file.ok ? file.header.count : undefined;
  if (named.state === 'torn') return { sequence, state: 'torn', lines, bytes, writtenMs, reason: fault };
  if (fault !== undefined) return { sequence, state: 'damaged', lines, bytes, writtenMs, reason: fault };
  const reason = file.ok ? file.header.refused : undefined;
  return { sequence, state: named.state === 'batch' ? 'waiting' : 'refused', lines, bytes, writtenMs, reason };
}

function countDropped(ledger: DropLedger | undefined, told: LineCount): StateLook['dropped'] {
  if (!ledger) return { lines: 0, notices: 0, batches: 0, untold: { lines: 0, notices: 0 } };
  return { ...ledger.dropped, batches: ledger.batches, untold: untold(ledger, told) };
}

export type VerifiedFile =
  | { readonly kind: 'whole'; readonly path: string; readonly lines: number; readonly bytes: number }
  /** Known before: set aside by the agent or by a repair. */
  | { readonly kind: 'torn'; readonly path: string }
  | { readonly kind: 'damaged'; readonly path: string; readonly reason: string };

/** Every file of the state, read to its end. */
export async function* verifyState(folder: string, files: Reading): AsyncGenerator<VerifiedFile> {
  const { damaged } = await peekState(folder, files);
  for (const path of damaged) yield { kind: 'damaged', path, reason: 'it cannot be read as the state of an agent' };
  if (!(await readDropLedger(folder, files))) {
    yield {
      kind: 'damaged',
      path: statePaths(folder).dropped,
      reason: 'it cannot be read as a count of dropped lines',
    };
  }
  for (const named of (await listState(folder, files))?.batches ?? []) {
    const path = join(statePaths(folder).spool, batchName(named.sequence, named.state));
    if (named.state === 'torn') {
      yield { kind: 'torn', path };
      continue;
    }
    const batch = await readBatch(path);
    if (!batch) continue;
    const reason = batch.ok ? misnamed(named, batch.header.sequence) : batch.reason;
    if (!batch.ok || reason !== undefined) yield { kind: 'damaged', path, reason: reason ?? 'it cannot be read' };
    else yield { kind: 'whole', path, lines: batch.header.count, bytes: batch.body.length };
  }
}

export type ShownBatch =
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'shown'; readonly lines: string };

/** The lines of a batch, as they are posted: NDJSON. */
export async function showBatch(folder: string, sequence: number): Promise<ShownBatch> {
  for (const state of ['batch', 'rejected', 'torn'] as const) {
    const batch = await readBatch(join(statePaths(folder).spool, batchName(sequence, state)));
    if (!batch) continue;
    if (!batch.ok) return { kind: 'damaged', reason: batch.reason };
    const body = await unpackBody(batch.header, batch.body);
    return { kind: 'shown', lines: body.toString() };
  }
  return { kind: 'missing' };
}
