/**
 * `logd import` from its files to its last line: all files are looked at first, then imported one after another.
 */
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { ImportFormat } from '../../decode/import/record.ts';
import { CLIENT_ID_LENGTH_MAX } from '../../entry/limits.ts';
import type { Clock } from '../../system/clock.ts';
import { importFile } from './import-file.ts';
import { type ImportInput, openInput } from './input.ts';
import { statesIn, statesOf } from './state-table.ts';
import { ImportStates, type StateTable } from './states.ts';
import { ImportTally } from './tally.ts';
import type { ImportTarget } from './target.ts';

export interface ImportRequest {
  /** `-` is stdin. */
  readonly files: readonly string[];
  readonly format: ImportFormat | undefined;
  readonly clientId: string | undefined;
  /** A state file, `beside` each file, or none. */
  readonly states: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'beside' | 'none' };
  readonly openTarget: () => Promise<ImportTarget>;
  readonly stdin: Readable;
  readonly clock: Clock;
  /** Told of the figures as soon as there are some, to show them while they change. */
  readonly onBegin: (tally: ImportTally) => void;
  readonly stop: AbortSignal;
}

export interface ImportEnd {
  readonly summary: string;
  readonly isFruitless: boolean;
}

/** @throws CommandError, StoreError, ApiError; what `stop` says when it aborts */
export async function runImport(request: ImportRequest): Promise<ImportEnd> {
  const { files, format, clientId, openTarget, stdin, clock, onBegin, stop } = request;
  const inputs: { input: ImportInput; table: StateTable }[] = [];
  const tables = new Map<string, StateTable>();
  for (const name of files) {
    const input = await openInput(name, stdin);
    inputs.push({ input, table: await tableFor(input, request, tables) });
  }
  const target = await openTarget();
  try {
    const tally = new ImportTally(inputs.length, totalBytes(inputs.map(({ input }) => input)));
    onBegin(tally);
    const states = new ImportStates(target);
    for (const { input, table } of inputs) {
      await importFile({
        input,
        target,
        format,
        clientId,
        ...plainNames(input),
        states,
        table,
        isTableNamed: request.states.kind === 'file',
        tally,
        nowMs: clock.nowMs(),
        stop,
      });
    }
    states.end();
    return { summary: tally.summary(states.counts), isFruitless: tally.isFruitless };
  } finally {
    await target.close();
  }
}

/** @param tables that have been read, by where they stand: files of one folder share one */
async function tableFor(
  { path }: ImportInput,
  { states }: ImportRequest,
  tables: Map<string, StateTable>,
): Promise<StateTable> {
  if (states.kind === 'none') return new Map();
  if (states.kind === 'beside' && path === undefined) return new Map();
  const where = states.kind === 'file' ? states.path : dirname(path ?? '');
  const known = tables.get(where);
  if (known) return known;
  const table = await (states.kind === 'file' ? statesOf(where) : statesIn(where));
  tables.set(where, table);
  return table;
}

/** Plain lines do not say whose they are: the file's name does, without its endings; of a pipe, the machine's. */
function plainNames({ path }: ImportInput): { plainClientId: string; source: string } {
  if (path === undefined) return { plainClientId: hostname(), source: 'stdin' };
  const source = basename(path);
  const name = source.replace(/\.(gz|zst)$/i, '').replace(/\.(log|txt|json|jsonl|ndjson|out)$/i, '') || source;
  return { plainClientId: name.slice(0, CLIENT_ID_LENGTH_MAX), source: source.slice(0, CLIENT_ID_LENGTH_MAX) };
}

function totalBytes(inputs: readonly ImportInput[]): number | undefined {
  let total = 0;
  for (const { byteCount } of inputs) {
    if (byteCount === undefined) return undefined;
    total += byteCount;
  }
  return total;
}
