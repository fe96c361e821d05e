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
import type { Reporter } from '../../system/reporter.ts';
import { positionsOnly, slices } from '../chunk.ts';
import { type ChunkWriter, createChunkWriter } from '../chunk-writer.ts';
import { cutText } from '../cut-text.ts';
import { type Source, type SourceContext, type SourceEnd, tellFollowing } from '../source.ts';

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
  /** Under which its place is kept, another one for each who reads it. */
  readonly positionKey?: string | undefined;
  /** What else can be done where there is no journalctl. */
  readonly otherwise?: string | undefined;
}

/** A line of JSON: a message in byte numbers takes four times its size. Beyond: the entry is lost, and told. */
const JSON_BYTES_MAX = 16 * 1024 * 1024;
const RESTART_FIRST_MS = 1_000;
const RESTART_MS_MAX = 60_000;
const STDERR_LENGTH_MAX = 1_000;

interface JournalctlEnded {
  readonly kind: 'ended';
  readonly exitCode: number | null;
  readonly told: string;
  readonly entryCount: number;
}

type JournalctlEnd = { readonly kind: 'stopped' } | { readonly kind: 'missing' } | JournalctlEnded;

export function journaldSource(options: JournaldOptions): Source {
  const clientId = options.clientId ?? hostname();
  return { name: 'journald', clientId, run: (context) => readJournal({ ...options, clientId }, context) };
}

async function readJournal(
  options: JournaldOptions & { readonly clientId: string },
  context: SourceContext,
): Promise<SourceEnd> {
  const { stop, once: isOnce, clock, reporter, positionsLost } = context;
  const { clientId, levels, journalctl = 'journalctl', positionKey = 'journald:cursor' } = options;
  const writer = createChunkWriter({ clientId, source: 'journald', levels });
  const backoff = createBackoff({ firstMs: RESTART_FIRST_MS, maxMs: RESTART_MS_MAX });
  const run = (args: readonly string[], keeps: Keeps) =>
    runJournalctl(journalctl, args, { writer, context, lineBytesMax: options.lineBytesMax, keeps, positionKey });
  const storedCursor = () => {
    const cursor = context.positions.get(positionKey)?.cursor;
    return typeof cursor === 'string' ? cursor : undefined;
  };

  const fromEnd = storedCursor() === undefined && (options.from === 'end' || positionsLost);
  // The newest entry: from its cursor on nothing is missed.
  const newest = await run(['--lines=1'], fromEnd ? 'cursors' : 'nothing');
  if (newest.kind === 'missing') return missing(options, journalctl);
  tellFollowing(context, ['the journal'], clientId);
  if (newest.kind === 'ended') tellRights(newest, reporter);

  while (!stop.aborted) {
    const known = storedCursor();
    // What is there first, without --follow: that shows entries of this boot alone (systemd 250 and later).
    let end = await run(['--quiet', ...behind(known)], 'entries');
    const hasEnded = isOnce || end.kind !== 'ended' || end.exitCode !== 0;
    if (!hasEnded) end = await run(['--quiet', ...behind(storedCursor()), '--follow'], 'entries');
    if (end.kind === 'missing') return missing(options, journalctl);
    if (end.kind === 'stopped') break;
    if (end.exitCode === 0 && isOnce) break;
    if (/seek to cursor/i.test(end.told) && known !== undefined) {
      const message = `the place in the journal is not known any more (${end.told}): it is read on from its end, entries in between are missing`;
      reporter({ severity: 'warning', event: 'cursor-lost', message });
      context.lost({ what: message, lines: undefined });
      await context.put(positionsOnly({ [positionKey]: null }));
      await run(['--quiet', '--lines=1'], 'cursors');
      continue;
    }
    const ended = `${journalctl} ${howEnded(end)}${end.told === '' ? '' : ` (${end.told}${wayOut(end.told)})`}`;
    if (isOnce) return { kind: 'unusable', reason: ended };
    if (end.entryCount > 0) backoff.reset();
    reporter({ severity: 'warning', event: 'journalctl-ended', message: `${ended}: it is started again` });
    await clock.sleep(backoff.nextMs(), stop);
  }
  return { kind: 'ended' };
}

/** All behind that entry, oldest first; `--follow` alone would begin with the last ten. */
function behind(cursor: string | undefined): string[] {
  return ['--no-tail', ...(cursor === undefined ? [] : [`--after-cursor=${cursor}`])];
}

/** A user who may read only some of the journal gets only that, without an error. */
function tellRights({ exitCode, told, entryCount }: JournalctlEnded, reporter: Reporter): void {
  if (exitCode !== 0) return;
  if (told !== '') {
    const message = `journalctl says: ${told}${wayOut(told)}`;
    reporter({ severity: 'warning', event: 'journal-rights', message });
  } else if (entryCount === 0) {
    const message = `the journal has no entry that can be read here: is systemd-journald running, and may this user read its journal?${RIGHTS}`;
    reporter({ severity: 'warning', event: 'journal-empty', message });
  }
}

const RIGHTS = ' Members of the group systemd-journal (on Debian also adm) may read all of it';

function wayOut(told: string): string {
  return /permission|not seeing/i.test(told) && !told.includes('systemd-journal') ? RIGHTS : '';
}

function howEnded({ exitCode }: JournalctlEnded): string {
  return exitCode === null ? 'was ended by a signal' : `ended with code ${exitCode}`;
}

function missing({ otherwise = 'read files with --source syslog' }: JournaldOptions, journalctl: string): SourceEnd {
  return {
    kind: 'unusable',
    reason: `cannot run ${journalctl}: there is no such program. Name it with --journalctl FILE, or ${otherwise}`,
  };
}

type Keeps =
  | 'entries'
  /** What comes is passed over. */
  | 'cursors'
  | 'nothing';

interface Reading {
  readonly writer: ChunkWriter;
  readonly context: SourceContext;
  readonly lineBytesMax: number;
  readonly keeps: Keeps;
  readonly positionKey: string;
}

async function runJournalctl(program: string, args: readonly string[], reading: Reading): Promise<JournalctlEnd> {
  const { stop } = reading.context;
  const child = spawn(program, ['--output=json', '--all', '--no-pager', ...args], {
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
  const { writer, context, lineBytesMax, keeps, positionKey } = reading;
  const decoder = createLineDecoder({ encoding: 'utf8', lineBytesMax: JSON_BYTES_MAX, atStart: true });
  let cursor: string | undefined;
  let entryCount = 0;
  let cutCount = 0;
  const onLine = (line: string) => {
    const entry = parseJournalLine(line);
    if (!entry) return;
    entryCount++;
    if (keeps === 'nothing') return;
    cursor = entry.cursor;
    if (keeps === 'cursors') return;
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
    await context.put(writer.take({ [positionKey]: { cursor } }));
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
