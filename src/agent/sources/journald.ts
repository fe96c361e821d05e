/**
 * `journald`: the system's journal, read with journalctl from cursor to cursor. When journalctl ends, it is started again
 * behind the last entry that was handed over.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { parseJournalLine } from '../../decode/journal.ts';
import { createLineDecoder } from '../../decode/lines.ts';
import type { Level } from '../../entry/level.ts';
import { createBackoff } from '../../system/backoff.ts';
import { hasCode } from '../../system/files.ts';
import { positionsOnly, slices } from '../chunk.ts';
import { type ChunkWriter, createChunkWriter } from '../chunk-writer.ts';
import { cutText } from '../cut-text.ts';
import type { Source, SourceContext, SourceEnd } from '../source.ts';

export interface JournaldOptions {
  /** Where a journal never read before begins. */
  readonly from: 'start' | 'end';
  /** Without it the machine's name. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  /** A longer message is cut and marked. */
  readonly lineBytesMax: number;
  /** The program to run. */
  readonly journalctl?: string | undefined;
}

const POSITION_KEY = 'journald:cursor';
/** A line of JSON: a message in byte numbers takes four times its size. Beyond: the entry is lost, and told. */
const JSON_BYTES_MAX = 16 * 1024 * 1024;
const RESTART_FIRST_MS = 1_000;
const RESTART_MS_MAX = 60_000;
const STDERR_LENGTH_MAX = 1_000;

type JournalctlEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly told: string; readonly entryCount: number }
  | { readonly kind: 'missing' };

export function journaldSource(options: JournaldOptions): Source {
  const clientId = options.clientId ?? hostname();
  return { name: 'journald', clientId, run: (context) => readJournal({ ...options, clientId }, context) };
}

async function readJournal(
  options: JournaldOptions & { readonly clientId: string },
  context: SourceContext,
): Promise<SourceEnd> {
  const { stop, once: isOnce, clock, reporter, positionsLost } = context;
  const { clientId, levels, journalctl = 'journalctl' } = options;
  const writer = createChunkWriter({ clientId, source: 'journald', levels });
  const backoff = createBackoff({ firstMs: RESTART_FIRST_MS, maxMs: RESTART_MS_MAX });
  const run = (args: readonly string[], keepsEntries: boolean) =>
    runJournalctl(journalctl, args, { writer, context, lineBytesMax: options.lineBytesMax, keepsEntries });

  while (!stop.aborted) {
    const cursor = storedCursor(context);
    const fromEnd = options.from === 'end' || positionsLost;
    if (cursor === undefined && fromEnd) {
      // The newest entry's cursor alone: from there on nothing is missed.
      const end = await run(['--lines=1'], false);
      if (end.kind === 'missing') return missing(journalctl);
    }
    const known = storedCursor(context);
    const where = known === undefined ? ['--no-tail'] : [`--after-cursor=${known}`];
    const end = await run([...where, ...(isOnce ? [] : ['--follow'])], true);
    if (end.kind === 'missing') return missing(journalctl);
    if (end.kind === 'stopped') break;
    if (end.exitCode === 0 && isOnce) break;
    if (/seek to cursor/i.test(end.told) && known !== undefined) {
      const message = `the place in the journal is not known any more (${end.told}): it is read on from its end, entries in between are missing`;
      reporter({ severity: 'warning', event: 'cursor-lost', message });
      context.lost({ what: message, lines: undefined });
      await context.put(positionsOnly({ [POSITION_KEY]: null }));
      await run(['--lines=1'], false);
      continue;
    }
    if (isOnce) return { kind: 'unusable', reason: `${journalctl} ended with code ${end.exitCode}: ${end.told}` };
    if (end.entryCount > 0) backoff.reset();
    reporter({
      severity: 'warning',
      event: 'journalctl-ended',
      message: `${journalctl} ended with code ${end.exitCode}${end.told === '' ? '' : ` (${end.told})`}: it is started again`,
    });
    await clock.sleep(backoff.nextMs(), stop);
  }
  return { kind: 'ended' };
}

function storedCursor({ positions }: SourceContext): string | undefined {
  const cursor = positions.get(POSITION_KEY)?.cursor;
  return typeof cursor === 'string' ? cursor : undefined;
}

function missing(journalctl: string): SourceEnd {
  return {
    kind: 'unusable',
    reason: `cannot run ${journalctl}: there is no such program. Name it with --journalctl FILE, or read files with --source syslog`,
  };
}

interface Reading {
  readonly writer: ChunkWriter;
  readonly context: SourceContext;
  readonly lineBytesMax: number;
  /** False: only the cursor of what comes is wanted. */
  readonly keepsEntries: boolean;
}

async function runJournalctl(program: string, args: readonly string[], reading: Reading): Promise<JournalctlEnd> {
  const { stop } = reading.context;
  const child = spawn(program, ['--output=json', '--all', '--no-pager', '--quiet', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = once(child, 'close').then(
    ([exitCode]) => ({ exitCode: typeof exitCode === 'number' ? exitCode : null }),
    (error: unknown) => ({ error }),
  );
  const onStop = () => child.kill();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    let told = '';
    child.stderr.on('data', (bytes: Buffer) => {
      told = (told + bytes.toString()).slice(0, STDERR_LENGTH_MAX);
    });
    const entryCount = await readEntries(child, reading);
    const end = await ended;
    if (stop.aborted) return { kind: 'stopped' };
    if ('error' in end) {
      if (hasCode(end.error, 'ENOENT', 'EACCES')) return { kind: 'missing' };
      throw end.error;
    }
    return { kind: 'ended', exitCode: end.exitCode, told: told.trim().replaceAll('\n', '; '), entryCount };
  } finally {
    stop.removeEventListener('abort', onStop);
    child.kill();
  }
}

async function readEntries(child: ChildProcess, reading: Reading): Promise<number> {
  const { writer, context, lineBytesMax, keepsEntries } = reading;
  const decoder = createLineDecoder({ encoding: 'utf8', lineBytesMax: JSON_BYTES_MAX, atStart: true });
  let cursor: string | undefined;
  let entryCount = 0;
  let cutCount = 0;
  const onLine = (line: string) => {
    const entry = parseJournalLine(line);
    if (!entry) return;
    cursor = entry.cursor;
    if (!keepsEntries) return;
    entryCount++;
    const message = cutText(entry.message, lineBytesMax);
    if (message !== entry.message) cutCount++;
    writer.add({ level: entry.level, timeMs: entry.timeMs ?? context.clock.nowMs(), message, fields: entry.fields });
  };
  const handOver = async () => {
    if (cursor === undefined) return;
    if (cutCount > 0) {
      context.lost({ what: `${cutCount} entries of the journal longer than ${lineBytesMax} bytes were cut`, lines: 0 });
    }
    cutCount = 0;
    await context.put(writer.take({ [POSITION_KEY]: { cursor } }));
  };
  for await (const bytes of child.stdout ?? []) {
    for (const slice of slices(bytes as Buffer, context.chunkBytesMax)) {
      decoder.feed(slice, onLine);
      if (writer.bytes >= context.chunkBytesMax) await handOver();
    }
    await handOver();
    if (context.stop.aborted) break;
  }
  if (decoder.counts.cutLines > 0) {
    const lines = decoder.counts.cutLines;
    context.lost({ what: `${lines} entries of the journal larger than ${JSON_BYTES_MAX} bytes are missing`, lines });
  }
  return entryCount;
}
