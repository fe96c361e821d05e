/**
 * Reads one event log from record to record: looks at its newest record, and when that is another one than was read last,
 * asks for what lies between. Numbers rise by one, so what is missing between two records is known exactly; a newest record
 * below the last one that was read is that of a log made anew. A log that cannot be read is tried again, the others go on.
 */
import type { WindowsEvent } from '../../decode/windows-event.ts';
import { type Backoff, createBackoff } from '../../system/backoff.ts';
import { positionsOnly } from '../chunk.ts';
import type { ChunkWriter } from '../chunk-writer.ts';
import type { SourceContext } from '../source.ts';
import { describeEvent } from './event-entry.ts';
import {
  type EventLogTiming,
  HELD_EVENTS_MAX,
  POLL_MS_PER_LOG,
  POLL_SHARE,
  READ_EVENTS_BEHIND,
  READ_EVENTS_FIRST,
  SLOW_POLL_MS_MAX,
  TRIES_ONCE,
} from './limits.ts';
import { type EventLogPosition, positionKey, positionValue, readPosition } from './position.ts';
import { brokenReader, describeTrouble, EventLogTelling } from './telling.ts';
import type { Trouble, Wevtutil } from './wevtutil.ts';

export interface EventLogOptions {
  readonly channel: string;
  /** How many are read at the same time. */
  readonly logCount: number;
  /** Where a log never read before begins. */
  readonly from: 'start' | 'end';
  readonly lineBytesMax: number;
  readonly wevtutil: Wevtutil;
  readonly writer: ChunkWriter;
  readonly timing: EventLogTiming;
  readonly context: SourceContext;
  /** Aborts with the source's stop, and when another log of it fails. */
  readonly stop: AbortSignal;
}

export type EventLogEnd =
  | { readonly kind: 'ended' }
  /** It could not be read; the reason names the way out. */
  | { readonly kind: 'unreadable'; readonly reason: string };

type Look =
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  /** All that was there is read. */
  | { readonly kind: 'read'; readonly events: number; readonly durationMs: number };

export class EventLog {
  readonly #options: EventLogOptions;
  readonly #telling: EventLogTelling;
  readonly #backoff: Backoff;
  readonly #key: string;
  #position: EventLogPosition | undefined;
  /** The record of the position was found to be the one that was read. */
  #isVerified = false;
  /** It was not there when it was looked for: when it appears, all of it is new. */
  #wasMissing = false;
  #startsAtEnd: boolean;
  /** Looks in a row that found nothing where there must be something. */
  #contradictions = 0;
  #emptyCheckedMs = Number.NEGATIVE_INFINITY;
  #withTexts = true;
  /** Taken since the last handing over. */
  #held = 0;
  #cut = 0;

  constructor(options: EventLogOptions) {
    this.#options = options;
    const { context, timing, channel, lineBytesMax } = options;
    this.#telling = new EventLogTelling(context, { channel, lineBytesMax });
    this.#backoff = createBackoff({ firstMs: timing.retryFirstMs, maxMs: timing.retryMsMax });
    this.#key = positionKey(context.positions, channel);
    this.#startsAtEnd = options.from === 'end' || context.positionsLost;
    const found = readPosition(context.positions, this.#key);
    if (found === 'damaged') {
      this.#telling.damagedPosition();
      this.#startsAtEnd = true;
    } else this.#position = found;
  }

  async run(): Promise<EventLogEnd> {
    const { context, stop, channel } = this.#options;
    for (let tries = 1; !stop.aborted; tries++) {
      const look = await this.#look();
      if (stop.aborted) break;
      if (look.kind === 'trouble') {
        const { trouble } = look;
        const isFinal = trouble.kind === 'no-program' || (context.once && (isParked(trouble) || tries >= TRIES_ONCE));
        if (isFinal) return { kind: 'unreadable', reason: describeTrouble(channel, trouble).reason };
        this.#telling.trouble(trouble);
      } else if (context.once && this.#contradictions === 0) break;
      await context.clock.sleep(this.#waitMs(look), stop);
    }
    return { kind: 'ended' };
  }

  async #look(): Promise<Look> {
    const { wevtutil, channel } = this.#options;
    let newest: EventLogPosition | undefined;
    const printed = await wevtutil.newest(channel, ({ recordId, timeText = '' }) => {
      if (recordId !== undefined) newest = { recordId, time: timeText };
      return undefined;
    });
    const { durationMs } = printed;
    if (printed.trouble) return this.#failed(printed.trouble);
    if (newest) return this.#readUpTo(newest, durationMs);
    if (printed.outside !== '' || printed.events > 0 || printed.isTruncated) {
      const why = `it printed no event with a number, but "${printed.outside.slice(0, 80)}"`;
      return this.#failed(brokenReader(wevtutil.program, why));
    }
    return this.#lookAtEmpty(durationMs);
  }

  /** Nothing was printed: an empty log, or a reader that prints nothing whatever it is asked. */
  async #lookAtEmpty(durationMs: number): Promise<Look> {
    const { wevtutil, channel, timing, context } = this.#options;
    const nowMs = context.clock.monotonicMs();
    if (nowMs - this.#emptyCheckedMs >= timing.emptyCheckMs || this.#contradictions > 0) {
      const { count, printed } = await wevtutil.recordCount(channel);
      if (printed.trouble) return this.#failed(printed.trouble);
      if (count === undefined) {
        return this.#failed(brokenReader(wevtutil.program, 'it ends well and prints nothing, whatever it is asked'));
      }
      if (count > 0) return this.#contradicted(`the log holds ${count} records, and it prints none`, durationMs);
      this.#emptyCheckedMs = nowMs;
    }
    this.#isFine();
    this.#isVerified = true;
    // What comes into an empty log is new, wherever a log is to begin.
    if (!this.#position) await this.#moveTo({ recordId: 0n, time: '' });
    return { kind: 'read', events: 0, durationMs };
  }

  async #readUpTo(newest: EventLogPosition, durationMs: number): Promise<Look> {
    if (!this.#position) {
      if (this.#startsAtEnd && !this.#wasMissing) {
        await this.#moveTo(newest);
        this.#isVerified = true;
      } else this.#position = { recordId: 0n, time: '' };
    }
    const trouble = await this.#verify(newest);
    if (trouble) return this.#failed(trouble);
    let events = 0;
    let totalMs = durationMs;
    while (newest.recordId > this.#recordId && !this.#options.stop.aborted) {
      const wanted = events === 0 ? READ_EVENTS_FIRST : READ_EVENTS_BEHIND;
      const before = this.#recordId;
      const printed = await this.#readBatch(wanted);
      events += printed.events;
      totalMs = printed.durationMs;
      if (printed.trouble?.kind === 'texts' && this.#withTexts) {
        // Without their texts the events can be read: better their data than nothing.
        this.#withTexts = false;
        continue;
      }
      this.#withTexts = true;
      if (printed.trouble) return this.#failed(printed.trouble);
      if (this.#recordId === before) {
        const why = printed.isTruncated
          ? 'its output ends within the first event'
          : `the newest record is ${newest.recordId}, and it prints none behind ${before}`;
        return this.#contradicted(why, totalMs);
      }
    }
    this.#isFine();
    return { kind: 'read', events, durationMs: totalMs };
  }

  /** Whether the log is still the one that was read: by its newest record, and at first by the last record that was read. */
  async #verify(newest: EventLogPosition): Promise<Trouble | undefined> {
    const { wevtutil, channel } = this.#options;
    const known = this.#position;
    if (!known || known.recordId === 0n) return undefined;
    let isSame = newest.recordId > known.recordId || isSameRecord(newest, known);
    if (isSame && !this.#isVerified && newest.recordId !== known.recordId) {
      const { trouble } = await wevtutil.after(
        channel,
        { recordId: known.recordId - 1n, count: 1, withTexts: false },
        ({ recordId, timeText = '' }) => {
          if (recordId !== undefined)
            isSame = recordId > known.recordId || isSameRecord({ recordId, time: timeText }, known);
          return undefined;
        },
      );
      if (trouble) return trouble;
    }
    if (!isSame) {
      this.#telling.recreated(newest.recordId, known.recordId);
      this.#position = { recordId: 0n, time: '' };
    }
    this.#isVerified = true;
    return undefined;
  }

  async #readBatch(count: number) {
    const { wevtutil, channel } = this.#options;
    const request = { recordId: this.#recordId, count, withTexts: this.#withTexts };
    const printed = await wevtutil.after(channel, request, (event) => this.#take(event));
    await this.#handOver();
    return printed;
  }

  #take(event: WindowsEvent): Promise<void> | undefined {
    const { channel, lineBytesMax, context, writer, stop } = this.#options;
    // Stopped: what is not handed over is read again at the next start.
    if (stop.aborted) return undefined;
    const { recordId } = event;
    if (recordId !== undefined) {
      const last = this.#recordId;
      if (recordId <= last) return undefined;
      if (last > 0n && recordId > last + 1n) this.#telling.lost(last + 1n, recordId - 1n);
      this.#position = { recordId, time: event.timeText ?? '' };
    }
    const entry = describeEvent(event, { channel, nowMs: context.clock.nowMs(), lineBytesMax });
    if (entry.isCut) this.#cut++;
    if (!event.hasText && this.#withTexts) this.#telling.withoutText(event.provider ?? 'an unknown provider');
    writer.add(entry);
    this.#held++;
    const isFull = this.#held >= HELD_EVENTS_MAX || writer.bytes >= context.chunkBytesMax;
    return isFull ? this.#handOver() : undefined;
  }

  /** Entries and position in one chunk: both become safe, or neither. */
  async #handOver(): Promise<void> {
    if (this.#held === 0 || !this.#position) return;
    if (this.#cut > 0) this.#telling.cut(this.#cut);
    this.#cut = 0;
    this.#held = 0;
    const { writer, context } = this.#options;
    await context.put(writer.take({ [this.#key]: positionValue(this.#position) }));
  }

  async #moveTo(position: EventLogPosition): Promise<void> {
    this.#position = position;
    await this.#options.context.put(positionsOnly({ [this.#key]: positionValue(position) }));
  }

  get #recordId(): bigint {
    return this.#position?.recordId ?? 0n;
  }

  #isFine(): void {
    this.#contradictions = 0;
    this.#backoff.reset();
    this.#telling.works();
  }

  #failed(trouble: Trouble): Look {
    if (trouble.kind === 'no-channel') this.#wasMissing = true;
    // Who knows what was done to the log meanwhile.
    this.#isVerified = false;
    return { kind: 'trouble', trouble };
  }

  /** Once it may be a record that came in between; twice in a row it is the reader. */
  #contradicted(why: string, durationMs: number): Look {
    this.#contradictions++;
    if (this.#contradictions < 2) return { kind: 'read', events: 0, durationMs };
    return this.#failed(brokenReader(this.#options.wevtutil.program, why));
  }

  #waitMs(look: Look): number {
    const { timing, logCount } = this.#options;
    if (look.kind === 'trouble') return isParked(look.trouble) ? timing.parkedMs : this.#backoff.nextMs();
    const leastMs = look.events > 0 ? timing.busyPollMs : Math.max(timing.pollMs, logCount * POLL_MS_PER_LOG);
    return Math.max(leastMs, Math.min(look.durationMs * POLL_SHARE, SLOW_POLL_MS_MAX));
  }
}

/** Only a person can change it. */
function isParked({ kind }: Trouble): boolean {
  return kind === 'denied' || kind === 'no-channel';
}

function isSameRecord(a: EventLogPosition, b: EventLogPosition): boolean {
  return a.recordId === b.recordId && (a.time === b.time || a.time === '' || b.time === '');
}
