/**
 * What the reader of one event log says: reports for whoever runs the agent, each trouble once until it is over, and
 * visible WARNING entries for what was lost.
 */
import type { SourceContext } from '../source.ts';
import type { Trouble } from './wevtutil.ts';

const SEEN_PROVIDERS_MAX = 1_000;

export class EventLogTelling {
  readonly #context: Pick<SourceContext, 'lost' | 'reporter'>;
  readonly #channel: string;
  readonly #lineBytesMax: number;
  /** The trouble that was told last and is not over. */
  #trouble: string | undefined;
  readonly #textless = new Set<string>();

  constructor(
    context: Pick<SourceContext, 'lost' | 'reporter'>,
    { channel, lineBytesMax }: { readonly channel: string; readonly lineBytesMax: number },
  ) {
    this.#context = context;
    this.#channel = channel;
    this.#lineBytesMax = lineBytesMax;
  }

  trouble(trouble: Trouble): void {
    const { event, reason, next } = describeTrouble(this.#channel, trouble);
    const message = `${reason}. ${next}`;
    if (this.#trouble === message) return;
    this.#trouble = message;
    this.#context.reporter({ severity: 'warning', event, message });
  }

  /** It works: a trouble that was told is over. */
  works(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    const message = `the event log ${this.#channel} can be read again`;
    this.#context.reporter({ severity: 'info', event: 'channel-back', message });
  }

  lost(from: bigint, to: bigint): void {
    const count = to - from + 1n;
    const which = count === 1n ? `record ${from}` : `records ${from} to ${to}`;
    const events = count === 1n ? '1 event' : `${count} events`;
    this.#lose(
      'events-lost',
      `${events} of the event log ${this.#channel} (${which}) ${count === 1n ? 'was' : 'were'} overwritten or cleared before they could be read: they are missing`,
      Number(count),
    );
  }

  recreated(newest: bigint, known: bigint): void {
    const message = `the event log ${this.#channel} was made anew: its newest record is ${newest}, read was up to ${known}. It is read from its oldest record; what was written to the old log since then is missing`;
    this.#lose('log-recreated', message);
  }

  damagedPosition(): void {
    const message = `the position in the event log ${this.#channel} is damaged: it is read on from its end, events in between are missing`;
    this.#lose('state-corrupt', message);
  }

  cut(count: number): void {
    const what = count === 1 ? '1 event' : `${count} events`;
    const message = `${what} of the event log ${this.#channel} ${count === 1 ? 'was' : 'were'} cut: longer than ${this.#lineBytesMax} bytes, with more data than is kept, or damaged`;
    this.#lose('events-cut', message, 0);
  }

  /** Everyday: once for each provider. */
  withoutText(provider: string): void {
    if (this.#textless.has(provider) || this.#textless.size >= SEEN_PROVIDERS_MAX) return;
    this.#textless.add(provider);
    const message = `the texts of ${provider} in the event log ${this.#channel} are not installed on this machine: the data of its events stands in place of their message`;
    this.#context.reporter({ severity: 'info', event: 'texts-missing', message });
  }

  /** @param lines that are missing; 0: parts of them; undefined: nobody can know */
  #lose(event: string, message: string, lines?: number): void {
    this.#context.reporter({ severity: 'warning', event, message });
    this.#context.lost({ what: message, lines });
  }
}

/** In words: why, with the way out, and what the agent does about it. */
export function describeTrouble(
  channel: string,
  { kind, told }: Trouble,
): { readonly event: string; readonly reason: string; readonly next: string } {
  const cannot = `cannot read the event log ${channel}`;
  const next = 'It is tried again';
  switch (kind) {
    case 'no-program':
      return { event: 'reader-missing', reason: `${told}. Name the reader with --wevtutil FILE`, next };
    case 'denied':
      return {
        event: 'channel-denied',
        reason: `${cannot}: access denied (${told}). Run the agent as administrator or as SYSTEM, or add its user to the group Event Log Readers`,
        next,
      };
    case 'no-channel':
      return {
        event: 'channel-missing',
        reason: `${cannot}: there is no log of that name (${told}). wevtutil el lists all`,
        next: 'It is read from its beginning when it appears',
      };
    case 'service':
      return {
        event: 'service-down',
        reason: `${cannot}: the service of the event logs does not answer (${told}). sc query eventlog shows it`,
        next,
      };
    case 'silent':
      return { event: 'reader-silent', reason: `${cannot}: ${told}`, next };
    case 'texts':
    case 'stopped':
    case 'other':
      return { event: 'channel-failed', reason: `${cannot}: ${told}`, next };
    default:
      kind satisfies never;
      throw new Error('BUG: a trouble of unknown kind');
  }
}

/** What is said when the reader prints nothing although there must be something. */
export function brokenReader(program: string, why: string): Trouble {
  return {
    kind: 'other',
    told: `the reader ${program} is broken: ${why}. Try it by hand (wevtutil qe System /c:1 /rd:true), or name another one with --wevtutil FILE`,
  };
}
