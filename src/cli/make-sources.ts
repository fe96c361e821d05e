/**
 * The flags of `logd ship` → the sources it reads: those of the command line, or each of the list in the configuration
 * file. A file, an event log or the journal is read by one source alone, or its position would be that of two.
 */
import { hostname } from 'node:os';
import type { Source } from '../agent/source.ts';
import { fileSource } from '../agent/sources/file.ts';
import { journaldSource } from '../agent/sources/journald.ts';
import { simulateSource } from '../agent/sources/simulate.ts';
import type { Profile } from '../agent/sources/simulated-entries.ts';
import { stdinSource } from '../agent/sources/stdin.ts';
import { syslogSource } from '../agent/sources/syslog.ts';
import { wineventSource } from '../agent/sources/winevent.ts';
import type { Level } from '../entry/level.ts';
import type { ListedSource } from './config-file.ts';
import { CommandError, EXIT_USAGE } from './exit.ts';
import { standardInput } from './standard-input.ts';
import { eventLogsWanted } from './winevent-flags.ts';

export const SOURCES = ['winevent', 'syslog', 'file', 'journald', 'stdin', 'simulate'] as const;
export type SourceName = (typeof SOURCES)[number];

export interface SourceFlags {
  readonly source?: readonly SourceName[];
  readonly path?: readonly string[];
  readonly channel?: readonly string[];
  readonly wevtutil?: string;
  readonly journalctl?: string;
  readonly level?: ReadonlySet<Level>;
  readonly from?: 'start' | 'end';
  readonly multiline: 'auto' | 'off';
  readonly once?: boolean;
  readonly clientId?: string;
  readonly lineLimit: number;
  readonly count?: number;
  readonly rate?: number;
  readonly seed?: number;
  readonly profile?: Profile;
}

/** @param list of the configuration file; without it the flags alone name the sources */
export function makeSources(flags: SourceFlags, list: readonly ListedSource[] | undefined): Source[] {
  const claims = new Claims();
  if (!list) return sourcesOf(flags, claims);
  return list.flatMap(({ where, options }) => {
    try {
      return sourcesOf({ ...flags, ...options }, claims);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(`${where}: ${error.message}`, error.exitCode, { cause: error });
    }
  });
}

function sourcesOf(flags: SourceFlags, claims: Claims): Source[] {
  const names = [...new Set(flags.source)];
  const takesPaths = names.filter((name) => name === 'file' || name === 'syslog');
  if (flags.path && takesPaths.length === 0 && names.length > 0) {
    throw new CommandError(`--path goes with --source file or syslog, not with ${names.join(' and ')}`, EXIT_USAGE);
  }
  if (flags.channel && !names.includes('winevent') && names.length > 0) {
    throw new CommandError(`--channel goes with --source winevent, not with ${names.join(' and ')}`, EXIT_USAGE);
  }
  return names.map((name) => makeSource(name, flags, { hasPaths: name === 'file' || !names.includes('file'), claims }));
}

/** With `file` and `syslog` together, --path is meant for `file`. */
function makeSource(
  name: SourceName,
  flags: SourceFlags,
  { hasPaths, claims }: { readonly hasPaths: boolean; readonly claims: Claims },
): Source {
  const { clientId, level: levels, lineLimit: lineBytesMax, count, rate, seed, profile } = flags;
  const from = flags.from ?? (flags.once ? 'start' : 'end');
  const lines = { lineBytesMax, joinsLines: flags.multiline === 'auto' };
  switch (name) {
    case 'file': {
      const [first, ...others] = flags.path ?? [];
      if (first === undefined) {
        throw new CommandError("name the files to read: --source file --path '/var/log/*.log'", EXIT_USAGE);
      }
      const patterns = [first, ...others] as const;
      return fileSource({ patterns, except: claims.take(name, patterns), from, clientId, levels, ...lines });
    }
    case 'winevent': {
      const wanted = eventLogsWanted(flags);
      claims.take(
        name,
        wanted.channels.map((channel) => channel.toLowerCase()),
      );
      return wineventSource({ ...wanted, from, clientId, levels, lineBytesMax });
    }
    case 'syslog': {
      const patterns = hasPaths ? (flags.path ?? []) : [];
      if (process.platform === 'win32' && patterns.length === 0) {
        const reason = '--source syslog reads the log of a Unix machine, which this one is not';
        throw new CommandError(`${reason}: use --source winevent here, or name a file with --path`, EXIT_USAGE);
      }
      const except = claims.take(name, patterns.length > 0 ? patterns : ["this machine's log"]);
      const { journalctl } = flags;
      return syslogSource({ patterns, except, from, clientId, levels, journalctl, ...lines });
    }
    case 'journald':
      claims.take(name, ['the journal']);
      return journaldSource({ from, clientId, levels, lineBytesMax, journalctl: flags.journalctl });
    case 'stdin':
      claims.take(name, ['the standard input']);
      return stdinSource({ input: standardInput(), clientId: clientId ?? hostname(), levels, ...lines });
    case 'simulate':
      return simulateSource({ clientId, levels, count, rate, seed, profile });
    default:
      name satisfies never;
      throw new Error('BUG: a source of unknown name');
  }
}

/** What the sources before read, by the source's name. */
class Claims {
  readonly #taken = new Map<SourceName, readonly string[]>();

  /** @returns what those before take of it: patterns may name the same file */
  take(name: SourceName, wanted: readonly string[]): readonly string[] {
    const before = this.#taken.get(name) ?? [];
    const twice = wanted.find((each) => before.includes(each));
    if (twice !== undefined) {
      throw new CommandError(
        `${twice} is read by another source ${name} already: name it in one of them alone`,
        EXIT_USAGE,
      );
    }
    this.#taken.set(name, [...before, ...wanted]);
    return before;
  }
}
