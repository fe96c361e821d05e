/** `logd tail`: flags → the dashboard on a terminal, lines for everything else. */
import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../../api/client.ts';
import type { DashboardEnd } from '../../dashboard/dashboard.ts';
import { type Level, levelFromWord } from '../../entry/level.ts';
import { describeFault, parseQuery } from '../../entry/query/parse.ts';
import { parseTimeBound } from '../../entry/time.ts';
import { keepHeapSmall } from '../../system/memory.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, EXIT_USAGE, signalExitCode, stopSignal } from '../exit.ts';
import {
  certificateOption,
  option,
  readCertificate,
  readToken,
  repeated,
  serverOption,
  tokenFileOption,
} from '../options.ts';
import { entryLine } from '../output/entry-line.ts';
import { createLineWriter } from '../output/line-writer.ts';
import { watchPipeReader } from '../output/pipe-reader.ts';
import { type TailLinesEnd, tailLines } from '../tail-lines.ts';

interface Flags {
  readonly server: string;
  readonly since?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly level?: Level;
  readonly client?: readonly string[];
  readonly until?: RegExp;
  /** Ms. */
  readonly timeout?: number;
  readonly color: boolean;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const EXAMPLES = `
Examples:
  logd tail                                  the dashboard, on a terminal
  logd tail 'level>=warning client:web-*'    only what the query finds
  logd tail --since 10m --plain | grep -i timeout
  logd tail --json | jq -r .message          in a pipe: a line per entry, as it comes
  logd tail --until 'ready on port' --timeout 60s && ./next-step
  logd tail -- -healthcheck                  a query that begins with a dash`;

export function tailCommand(reporter: Reporter): Command {
  return new Command('tail')
    .description('watches logs live: a dashboard on a terminal, a line per entry in a pipe')
    .argument('[query...]', 'which entries, in the query language: words, level>=warning, client:web-*, -word, /regex/')
    .addOption(serverOption())
    .addOption(option('--since <time>', 'begin with stored entries from then on: 10m, 2h, today or ISO 8601'))
    .addOption(option('--plain', 'a line per entry, no dashboard').conflicts('json'))
    .addOption(option('--json', 'a JSON object per entry and line'))
    .addOption(option('--level <level>', 'that level and above, as level>=LEVEL in the query').argParser(parseLevel))
    .addOption(option('--client <name>', 'only that client, as client:NAME; repeatable').argParser(repeated))
    .addOption(
      option('--until <regex>', 'lines only: ends with 0 after an entry whose message matches').argParser(parseRegex),
    )
    .addOption(
      option('--timeout <time>', 'lines only: ends after 90s, 5m or 1h, with 1 when --until has not matched').argParser(
        parseDurationMs,
      ),
    )
    .option('--no-color', 'no colours (also NO_COLOR in the environment)')
    .addOption(tokenFileOption('view'))
    .addOption(certificateOption())
    .addHelpText('after', EXAMPLES)
    .action((words: string[], flags: Flags) => tail(words.join(' '), flags, reporter));
}

async function tail(text: string, flags: Flags, reporter: Reporter): Promise<void> {
  const given = parseQuery(text);
  if (!given.ok) throw new CommandError(describeFault(text, given), EXIT_USAGE);
  const query = narrowed(text, flags);
  const since = flags.since === undefined ? undefined : parseTimeBound(flags.since, Date.now());
  if (since && !since.ok) throw new CommandError(`--since: ${since.reason}`, EXIT_USAGE);
  const client = new ApiClient({
    serverUrl: flags.server,
    token: readToken('view', flags.tokenFile, process.env),
    ca: readCertificate(flags.ca),
    author: userName(),
  });
  const stop = stopSignal('SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT');
  const hasColor = flags.color && !process.env.NO_COLOR;
  const sinceMs = since?.timeMs;
  let end: DashboardEnd | TailLinesEnd;
  if (showsDashboard(flags, reporter)) {
    keepHeapSmall();
    // Loaded only here: lines for a pipe must not wait for the terminal library.
    const { runDashboard } = await import('../../dashboard/dashboard.ts');
    end = await runDashboard({ client, query, sinceMs, hasColor, env: process.env }, stop);
  } else {
    const line = entryLine({
      form: flags.json ? 'json' : 'text',
      hasColor: hasColor && process.stdout.isTTY && process.env.TERM !== 'dumb',
    });
    const { until, timeout: timeoutMs } = flags;
    const writer = createLineWriter(process.stdout, { hasLostReader: watchPipeReader(process.stdout.fd) });
    end = await tailLines({ client, query, sinceMs, until, timeoutMs, line, writer, reporter }, stop);
    const failure = writer.failure();
    if (failure) throw new CommandError(`cannot write the output: ${failure.message}`, undefined, { cause: failure });
  }
  setExitCode(end, stop, flags);
}

function setExitCode(end: DashboardEnd | TailLinesEnd, stop: AbortSignal, { until }: Flags): void {
  if (end.kind === 'refused') throw new CommandError(end.error.message, undefined, { cause: end.error });
  if (end.kind === 'timed-out' && until) {
    throw new CommandError(`no entry matched ${until} in that time: look at --until, the query and --timeout`);
  }
  if (end.kind === 'interrupted') process.exitCode = signalExitCode(end.by);
  else if (stop.aborted) process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
}

/** The query with what --level and --client add to it. */
function narrowed(query: string, { level, client }: Flags): string {
  const terms = query.trim() === '' ? [] : [`(${query})`];
  if (level !== undefined) terms.push(`level>=${level.toLowerCase()}`);
  if (client) {
    const names = client.map((name) => (/^[\w.*@-]+$/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`));
    terms.push(`(${names.map((name) => `client:${name}`).join(' OR ')})`);
  }
  return terms.length === 1 && level === undefined && !client ? query : terms.join(' ');
}

function parseLevel(word: string): Level {
  const level = levelFromWord(word);
  if (level === undefined) throw new InvalidArgumentError('it must be debug, info, warning, error or critical');
  return level;
}

/** Stands under notes that are written here. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in some containers.
    return undefined;
  }
}

function parseRegex(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDurationMs(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})(s|m|h|d)$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new InvalidArgumentError('it must be a time such as 90s, 5m or 1h');
  return Number(number) * (UNIT_MS[unit] ?? 0);
}

function showsDashboard(flags: Flags, reporter: Reporter): boolean {
  const wantsLines = flags.plain || flags.json || flags.until || flags.timeout !== undefined;
  if (wantsLines || !process.stdout.isTTY) return false;
  const hindrance = !process.stdin.isTTY
    ? 'stdin is no terminal, so no key can be read'
    : process.env.TERM === 'dumb'
      ? 'TERM=dumb: this terminal cannot show a dashboard'
      : undefined;
  if (hindrance === undefined) return true;
  reporter({ severity: 'info', event: 'no-dashboard', message: `${hindrance}; a line per entry instead, as --plain` });
  return false;
}
