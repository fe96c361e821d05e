/** `logd search`: flags → the entries that a query finds, oldest first, for people and scripts. */
import { Command } from 'commander';
import { ApiError } from '../../api/failure.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import { StoreError } from '../../store/store.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, signalExitCode, stopSignal } from '../exit.ts';
import { openSearchable } from '../open-searchable.ts';
import { certificateOption, option, serverOption, tokenFileOption, wholeNumber } from '../options.ts';
import { entryLine } from '../output/entry-line.ts';
import { createLineWriter, type LineWriter } from '../output/line-writer.ts';
import type { Found, Searchable, Wanted } from '../searchable.ts';
import { parseWanted } from '../wanted.ts';

interface Flags {
  readonly server: string;
  readonly data?: string;
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
const RAN_OUT = 'the search ran out of time and some entries are missing: ask for less with --since and --until';

const EXAMPLES = `
Examples:
  logd search 'level>=error client:web-*' --since 2h
  logd search '"connection reset" -healthcheck' --count
  logd search '/timeout of \\d+ms/i' --limit 20 --json | jq -r .message
  logd search 'level:error' --data /var/lib/logd    without a server
  logd search -- -healthcheck                a query that begins with a dash`;

export function searchCommand(reporter: Reporter): Command {
  return new Command('search')
    .description('finds stored entries: the newest that match, printed oldest first')
    .argument('<query...>', 'which entries, in the query language: words, level>=warning, client:web-*, -word, /regex/')
    .addOption(serverOption())
    .addOption(
      option(
        '--data <folder>',
        'look straight in a data folder instead, whether its server runs or not; nothing is changed',
      ),
    )
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

async function search(text: string, flags: Flags, reporter: Reporter): Promise<void> {
  const wanted = parseWanted(text, flags, Date.now());
  const stop = stopSignal('SIGINT', 'SIGTERM');
  const writer = createLineWriter(process.stdout);
  const signal = AbortSignal.any([stop, writer.gone]);
  try {
    const where = await openSearchable(flags, { reporter, signal });
    try {
      await printFound({ where, wanted, flags, writer, reporter });
    } finally {
      await where.close();
    }
  } catch (error) {
    if (stop.aborted) process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
    else if (error instanceof ApiError || error instanceof StoreError) {
      throw new CommandError(error.message, undefined, { cause: error });
    } else if (!signal.aborted) throw error;
  }
}

interface Printing {
  readonly where: Searchable;
  readonly wanted: Wanted;
  readonly flags: Flags;
  readonly writer: LineWriter;
  readonly reporter: Reporter;
}

async function printFound({ where, wanted, flags, writer, reporter }: Printing): Promise<void> {
  if (flags.count) {
    const { count, isPartial } = await where.count(wanted);
    await writer.write(`${count}\n`);
    if (isPartial) say(reporter, RAN_OUT);
    return;
  }
  const { newestFirst, isPartial, hasMore } = await findNewest(where, wanted, flags.limit);
  const line = entryLine({
    form: flags.json ? 'json' : 'text',
    hasColor: flags.color && !process.env.NO_COLOR && process.stdout.isTTY && process.env.TERM !== 'dumb',
  });
  const found = newestFirst.reverse();
  for (let from = 0; from < found.length && !writer.gone.aborted; from += PAGE_ENTRIES_MAX) {
    await writer.write(
      found
        .slice(from, from + PAGE_ENTRIES_MAX)
        .map(line)
        .join(''),
    );
  }
  if (isPartial) say(reporter, RAN_OUT);
  else if (hasMore) say(reporter, `these are the newest ${found.length}, there are more: see --limit`);
}

async function findNewest(
  where: Searchable,
  wanted: Wanted,
  limit: number,
): Promise<{ newestFirst: EntryJson[]; isPartial: boolean; hasMore: boolean }> {
  const entriesMax = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  const newestFirst: EntryJson[] = [];
  let page: Found = await where.newest(wanted, Math.min(PAGE_ENTRIES_MAX, entriesMax));
  for (;;) {
    newestFirst.push(...page.logs);
    const { isPartial, next } = page;
    if (!next || isPartial || newestFirst.length >= entriesMax) {
      const hasMore = next !== undefined || newestFirst.length > entriesMax;
      return { newestFirst: newestFirst.slice(0, entriesMax), isPartial, hasMore };
    }
    page = await next();
  }
}

function say(reporter: Reporter, message: string): void {
  reporter({ severity: 'info', event: 'search-cut', message });
}
