/**
 * Runs `wevtutil`, the reader of event logs that every Windows has: one short query at a time, its output read as it comes,
 * killed when it gives nothing for too long. What went wrong is told by its exit code, as its words are in the machine's
 * language.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEventSplitter, type SplitEvent } from '../../decode/event-splitter.ts';
import { createUnknownText, type TextForm } from '../../decode/unknown-text.ts';
import { parseWindowsEvent, type WindowsEvent } from '../../decode/windows-event.ts';
import type { Clock } from '../../system/clock.ts';
import { hasCode } from '../../system/files.ts';
import { STDERR_BYTES_MAX } from './limits.ts';

export interface WevtutilOptions {
  readonly program: string;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly silentMsMax: number;
  /** Whose console it prints to, such as `de-DE`. */
  readonly locale: string;
}

export type TroubleKind =
  /** There is no such program, or it may not be run. */
  | 'no-program'
  /** The log may not be read by this user. */
  | 'denied'
  /** There is no such log. */
  | 'no-channel'
  /** The service of the event logs does not answer. */
  | 'service'
  /** The texts of the messages could not be fetched: without them it may work. */
  | 'texts'
  /** It gave nothing for too long. */
  | 'silent'
  /** The stop was asked for. */
  | 'stopped'
  | 'other';

export interface Trouble {
  readonly kind: TroubleKind;
  /** For a person, without a break. */
  readonly told: string;
}

export interface Printed {
  /** Undefined: it ended well. */
  readonly trouble: Trouble | undefined;
  readonly events: number;
  /** It ended within an event: the rest is to be asked for again. */
  readonly isTruncated: boolean;
  /** What it printed that is no event. */
  readonly outside: string;
  readonly form: TextForm | undefined;
  /** The first bytes, in hex. */
  readonly firstBytes: string;
  readonly durationMs: number;
  readonly exitCode: number | null;
}

/** Takes the event; what it returns is waited for before more is read. */
export type TakeEvent = (event: WindowsEvent) => Promise<void> | undefined;

/** Win32 codes, by what they mean to a reader. */
const MEANINGS: Readonly<Record<number, TroubleKind>> = {
  2: 'no-channel',
  3: 'no-channel',
  5: 'denied',
  15007: 'no-channel',
  1717: 'service',
  1722: 'service',
  1726: 'service',
  1753: 'service',
  15002: 'texts',
  15027: 'texts',
  15028: 'texts',
  15033: 'texts',
};
/** Elsewhere than on Windows a program's exit code has eight bits: these are what is left of the codes above. */
const LOW_BYTES = new Map(
  [1717, 1722, 1726, 1753, 15007, 15002, 15027, 15028, 15033].map((code) => [code & 255, code]),
);
const NOT_THERE = ['ENOENT', 'ENOTDIR'];
const NOT_ALLOWED = ['EACCES', 'EPERM'];
const NO_PROGRAM = ['EINVAL', 'ENOEXEC', 'UNKNOWN'];
const FIRST_BYTES = 16;

export class Wevtutil {
  readonly #options: WevtutilOptions;

  constructor(options: WevtutilOptions) {
    this.#options = options;
  }

  get program(): string {
    return this.#options.program;
  }

  /** The newest event of a log, without its texts: quick, however large the log is. */
  newest(channel: string, take: TakeEvent): Promise<Printed> {
    return this.run(['qe', channel, '/c:1', '/rd:true', '/f:XML', '/uni:true'], take);
  }

  /** The oldest events behind that record, oldest first. */
  after(
    channel: string,
    { recordId, count, withTexts }: { recordId: bigint; count: number; withTexts: boolean },
    take: TakeEvent,
  ): Promise<Printed> {
    const query = recordId === 0n ? '*' : `*[System[EventRecordID>${recordId}]]`;
    const form = withTexts ? 'RenderedXml' : 'XML';
    return this.run(['qe', channel, `/q:${query}`, `/c:${count}`, '/rd:false', `/f:${form}`, '/uni:true'], take);
  }

  /** What the service says about a log: how many records it holds; undefined: it says nothing of the kind. */
  async recordCount(channel: string): Promise<{ count: number | undefined; printed: Printed }> {
    const printed = await this.run(['gli', channel], undefined);
    const [, count] = /numberOfLogRecords:\s*(\d+)/i.exec(printed.outside) ?? [];
    return { count: count === undefined ? undefined : Number(count), printed };
  }

  /** Runs it to its end. An event that was begun and not finished is not given. */
  async run(args: readonly string[], take: TakeEvent | undefined): Promise<Printed> {
    const { program, clock, stop, locale } = this.#options;
    const startedMs = clock.monotonicMs();
    const text = createUnknownText(locale);
    const splitter = createEventSplitter();
    let firstBytes = Buffer.alloc(0);
    let events = 0;
    const found: SplitEvent[] = [];
    const giveFound = async () => {
      for (const event of found.splice(0)) {
        events++;
        await take?.(parseWindowsEvent(event));
      }
    };
    const { trouble, exitCode } = await this.#spawn(args, async (bytes) => {
      if (firstBytes.length < FIRST_BYTES) firstBytes = Buffer.concat([firstBytes, bytes.subarray(0, FIRST_BYTES)]);
      splitter.feed(text.feed(bytes), (event) => found.push(event));
      await giveFound();
    });
    splitter.feed(text.end(), (event) => found.push(event));
    if (!stop.aborted) await giveFound();
    return {
      trouble:
        trouble && (trouble.told === '' ? { ...trouble, told: `${program} ended with code ${exitCode}` } : trouble),
      events,
      isTruncated: splitter.isWithin,
      outside: splitter.outside,
      form: text.form,
      firstBytes: firstBytes
        .subarray(0, FIRST_BYTES)
        .toString('hex')
        .replace(/..(?=.)/g, '$& '),
      durationMs: clock.monotonicMs() - startedMs,
      exitCode,
    };
  }

  async #spawn(
    args: readonly string[],
    onBytes: (bytes: Buffer) => Promise<void>,
  ): Promise<{ trouble: Trouble | undefined; exitCode: number | null }> {
    const { program, stop, silentMsMax, locale } = this.#options;
    if (stop.aborted) return { trouble: { kind: 'stopped', told: 'stopped' }, exitCode: null };
    let child: ReturnType<typeof startReader>;
    try {
      child = startReader(program, args);
    } catch (error) {
      // A .bat or .cmd: Windows runs these through a shell alone.
      return { trouble: spawnTrouble(program, error), exitCode: null };
    }
    const kill = () => child.kill('SIGKILL');
    let isSilent = false;
    const onSilence = () => {
      isSilent = true;
      kill();
      // What it started itself may hold the pipes open: nothing of that is waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    stop.addEventListener('abort', onSilence, { once: true });
    const ended = once(child, 'close').then(
      ([code]) => ({ code: typeof code === 'number' ? code : null }),
      (error: unknown) => ({ error }),
    );
    const said = createUnknownText(locale);
    let told = '';
    child.stderr.on('data', (bytes: Buffer) => {
      if (told.length < STDERR_BYTES_MAX) told += said.feed(bytes);
    });
    // Runs only while it is waited for: a spool that is full is nothing it can help.
    let timer = setTimeout(onSilence, silentMsMax);
    try {
      try {
        for await (const bytes of child.stdout) {
          clearTimeout(timer);
          await onBytes(bytes as Buffer);
          timer = setTimeout(onSilence, silentMsMax);
          if (stop.aborted) break;
        }
      } catch (error) {
        if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
        // Destroyed above: why is told below.
      }
      const end = await ended;
      if (stop.aborted) return { trouble: { kind: 'stopped', told: 'stopped' }, exitCode: null };
      if ('error' in end) return { trouble: spawnTrouble(program, end.error), exitCode: null };
      if (isSilent) {
        const seconds = Math.round(silentMsMax / 1_000);
        return {
          trouble: { kind: 'silent', told: `${program} gave nothing for ${seconds} s and was stopped` },
          exitCode: null,
        };
      }
      const code = wholeCode(end.code);
      if (code === 0) return { trouble: undefined, exitCode: 0 };
      const kind = (code !== null && MEANINGS[code]) || 'other';
      return { trouble: { kind, told: oneLine(told + said.end()) }, exitCode: code };
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', onSilence);
      if (child.exitCode === null) kill();
    }
  }
}

function startReader(program: string, args: readonly string[]) {
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, shell: false });
}

function spawnTrouble(program: string, error: unknown): Trouble {
  if (!hasCode(error, ...NOT_THERE, ...NOT_ALLOWED, ...NO_PROGRAM)) throw error;
  const why = hasCode(error, ...NOT_THERE)
    ? 'there is no such program'
    : hasCode(error, ...NOT_ALLOWED)
      ? 'it may not be run'
      : 'it is no program';
  return { kind: 'no-program', told: `cannot run ${program}: ${why}` };
}

function wholeCode(code: number | null): number | null {
  if (code === null || process.platform === 'win32') return code;
  return LOW_BYTES.get(code) ?? code;
}

/** The last words of wevtutil say why; what it says twice is told once. */
function oneLine(told: string): string {
  const lines = told.split(/[\r\n]+/).map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line !== '').join(' ');
}
