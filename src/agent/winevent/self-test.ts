/**
 * What a first run on a machine must show: whether the reader runs, what it answers, whether each log can be read, and
 * what its events become. Reads a few events and changes nothing.
 */
import type { WindowsEvent } from '../../decode/windows-event.ts';
import type { Clock } from '../../system/clock.ts';
import { describeEvent } from './event-entry.ts';
import { EVENT_LOG_TIMING } from './limits.ts';
import { brokenReader, describeTrouble } from './telling.ts';
import { type Printed, type Trouble, Wevtutil } from './wevtutil.ts';

export interface SelfTestOptions {
  readonly channels: readonly string[];
  readonly wevtutil: string;
  readonly clientId: string;
  readonly lineBytesMax: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Takes a line of the report. */
  readonly print: (line: string) => void;
}

/** Events read of each log, and how much of one is shown. */
const SAMPLE_EVENTS = 5;
const SAMPLE_LENGTH_MAX = 600;
const SILENT_MS_MAX = 20_000;

/** True: all is well. */
export async function testEventLogs(options: SelfTestOptions): Promise<boolean> {
  const { clock, stop, print, channels } = options;
  const locale = Intl.DateTimeFormat().resolvedOptions().locale;
  const silentMsMax = Math.min(SILENT_MS_MAX, EVENT_LOG_TIMING.silentMsMax);
  const wevtutil = new Wevtutil({ program: options.wevtutil, clock, stop, silentMsMax, locale });
  print(`reader: ${options.wevtutil} (locale ${locale})`);
  const runs = await testReader(wevtutil, print);
  let readable = 0;
  if (runs) for (const channel of channels) if (await testChannel(channel, wevtutil, options)) readable++;
  const isWell = runs && readable === channels.length;
  print('');
  print(
    isWell
      ? `all is well: ${readable} of ${channels.length} event logs can be read, sent as client ${options.clientId}`
      : `something is broken: ${readable} of ${channels.length} event logs can be read; what to do stands above`,
  );
  return isWell;
}

/** False: nothing further can be asked. */
async function testReader(wevtutil: Wevtutil, print: SelfTestOptions['print']): Promise<boolean> {
  const list = await wevtutil.run(['el'], undefined);
  if (list.trouble?.kind === 'no-program') {
    print(`  BROKEN  ${describeTrouble('', list.trouble).reason}`);
    return false;
  }
  print(`  ${mark(list)}  el (names of all logs): ${shown(list)}`);
  // What it says to a wrong question shows that it looks at its arguments, and in which language it speaks.
  const refused = await wevtutil.run(['qe', 'System', '/f:none'], undefined);
  const isRefused = refused.trouble !== undefined;
  print(
    `  ${isRefused ? 'ok    ' : 'BROKEN'}  a wrong option is ${isRefused ? 'refused' : 'taken'}: ${shown(refused)}`,
  );
  return true;
}

async function testChannel(channel: string, wevtutil: Wevtutil, options: SelfTestOptions): Promise<boolean> {
  const { print } = options;
  const broken = (trouble: Trouble): false => {
    print(`  BROKEN  ${describeTrouble(channel, trouble).reason}`);
    return false;
  };
  print('');
  print(`event log ${channel}`);
  let newest: WindowsEvent | undefined;
  const looked = await wevtutil.newest(channel, (event) => {
    newest = event;
    return undefined;
  });
  print(`  ${mark(looked)}  newest record: ${newest ? recordShown(newest) : 'none'}; ${shown(looked)}`);
  if (looked.trouble) return broken(looked.trouble);
  const { count, printed } = await wevtutil.recordCount(channel);
  print(`  ${mark(printed)}  gli (what the service says of it): ${count ?? 'no number of'} records; ${shown(printed)}`);
  if (newest?.recordId === undefined) {
    if (count === 0) {
      print('  ok      it is empty: nothing to show of it');
      return true;
    }
    const why =
      count === undefined
        ? 'it prints nothing, whatever it is asked'
        : `the log holds ${count} records, and it prints none`;
    return broken(brokenReader(options.wevtutil, why));
  }
  return testReading({ channel, newest, newestId: newest.recordId, broken }, wevtutil, options);
}

async function testReading(
  log: {
    readonly channel: string;
    readonly newest: WindowsEvent;
    readonly newestId: bigint;
    readonly broken: (trouble: Trouble) => false;
  },
  wevtutil: Wevtutil,
  options: SelfTestOptions,
): Promise<boolean> {
  const { print, lineBytesMax, clock } = options;
  const { channel, newestId, broken } = log;
  const read = async (recordId: bigint, count: number) => {
    const events: WindowsEvent[] = [];
    const printed = await wevtutil.after(channel, { recordId, count, withTexts: true }, (event) => {
      events.push(event);
      return undefined;
    });
    return { events, printed };
  };
  const oldest = await read(0n, 1);
  const [first] = oldest.events;
  print(`  ${mark(oldest.printed)}  oldest record: ${first ? recordShown(first) : 'none'}; ${shown(oldest.printed)}`);
  const from = newestId > BigInt(SAMPLE_EVENTS) ? newestId - BigInt(SAMPLE_EVENTS) : 0n;
  const { events, printed } = await read(from, SAMPLE_EVENTS);
  const withText = events.filter(({ hasText }) => hasText).length;
  const damaged = events.filter(({ isDamaged }) => isDamaged).length;
  print(
    `  ${mark(printed)}  read behind record ${from}: ${events.length} events, ${withText} with their text, ${damaged} damaged; ${shown(printed)}`,
  );
  const trouble = oldest.printed.trouble ?? printed.trouble;
  if (trouble) return broken(trouble);
  const last = events.at(-1);
  if (!first || !last) {
    return broken(
      brokenReader(options.wevtutil, `the newest record is ${newestId}, and it prints none behind ${from}`),
    );
  }
  const entry = describeEvent(last, { channel, nowMs: clock.nowMs(), lineBytesMax });
  print(`  sample  ${JSON.stringify({ level: entry.level, timestamp: new Date(entry.timeMs).toISOString() })}`);
  print(`          ${JSON.stringify(entry.message).slice(1, -1).slice(0, SAMPLE_LENGTH_MAX)}`);
  print(`          ${JSON.stringify(entry.fields).slice(0, SAMPLE_LENGTH_MAX)}`);
  if (printed.isTruncated || damaged > 0) {
    return broken({
      kind: 'other',
      told: 'its output is cut or damaged; run the test again, and report the lines above if it stays',
    });
  }
  return true;
}

function recordShown({ recordId, timeText }: WindowsEvent): string {
  return `${recordId ?? 'without a number'} of ${timeText ?? 'no time'}`;
}

function shown({ exitCode, trouble, durationMs, form, firstBytes, outside, events }: Printed): string {
  const parts = [`exit code ${exitCode ?? 'none'}`, `${Math.round(durationMs)} ms`];
  if (trouble) parts.push(`"${trouble.told}"`);
  parts.push(form === undefined ? 'printed nothing' : `${form}, first bytes ${firstBytes}`);
  if (events === 0 && outside !== '') parts.push(`"${outside.replaceAll(/\s+/g, ' ').slice(0, 60)}…"`);
  return parts.join(', ');
}

function mark({ trouble }: Printed): string {
  return trouble ? 'BROKEN' : 'ok    ';
}
