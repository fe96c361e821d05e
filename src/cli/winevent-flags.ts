/**
 * What `logd ship` is told of event logs: which ones, and the program that reads them; and the test of both.
 */
import { arch, hostname, release, version as systemVersion } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { testEventLogs } from '../agent/winevent/self-test.ts';
import { realClock } from '../system/clock.ts';
import { version } from '../system/version.ts';
import { CommandError, EXIT_FAILURE, EXIT_USAGE } from './exit.ts';

export interface EventLogFlags {
  readonly channel?: readonly string[];
  readonly wevtutil?: string;
  readonly clientId?: string;
  readonly lineLimit: number;
}

const DEFAULT_CHANNELS = ['Application', 'System'] as const;
const CHANNEL_LENGTH_MAX = 256;

export function eventLogsWanted({ channel, wevtutil }: EventLogFlags): {
  readonly channels: readonly [string, ...string[]];
  readonly wevtutil: string;
} {
  const [first = DEFAULT_CHANNELS[0], ...others] = channel ?? DEFAULT_CHANNELS;
  return { channels: [first, ...others], wevtutil: wevtutil ?? systemWevtutil() };
}

/** By its whole path: what the PATH finds may be another program. */
function systemWevtutil(): string {
  if (process.platform !== 'win32') {
    throw new CommandError(
      '--source winevent reads the event logs of Windows, which this machine is not: use --source syslog, journald or file here, or name a reader with --wevtutil FILE',
      EXIT_USAGE,
    );
  }
  return `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\wevtutil.exe`;
}

/** Names of logs, several with commas between; Windows knows them in any case. */
export function addChannels(text: string, before: readonly string[] | undefined): readonly string[] {
  const channels = [...(before ?? [])];
  for (const part of text.split(',')) {
    const name = part.trim();
    if (name === '' || name.length > CHANNEL_LENGTH_MAX || /^[/-]|[\p{Cc}"<>|]/u.test(name)) {
      throw new InvalidArgumentError('it must be the name of an event log, such as System (wevtutil el lists all)');
    }
    if (name.toLowerCase() === 'forwardedevents') {
      throw new InvalidArgumentError(
        'ForwardedEvents cannot be followed: its records keep the numbers of the machines they come from. Run logd ship on those machines',
      );
    }
    if (!channels.some((known) => known.toLowerCase() === name.toLowerCase())) channels.push(name);
  }
  return channels;
}

/** Prints its report; throws when something is broken. */
export async function selfTestEventLogs(flags: EventLogFlags, stop: AbortSignal): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const { channels, wevtutil } = eventLogsWanted(flags);
  print(
    `logd ${version}, ${process.platform} ${release()} ${arch()} (${systemVersion()}), node ${process.versions.node}`,
  );
  const isWell = await testEventLogs({
    channels,
    wevtutil,
    clientId: flags.clientId ?? `EventLogClient_${hostname()}`,
    lineBytesMax: flags.lineLimit,
    clock: realClock,
    stop,
    print,
  });
  if (!isWell) throw new CommandError('the event logs cannot all be read, see the lines above', EXIT_FAILURE);
}
