/** `logd import`: flags → files of another log into a server or a data folder. */
import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../../api/client.ts';
import { ApiError } from '../../api/failure.ts';
import type { ImportFormat } from '../../decode/import/record.ts';
import { CLIENT_ID_LENGTH_MAX } from '../../entry/limits.ts';
import { StoreError } from '../../store/store.ts';
import { realClock } from '../../system/clock.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, signalExitCode, stopSignal } from '../exit.ts';
import { createFolderTarget } from '../import/folder-target.ts';
import { type ImportRequest, runImport } from '../import/import.ts';
import { createPatience } from '../import/patience.ts';
import { importLine } from '../import/progress-line.ts';
import { createServerTarget } from '../import/server-target.ts';
import type { ImportTarget } from '../import/target.ts';
import { certificateOption, option, readCertificate, readToken, serverOption } from '../options.ts';
import { type Progress, showProgress } from '../output/progress.ts';

interface Flags {
  readonly server: string;
  readonly data?: string;
  readonly format?: ImportFormat;
  /** False: --no-state. */
  readonly state?: string | false;
  readonly clientId?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const EXAMPLES = `
The format is told by the first lines: lines of app.log (text), a JSON object per line as POST /logs takes it or as
"logd export" writes it (jsonl), or any other lines (plain). gzip and zstd are unpacked on the way.

The time of each entry is kept (without a zone: UTC), and id:<old id> finds it: the old id stands in the field "id".
What is imported again is not stored again: a file is known by its whole content. Only what comes through a pipe is
never known again. To follow a file that grows, use logd ship --source file.

Examples:
  logd import app.log                              with the log_state.json beside it, into http://127.0.0.1:5000
  logd import app.log --data /var/lib/logd         straight into a data folder whose server is stopped
  logd import backup.jsonl.zst --server http://logs.example.org:5000 --token-file tokens
  logd import /var/log/nginx/access.log.*.gz --client-id web-1
  journalctl -o short-iso | logd import - --client-id web-1`;

export function importCommand(reporter: Reporter): Command {
  return new Command('import')
    .description('stores the entries of files: an app.log with its states, JSON lines, or plain lines')
    .argument('<file...>', 'the files, "-" for stdin; several are imported one after another')
    .addOption(serverOption())
    .addOption(
      option('--data <folder>', 'straight into a data folder instead, whose server is stopped; made if missing'),
    )
    .addOption(
      option('--format <format>', 'text (app.log), jsonl, plain (default: told by the first lines)').argParser(
        parseFormat,
      ),
    )
    .addOption(option('--state <file>', 'the states of the entries (default: log_state.json beside an app.log)'))
    .option('--no-state', 'leave the states that stand beside an app.log')
    .addOption(
      option(
        '--client-id <name>',
        "client of the entries that name none (default: for plain lines the file's name without its endings, for a pipe this machine's)",
      ).argParser(parseClientId),
    )
    .addOption(
      option(
        '--token-file <file>',
        'file with the server\'s tokens: "ingest:" for the entries, "view:" for their states; LOGD_TOKEN gives one that is alone',
      ),
    )
    .addOption(certificateOption())
    .addHelpText('after', EXAMPLES)
    .action((files: string[], flags: Flags) => importFiles(files, flags, reporter));
}

async function importFiles(files: readonly string[], flags: Flags, reporter: Reporter): Promise<void> {
  const stop = stopSignal('SIGINT', 'SIGTERM');
  const startMs = realClock.monotonicMs();
  let progress: Progress | undefined;
  const report: Reporter = (told) => (progress?.reporter ?? reporter)(told);
  try {
    const { summary, isFruitless } = await runImport({
      files,
      format: flags.format,
      clientId: flags.clientId,
      states: statesOf(flags.state),
      openTarget: () => openTarget(flags, report, stop),
      stdin: process.stdin,
      clock: realClock,
      onBegin(tally) {
        const line = (form: 'bar' | 'words') => importLine(form, tally.figures, realClock.monotonicMs() - startMs);
        progress = showProgress({ output: process.stderr, line, reporter });
      },
      stop,
    });
    progress?.end();
    const seconds = ((realClock.monotonicMs() - startMs) / 1000).toFixed(1);
    if (isFruitless) throw new CommandError(`${summary}: look at --format, or at the file`);
    process.stdout.write(`${summary} (${seconds} s)\n`);
  } catch (error) {
    progress?.end();
    if (stop.aborted) {
      reporter({ severity: 'info', event: 'stopped', message: 'stopped: run it again, and it goes on where it was' });
      process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
    } else if (error instanceof ApiError || error instanceof StoreError) {
      throw new CommandError(error.message, undefined, { cause: error });
    } else throw error;
  }
}

function statesOf(state: Flags['state']): ImportRequest['states'] {
  if (state === false) return { kind: 'none' };
  return state === undefined ? { kind: 'beside' } : { kind: 'file', path: state };
}

async function openTarget(flags: Flags, reporter: Reporter, stop: AbortSignal): Promise<ImportTarget> {
  if (flags.data !== undefined) {
    // Loaded only here: to send to a server needs no store.
    const { openFileStore } = await import('../../store/file/file-store.ts');
    const listener = { onCommit() {}, onState() {} };
    const store = await openFileStore({ folder: flags.data, fsync: 'group', listener, reporter });
    return createFolderTarget(store, realClock);
  }
  const { server: serverUrl, tokenFile } = flags;
  const ca = readCertificate(flags.ca);
  const patience = createPatience({ serverUrl, clock: realClock, reporter, stop });
  return createServerTarget({
    client: new ApiClient({ serverUrl, token: readToken('view', tokenFile, process.env), ca }),
    ingestToken: readToken('ingest', tokenFile, process.env),
    ca,
    patience,
    stop,
  });
}

const FORMATS: Readonly<Record<string, ImportFormat>> = {
  text: 'text',
  'app.log': 'text',
  seed: 'text',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  plain: 'plain',
  lines: 'plain',
};

function parseFormat(word: string): ImportFormat {
  const format = Object.hasOwn(FORMATS, word.toLowerCase()) ? FORMATS[word.toLowerCase()] : undefined;
  if (format === undefined) throw new InvalidArgumentError('it must be text, jsonl or plain');
  return format;
}

function parseClientId(name: string): string {
  if (name === '' || name.length > CLIENT_ID_LENGTH_MAX) {
    throw new InvalidArgumentError(`it must have 1 to ${CLIENT_ID_LENGTH_MAX} characters`);
  }
  return name;
}
