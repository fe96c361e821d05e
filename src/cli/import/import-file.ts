/**
 * One file into the target: read, cut into batches, stored one after another while the next are made.
 */
import { createHash } from 'node:crypto';
import { nanoid } from 'nanoid';
import { FileReader } from '../../decode/import/file-reader.ts';
import type { PlainEntry } from '../../decode/import/plain-entries.ts';
import type { ImportFormat } from '../../decode/import/record.ts';
import { ID_LENGTH } from '../../entry/id.ts';
import { createEvent } from '../../system/event.ts';
import { BATCH_FORM, BatchBuilder, type ImportBatch } from './batches.ts';
import type { ImportInput } from './input.ts';
import type { ImportStates, StateTable } from './states.ts';
import type { ImportTally } from './tally.ts';
import type { ImportTarget } from './target.ts';

export interface FileImport {
  readonly input: ImportInput;
  readonly target: ImportTarget;
  /** Undefined: told by the first lines. */
  readonly format: ImportFormat | undefined;
  readonly clientId: string | undefined;
  readonly plainClientId: string;
  readonly source: string;
  readonly states: ImportStates;
  readonly table: StateTable;
  /** The states were named; those that only stand beside the file are an app.log's. */
  readonly isTableNamed: boolean;
  readonly tally: ImportTally;
  readonly nowMs: number;
  readonly stop: AbortSignal;
}

/** Batches that wait while one is stored. Beyond: nothing more is read. */
const WAITING_MAX = 2;
const NO_STATES: StateTable = new Map();

/** @throws CommandError, StoreError, ApiError; what the signal says when it aborts */
export async function importFile(options: FileImport): Promise<void> {
  const { input, target, states, table, tally, stop } = options;
  const fingerprint = await input.fingerprint((byteCount) => tally.checking(byteCount), stop);
  stop.throwIfAborted();
  const waiting: ImportBatch[] = [];
  const moved = createEvent();
  const failed = new AbortController();
  let isSending = false;

  const batches = new BatchBuilder((batch) => {
    waiting.push(batch);
    if (!isSending) void send();
  });
  const reader = new FileReader({
    ...options,
    listener: {
      onRecord: (record) => batches.add(record, states.wantedOf(record, tableNow())),
      onPlainEntry(entry, line) {
        if (table.size > 0 && table.has(oldIdOf(entry))) return false;
        batches.addPlain(entry, line);
        return true;
      },
      onBadLine: (line, reason) => tally.notUnderstood(input.name, line, reason),
    },
  });
  const tableNow = () => (options.isTableNamed || reader.format === 'text' ? table : NO_STATES);
  let producer: string | undefined;

  async function send(): Promise<void> {
    isSending = true;
    try {
      producer ??= producerOf(fingerprint, reader.format, options);
      for (let batch = waiting[0]; batch && !stop.aborted; batch = waiting[0]) {
        const outcome = await target.store(producer, batch);
        tally.stored(input.name, batch, outcome);
        await states.stored(batch.states);
        waiting.shift();
        moved.fire();
      }
    } catch (error) {
      failed.abort(error);
    }
    isSending = false;
    moved.fire();
  }

  async function room(waitingMax: number): Promise<void> {
    while (isSending && waiting.length > waitingMax) await moved.wait();
    failed.signal.throwIfAborted();
    stop.throwIfAborted();
  }

  for await (const piece of input.read((byteCount) => tally.read(byteCount), stop)) {
    reader.feed(piece);
    await room(WAITING_MAX);
  }
  stop.throwIfAborted();
  reader.end();
  batches.flush();
  await room(0);
  await states.flush();
  states.expect(tableNow());
  tally.damage(reader.damage);
}

function oldIdOf({ bytes, idAt }: PlainEntry): string {
  return bytes.toString('latin1', idAt, idAt + ID_LENGTH);
}

/**
 * Who numbers the batches: the same for the same content, read in the same way. What comes out of a pipe is never known
 * again.
 */
function producerOf(
  fingerprint: string | undefined,
  format: ImportFormat | undefined,
  { clientId, plainClientId, source }: FileImport,
): string {
  if (fingerprint === undefined) return `import-${nanoid()}`;
  // The names of an app.log stand in it; those of plain lines are given.
  const names = { text: [], jsonl: [clientId], plain: [clientId ?? plainClientId, source] }[format ?? 'plain'];
  const read = JSON.stringify([BATCH_FORM, fingerprint, format, names]);
  return `import-${createHash('sha256').update(read).digest('hex').slice(0, 32)}`;
}
