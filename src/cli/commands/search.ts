/** `logd search`: flags → the entries of a server that a query finds, oldest first, for people and scripts. */
import { Command } from 'commander';
import { ApiClient } from '../../api/client.ts';
import { ApiError } from '../../api/failure.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import { describeFault, parseQuery } from '../../entry/query/parse.ts';
import { parseTimeBound } from '../../entry/time.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, EXIT_USAGE, signalExitCode, stopSignal } from '../exit.ts';
import {
  certificateOption,
  option,
  readCertificate,
  readToken,
  serverOption,
  tokenFileOption,
  wholeNumber,
} from '../options.ts';
import { entryLine } from '../output/entry-line.ts';
import { createLineWriter, type LineWriter } from '../output/line-writer.ts';

interface Flags {
  readonly server: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly count?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
  readonly tokenFile?: string;
  readonly ca?: string;
}

const LIMIT_DEFAULT = 1_000;

const EXAMPLES = `
Examples:
  logd search 'level>=error client:web-*' --since 2h
  logd search '"connection reset" -healthcheck' --count
  logd search '/timeout of \\d+ms/i' --limit 20 --json | jq -r .message
  logd search -- -healthcheck                a query that begins with a dash`;

export function searchCommand(reporter: Reporter): Command {
  return new Command('search')
    .description('finds stored entries: the newest that match, printed oldest first')
    .argument('<query...>', 'which entries, in the query language: words, level>=warning, client:web-*, -word, /regex/')
    .addOption(serverOption())
    .addOption(option('--since <time>', 'not before: 10m, 2h, 3d, today, yesterday, ISO 8601'))
    .addOption(option('--until <time>', 'before: in the same forms'))
    .addOption(
      option('--limit <number>', 'at most that many, the newest; 0: all')
        .default(LIMIT_DEFAULT)
        .argParser(wholeNumber(0, 1_000_000_000)),
    )
    .addOption(option('--count', 'only how many there are').conflicts('json'))
    .addOption(option('--json', 'a JSON object per entry and line'))
    .option('--no-color', 'no colours (also NO_COLOR in the environment)')
    .addOption(tokenFileOption('view'))
    .addOption(certificateOption())
    .addHelpText('after', EXAMPLES)
    .action((words: string[], flags: Flags) => search(words.join(' '), flags, reporter));
}

async function search(query: string, flags: Flags, reporter: Reporter): Promise<void> {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new CommandError(describeFault(query, parsed), EXIT_USAGE);
  const nowMs = Date.now();
  const range = { query, since: timeOf('since', flags.since, nowMs), until: timeOf('until', flags.until, nowMs) };
  const client = new ApiClient({
    serverUrl: flags.server,
    token: readToken('view', flags.tokenFile, process.env),
    ca: readCertificate(flags.ca),
  });
  const stop = stopSignal('SIGINT', 'SIGTERM');
  const writer = createLineWriter(process.stdout);
  await print({ client, range, flags, writer, stop, reporter });
  const failure = writer.failure();
  if (failure) throw new CommandError(`cannot write the output: ${failure.message}`, undefined, { cause: failure });
}

interface Range {
  readonly query: string;
  readonly since: string | undefined;
  readonly until: string | undefined;
}

interface PrintOptions {
  readonly client: ApiClient;
  readonly range: Range;
  readonly flags: Flags;
  readonly writer: LineWriter;
  readonly stop: AbortSignal;
  readonly reporter: Reporter;
}

async function print({ client, range, flags, writer, stop, reporter }: PrintOptions): Promise<void> {
  const signal = AbortSignal.any([stop, writer.gone]);
  try {
    if (flags.count) {
      const counts = await client.stats(range, signal);
      await writer.write(`${Object.values(counts).reduce((sum, count) => sum + count, 0)}\n`);
      return;
    }
    const { found, isPartial, hasMore } = await findNewest(client, range, flags.limit, signal);
    const line = entryLine({
      form: flags.json ? 'json' : 'text',
      hasColor: flags.color && !process.env.NO_COLOR && process.stdout.isTTY && process.env.TERM !== 'dumb',
    });
    for (let from = 0; from < found.length && !signal.aborted; from += PAGE_ENTRIES_MAX) {
      await writer.write(
        found
          .slice(from, from + PAGE_ENTRIES_MAX)
          .map(line)
          .join(''),
      );
    }
    if (isPartial)
      say(reporter, 'the search ran out of time and some entries are missing: ask for less with --since and --until');
    else if (hasMore) say(reporter, `these are the newest ${found.length}, there are more: see --limit`);
  } catch (error) {
    if (stop.aborted) process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
    else if (error instanceof ApiError) throw new CommandError(error.message, undefined, { cause: error });
    else if (!signal.aborted) throw error;
  }
}

/** @returns the newest that match, oldest first */
async function findNewest(
  client: ApiClient,
  range: Range,
  limit: number,
  signal: AbortSignal,
): Promise<{ found: EntryJson[]; isPartial: boolean; hasMore: boolean }> {
  const newestFirst: EntryJson[] = [];
  const wanted = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let cursor: string | undefined;
  let isPartial = false;
  for (;;) {
    const page = await client.search(
      { ...range, order: 'desc', limit: Math.min(PAGE_ENTRIES_MAX, wanted - newestFirst.length), cursor },
      signal,
    );
    newestFirst.push(...page.logs);
    isPartial ||= page.partial === true;
    const hasMore = page.cursor !== null;
    if (!hasMore || isPartial || newestFirst.length >= wanted)
      return { found: newestFirst.reverse(), isPartial, hasMore };
    cursor = page.cursor ?? undefined;
  }
}

/** Judged here, so that a wrong one is wrong usage, and sent as the moment it means now. */
function timeOf(name: string, text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const parsed = parseTimeBound(text, nowMs);
  if (!parsed.ok) throw new CommandError(`--${name}: ${parsed.reason}`, EXIT_USAGE);
  return new Date(parsed.timeMs).toISOString();
}

function say(reporter: Reporter, message: string): void {
  reporter({ severity: 'info', event: 'search-cut', message });
}
