/** `logd tail`: flags → the dashboard on a terminal, lines for everything else. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ApiClient } from '../../api/client.ts';
import type { DashboardEnd } from '../../dashboard/dashboard.ts';
import { describeFault, parseQuery } from '../../entry/query/parse.ts';
import { parseTimeBound } from '../../entry/time.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, EXIT_USAGE, signalExitCode, stopSignal } from '../exit.ts';
import { option, readToken, serverOption, tokenFileOption } from '../options.ts';
import { entryLine } from '../output/entry-line.ts';
import { createLineWriter } from '../output/line-writer.ts';
import { tailLines } from '../tail-lines.ts';

interface Flags {
  readonly server: string;
  readonly since?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
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
  logd tail -- -healthcheck                  a query that begins with a dash`;

export function tailCommand(reporter: Reporter): Command {
  return new Command('tail')
    .description('watches logs live: a dashboard on a terminal, a line per entry in a pipe')
    .argument('[query...]', 'which entries, in the query language: words, level>=warning, client:web-*, -word, /regex/')
    .addOption(serverOption())
    .addOption(option('--since <time>', 'begin with stored entries from then on: 10m, 2h, today or ISO 8601'))
    .addOption(option('--plain', 'a line per entry, no dashboard').conflicts('json'))
    .addOption(option('--json', 'a JSON object per entry and line'))
    .option('--no-color', 'no colours (also NO_COLOR in the environment)')
    .addOption(tokenFileOption('view'))
    .addOption(option('--ca <file>', 'certificate (PEM) to trust beside the usual ones, for a server with its own'))
    .addHelpText('after', EXAMPLES)
    .action((words: string[], flags: Flags) => tail(words.join(' '), flags, reporter));
}

async function tail(queryText: string, flags: Flags, reporter: Reporter): Promise<void> {
  const query = parseQuery(queryText);
  if (!query.ok) throw new CommandError(describeFault(queryText, query), EXIT_USAGE);
  const since = flags.since === undefined ? undefined : parseTimeBound(flags.since, Date.now());
  if (since && !since.ok) throw new CommandError(`--since: ${since.reason}`, EXIT_USAGE);
  const client = new ApiClient({
    serverUrl: flags.server,
    token: readToken('view', flags.tokenFile, process.env),
    ca: flags.ca === undefined ? undefined : readCertificate(flags.ca),
  });
  const stop = stopSignal('SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT');
  const hasColor = flags.color && !process.env.NO_COLOR;
  const sinceMs = since?.timeMs;
  let end: DashboardEnd;
  if (showsDashboard(flags, reporter)) {
    // Loaded only here: lines for a pipe must not wait for the terminal library.
    const { runDashboard } = await import('../../dashboard/dashboard.ts');
    end = await runDashboard({ client, query: queryText, sinceMs, hasColor, env: process.env }, stop);
  } else {
    const writer = createLineWriter(process.stdout);
    const line = entryLine({
      form: flags.json ? 'json' : 'text',
      hasColor: hasColor && process.stdout.isTTY && process.env.TERM !== 'dumb',
    });
    end = await tailLines({ client, query: queryText, sinceMs, line, writer, reporter }, stop);
  }
  if (end.kind === 'refused') throw new CommandError(end.error.message, undefined, { cause: end.error });
  if (end.kind === 'interrupted') process.exitCode = signalExitCode('SIGINT');
  else if (stop.aborted) process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
}

function showsDashboard(flags: Flags, reporter: Reporter): boolean {
  if (flags.plain || flags.json || !process.stdout.isTTY) return false;
  const hindrance = !process.stdin.isTTY
    ? 'stdin is no terminal, so no key can be read'
    : process.env.TERM === 'dumb'
      ? 'TERM=dumb: this terminal cannot show a dashboard'
      : undefined;
  if (hindrance === undefined) return true;
  reporter({ severity: 'info', event: 'no-dashboard', message: `${hindrance}; a line per entry instead, as --plain` });
  return false;
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot read the certificate ${path}: ${reason}`, EXIT_USAGE, { cause: error });
  }
}
