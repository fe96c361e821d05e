/** `logd export`: flags → all entries that a query finds, in a form that other programs read. */
import { Command, InvalidArgumentError } from 'commander';
import { ApiError } from '../../api/failure.ts';
import { StoreError } from '../../store/store.ts';
import { realClock } from '../../system/clock.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, signalExitCode, stopSignal } from '../exit.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../export/entry-text.ts';
import { runExport } from '../export/export.ts';
import { type OutputFile, openOutputFile } from '../export/output-file.ts';
import { shown } from '../import/tally.ts';
import { openSearchable } from '../open-searchable.ts';
import { certificateOption, option, serverOption, tokenFileOption } from '../options.ts';
import { createLineWriter } from '../output/line-writer.ts';
import { showProgress } from '../output/progress.ts';
import { parseWanted } from '../wanted.ts';

interface Flags {
  readonly server: string;
  readonly data?: string;
  readonly format?: ExportFormat;
  readonly since?: string;
  readonly until?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const EXAMPLES = `
jsonl is a JSON object per line as the HTTP interface gives it, with pins, tickets and notes: what "logd import" takes back
whole. text is the lines of app.log, without them. csv (RFC 4180) has the fields as JSON in one column; a cell that begins
with = + - @ gets an apostrophe in front, so that no spreadsheet runs it. Deleted entries are left out unless the query asks
for them: 'is:deleted OR -is:deleted' takes all.

Examples:
  logd export > all.jsonl
  logd export 'level>=warning' --since 2026-11-01 --until 2026-12-01 --output november.csv
  logd export --data /var/lib/logd --output backup.jsonl.zst    without a server, packed
  logd export --format text client:web-1 | grep -c timeout`;

export function exportCommand(reporter: Reporter): Command {
  return new Command('export')
    .description('writes all entries that match, oldest first, for other programs and for logd import')
    .argument('[query...]', 'which entries, in the query language (default: all that are not deleted)')
    .addOption(serverOption())
    .addOption(option('--data <folder>', 'straight out of a data folder instead, whether its server runs or not'))
    .addOption(
      option(
        '--format <format>',
        "jsonl, csv or text (default: by the ending of --output's file, else jsonl)",
      ).argParser(parseFormat),
    )
    .addOption(option('--since <time>', 'not before: 10m, 2h, 3d, today, yesterday, ISO 8601'))
    .addOption(option('--until <time>', 'before: in the same forms'))
    .addOption(option('--output <file>', 'a file instead of stdout, there once it is whole; .gz and .zst are packed'))
    .addOption(option('--force', 'overwrite that file'))
    .addOption(tokenFileOption('view'))
    .addOption(certificateOption())
    .addHelpText('after', EXAMPLES)
    .action((words: string[], flags: Flags) => exportEntries(words.join(' '), flags, reporter));
}

async function exportEntries(text: string, flags: Flags, reporter: Reporter): Promise<void> {
  const wanted = parseWanted(text, flags, Date.now());
  const { output: path = '-', force = false } = flags;
  const stop = stopSignal('SIGINT', 'SIGTERM');
  const file = path === '-' ? undefined : await openOutputFile(path, { force });
  const writer = createLineWriter(file?.stream ?? process.stdout);
  const isForTerminal = file === undefined && process.stdout.isTTY;
  let written = 0;
  const startMs = realClock.monotonicMs();
  const progress = showProgress({
    output: process.stderr,
    line: () => progressLine(written, realClock.monotonicMs() - startMs),
    reporter,
    isForTerminalsOnly: true,
    isQuiet: isForTerminal,
  });
  const signal = AbortSignal.any([stop, writer.gone]);
  try {
    const where = await openSearchable(flags, { reporter, signal });
    try {
      const format = flags.format ?? formatOfName(path);
      const onWritten = (count: number) => {
        written = count;
      };
      // A signal need not wait for a page that is long in coming.
      await Promise.race([runExport({ where, wanted, format, writer, isForTerminal, onWritten }), rejectedBy(stop)]);
    } finally {
      await where.close();
    }
    await finish(file, path, written, writer.failure());
    progress.end();
    if (file) process.stdout.write(`${shown(written)} ${written === 1 ? 'entry' : 'entries'} exported to ${path}\n`);
  } catch (error) {
    progress.end();
    // Asked before the file is closed, which looks the same.
    const hasLostReader = writer.gone.aborted && writer.failure() === undefined;
    await file?.discard();
    if (stop.aborted) process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
    else if (hasLostReader) return;
    else if (error instanceof ApiError || error instanceof StoreError) throw notWhole(error.message, written, error);
    else throw error;
  }
}

/** @throws CommandError when what was written did not arrive */
async function finish(
  file: OutputFile | undefined,
  path: string,
  written: number,
  failure: Error | undefined,
): Promise<void> {
  if (failure)
    throw notWhole(`cannot write to ${path === '-' ? 'stdout' : path}: ${failure.message}`, written, failure);
  await file?.finish();
}

function notWhole(message: string, written: number, cause: Error): CommandError {
  return new CommandError(`the export is not whole, it ended after ${shown(written)} entries: ${message}`, undefined, {
    cause,
  });
}

function rejectedBy(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (stop.aborted) reject(stop.reason);
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
}

function progressLine(entryCount: number, elapsedMs: number): string {
  return `${shown(entryCount)} entries  ${shown((entryCount / Math.max(1, elapsedMs)) * 1000)}/s`;
}

const ENDINGS: Readonly<Record<string, ExportFormat>> = { csv: 'csv', log: 'text', txt: 'text' };

function formatOfName(path: string): ExportFormat {
  const ending = /\.([a-z]+)(?:\.(?:gz|zst))?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined) ?? 'jsonl';
}

function parseFormat(word: string): ExportFormat {
  const format = EXPORT_FORMATS.find((known) => known === word.toLowerCase());
  if (format) return format;
  if (word.toLowerCase() === 'ndjson') return 'jsonl';
  throw new InvalidArgumentError(`it must be ${EXPORT_FORMATS.join(', ')}`);
}
