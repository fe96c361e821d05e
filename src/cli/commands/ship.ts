/** `logd ship`: flags → sources and an agent that delivers what they read. */
import { Command, InvalidArgumentError } from 'commander';
import { type AgentProgress, runAgent } from '../../agent/agent.ts';
import type { SpoolPolicy } from '../../agent/outbox.ts';
import { READ_ON, type Source } from '../../agent/source.ts';
import { PROFILES } from '../../agent/sources/simulated-entries.ts';
import { type Level, levelFromWord } from '../../entry/level.ts';
import { AGENT_LINE_BYTES_MAX, CLIENT_ID_LENGTH_MAX } from '../../entry/limits.ts';
import { realClock } from '../../system/clock.ts';
import { realFiles } from '../../system/files.ts';
import { keepHeapSmall } from '../../system/memory.ts';
import type { Reporter } from '../../system/reporter.ts';
import { applyConfigFile, type ListedSource } from '../config-file.ts';
import { CommandError, EXIT_FAILURE, EXIT_USAGE, Reload, stopSignal } from '../exit.ts';
import { forgetHangUps, listenForHangUp, stopListeningForHangUp } from '../hang-up.ts';
import { shown } from '../import/tally.ts';
import { makeSources, SOURCES, type SourceFlags, type SourceName } from '../make-sources.ts';
import {
  amount,
  certificateOption,
  DEFAULT_SERVER,
  option,
  parseServerUrl,
  readCertificate,
  readToken,
  repeated,
  sizeInBytes,
  sizeWithin,
  tokenFileOption,
  wholeNumber,
} from '../options.ts';
import { showProgress } from '../output/progress.ts';
import { printSpoolStatus } from '../output/spool-text.ts';
import { SOURCE_OPTIONS } from '../source-options.ts';
import { addChannels, selfTestEventLogs } from '../winevent-flags.ts';

interface Flags extends SourceFlags {
  readonly config?: string;
  readonly logFormat?: 'text' | 'json';
  /** Of the configuration file: each with options of its own. */
  readonly sources?: readonly ListedSource[];
  readonly server?: readonly string[];
  readonly selfTest?: boolean;
  readonly state: string;
  readonly spoolSize: number;
  readonly spoolPolicy: SpoolPolicy;
  readonly spoolStatus?: boolean;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const DEFAULT_SPOOL_BYTES = 2 ** 30;
/** A batch takes a quarter of it at most, and should hold some lines. */
const SPOOL_BYTES_MIN = 64 * 1024;
const LINE_BYTES_MIN = 256;
const LINE_BYTES_MAX = 1024 * 1024;

const EXAMPLES = `
Examples:
  logd ship --source syslog                             this machine's syslog, from now on, to the server on it
  logd ship --source file --path '/var/log/nginx/*.log' --server http://logs.example.org:5000 --token-file token
  logd ship --source file --path app.log --from start --once
  logd ship --source syslog --spool-size 200MB --spool-policy drop-oldest   when the newest lines matter most
  my-program 2>&1 | logd ship --source stdin --client-id my-program
  logd ship --source winevent --channel System --channel Security      event logs of Windows, as administrator
  logd ship --source winevent --self-test               whether they can be read, why not, and what they become
  logd ship --source simulate --count 1000 --rate 0     something to look at`;

export function shipCommand(reporter: Reporter): Command {
  return new Command('ship')
    .description('the agent: reads logs where they are written and delivers every entry to the server exactly once')
    .addOption(
      option(
        '--server <url>',
        `address of the server; repeatable, the next one is used when one is gone (default: "${DEFAULT_SERVER}")`,
      ).argParser(addServer),
    )
    .addOption(option('--source <name>', `what to read: ${SOURCES.join(', ')}; repeatable`).argParser(addSource))
    .addOption(option('--path <glob>', 'file or pattern of files (syslog, file); repeatable').argParser(repeated))
    .addOption(
      option('--channel <name>', 'event log to read (winevent); repeatable (default: Application, System)').argParser(
        addChannels,
      ),
    )
    .addOption(
      option('--wevtutil <file>', "the reader to run (winevent; default: wevtutil.exe of Windows' system folder)"),
    )
    .addOption(
      option('--self-test', 'show whether the event logs can be read here and what they become, then end (winevent)'),
    )
    .addOption(option('--journalctl <file>', 'the reader to run (journald; default: journalctl)'))
    .addOption(
      option(
        '--from <where>',
        'where a file, journal or event log never followed before begins (default: end; with --once: start)',
      ).choices(['start', 'end']),
    )
    .addOption(
      option(
        '--multiline <how>',
        'auto: indented lines and stack traces join the line before them (file, stdin, syslog); off: each line is an entry',
      )
        .choices(['auto', 'off'])
        .default('off'),
    )
    .addOption(option('--once', 'ship what is there now, wait until it is all acknowledged, end'))
    .addOption(option('--level <levels>', 'forward only these, such as WARNING,ERROR,CRITICAL').argParser(addLevels))
    .addOption(option('--client-id <name>', 'whose entries these are (default: by source)').argParser(parseClientId))
    .addOption(
      option('--state <folder>', 'folder of the spool and of how far each source is read').default('./logd-agent'),
    )
    .addOption(
      option(
        '--spool-size <size>',
        'room for entries that the server has not taken yet; when it is full the sources wait (at least 64KB)',
      )
        .default(DEFAULT_SPOOL_BYTES, '1GB')
        .argParser(sizeWithin(SPOOL_BYTES_MIN, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      option(
        '--spool-policy <policy>',
        'when the spool is full the sources wait (block), or the oldest entries are dropped, counted and told (drop-oldest)',
      )
        .choices(['block', 'drop-oldest'])
        .default('block'),
    )
    .addOption(option('--spool-status', 'only show what waits in the state folder, as logd spool status does'))
    .addOption(
      option('--line-limit <size>', 'a longer line is cut and marked')
        .default(AGENT_LINE_BYTES_MAX, '64KB')
        .argParser(parseLineLimit),
    )
    .addOption(
      option('--count <number>', 'entries in all (simulate)').argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      option(
        '--rate <number>',
        'entries per second, 0: as fast as possible (simulate; default: one every 1-2 s)',
      ).argParser(amount),
    )
    .addOption(option('--profile <name>', 'what it says (simulate; default: mixed)').choices([...PROFILES]))
    .addOption(
      option('--seed <number>', 'the same seed gives the same entries (simulate)').argParser(
        wholeNumber(0, 2 ** 32 - 1),
      ),
    )
    .addOption(tokenFileOption('ingest'))
    .addOption(certificateOption())
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags, command: Command) => ship(flags, command, reporter));
}

async function ship(flags: Flags, command: Command, reporter: Reporter): Promise<void> {
  if (flags.spoolStatus) return printSpoolStatus(flags.state, { json: false });
  keepHeapSmall();
  if (flags.selfTest) {
    if (flags.source && !flags.source.includes('winevent')) {
      throw new CommandError('--self-test goes with --source winevent', EXIT_USAGE);
    }
    await selfTestEventLogs(flags, stopSignal('SIGINT', 'SIGTERM'));
    return;
  }
  const [firstSource, ...otherSources] = allSources(flags, command);
  const [firstServer = DEFAULT_SERVER, ...otherServers] = flags.server ?? [];
  if (!firstSource) {
    throw new CommandError(
      `say what to read: --source ${SOURCES.join('|')}, such as logd ship --source syslog`,
      EXIT_USAGE,
    );
  }
  const stop = stopSignal('SIGINT', 'SIGTERM');
  let line = () => '';
  const telling = showProgress({
    output: process.stderr,
    line: () => line(),
    reporter,
    isForTerminalsOnly: true,
    isQuiet: flags.logFormat === 'json',
  });
  const reload = reloadSignal(flags, telling.reporter);
  const end = await runAgent(
    {
      servers: [firstServer, ...otherServers],
      token: readToken('ingest', flags.tokenFile, process.env),
      ca: readCertificate(flags.ca),
      sources: [firstSource, ...otherSources],
      stateFolder: flags.state,
      spoolBytesMax: flags.spoolSize,
      spoolPolicy: flags.spoolPolicy,
      once: flags.once === true,
    },
    {
      files: realFiles,
      clock: realClock,
      reporter: telling.reporter,
      stop: AbortSignal.any([stop, reload]),
      onProgress: (progress) => {
        line = progressLine(progress);
      },
    },
  ).finally(() => telling.end());
  if (end.kind === 'failed') throw new CommandError(end.reason, EXIT_FAILURE);
  if (reload.aborted && !stop.aborted) {
    forgetHangUps();
    throw new Reload();
  }
}

/** How it goes, for a person at a terminal. */
function progressLine(progress: AgentProgress): () => string {
  let before = { lines: 0, ms: performance.now() };
  let rate = 0;
  return () => {
    const { deliveredLines: lines, waitingLines, isDelivering } = progress;
    const ms = performance.now();
    if (ms - before.ms >= RATE_MS) {
      rate = ((lines - before.lines) / (ms - before.ms)) * 1_000;
      before = { lines, ms };
    }
    const waiting = waitingLines === 0 ? 'nothing waits' : `${shown(waitingLines)} wait`;
    const trouble = isDelivering ? '' : ' · the server does not take them';
    return `logd: ${shown(lines)} delivered · ${shown(rate)}/s · ${waiting}${trouble}`;
  };
}

const RATE_MS = 1_000;

/** Of the command line, or else of the list in the configuration file. */
function allSources(flags: Flags, command: Command): Source[] {
  const isGiven = ['cli', 'env'].includes(command.getOptionValueSource('source') ?? '');
  return makeSources(flags, isGiven ? undefined : flags.sources);
}

/** Aborts at a SIGHUP, once the configuration file has been found to be right; without a file the signal ends the agent. */
function reloadSignal({ config }: Flags, reporter: Reporter): AbortSignal {
  const reload = new AbortController();
  if (config === undefined) return reload.signal;
  const onHangUp = () => {
    try {
      const trial = shipCommand(reporter);
      applyConfigFile(trial, { path: config, sourceOptions: SOURCE_OPTIONS });
      allSources(trial.opts<Flags>(), trial);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reporter({
        severity: 'error',
        event: 'config-wrong',
        message: `not reloaded: ${error.message}; going on as before`,
      });
      return;
    }
    stopListeningForHangUp();
    reporter({ severity: 'info', event: 'reloading', message: `reading ${config} again` });
    reload.abort(READ_ON);
  };
  listenForHangUp(onHangUp);
  return reload.signal;
}

function addServer(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), parseServerUrl(text)];
}

function addSource(text: string, before: readonly SourceName[] | undefined): readonly SourceName[] {
  const names = text.split(',').map((part) => {
    const name = SOURCES.find((candidate) => candidate === part.trim().toLowerCase());
    if (name === undefined) throw new InvalidArgumentError(`it must be one of ${SOURCES.join(', ')}`);
    return name;
  });
  return [...(before ?? []), ...names];
}

function addLevels(text: string, before: ReadonlySet<Level> | undefined): ReadonlySet<Level> {
  const levels = text.split(',').map((part) => {
    const level = levelFromWord(part);
    if (level === undefined)
      throw new InvalidArgumentError(
        `"${part.trim()}" is no level: use DEBUG, INFO, WARNING, ERROR, CRITICAL or UNKNOWN`,
      );
    return level;
  });
  return new Set([...(before ?? []), ...levels]);
}

function parseClientId(text: string): string {
  if (text.trim() === '' || text.length > CLIENT_ID_LENGTH_MAX) {
    throw new InvalidArgumentError(`it must have 1 to ${CLIENT_ID_LENGTH_MAX} characters`);
  }
  return text;
}

function parseLineLimit(text: string): number {
  const bytes = sizeInBytes(text);
  if (bytes < LINE_BYTES_MIN || bytes > LINE_BYTES_MAX) {
    throw new InvalidArgumentError(`it must be from ${LINE_BYTES_MIN} bytes to 1MB`);
  }
  return bytes;
}
