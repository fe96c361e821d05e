/**
 * The agent's state as it tells it to the server. What must be asked of the disk is asked now and then, so that no batch
 * waits for it.
 */
import { stat } from 'node:fs/promises';
import { type SourceReport, writeAgentReport } from '../api/agent-report.ts';
import type { Clock } from '../system/clock.ts';
import { version } from '../system/version.ts';
import { STATUS_MEASURE_MS } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Lag, MeasureLag, Source } from './source.ts';
import type { Spool, SpooledBatch } from './spool.ts';

export interface AgentStatusOptions {
  readonly producer: string;
  readonly host: string;
  readonly sources: readonly Pick<Source, 'name' | 'clientId'>[];
  readonly spool: Pick<Spool, 'depth' | 'lines' | 'waitingBytes' | 'oldest' | 'pathOf'>;
  readonly spoolBytesMax: number;
  readonly outbox: Pick<Outbox, 'gaps' | 'pendingLines'>;
  readonly clock: Clock;
}

export interface StatusWish {
  /** A batch that is no longer in the spool when the server has it, and the report with it. */
  readonly without?: SpooledBatch | undefined;
  /** The last one. */
  readonly isStopped?: boolean;
}

export class AgentStatus {
  readonly #options: AgentStatusOptions;
  readonly #meters = new Map<Pick<Source, 'name'>, MeasureLag>();
  /** By the sources' names; undefined: nobody has looked yet. */
  #lags: ReadonlyMap<string, Lag> | undefined;
  #measuredMeters = 0;
  #oldestSinceMs: number | undefined;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  constructor(options: AgentStatusOptions) {
    this.#options = options;
  }

  /** A source that runs can say how far it is behind. */
  setMeter(source: Pick<Source, 'name'>, measure: MeasureLag): void {
    this.#meters.set(source, measure);
  }

  /** Asks the disk anew, where that is due. */
  async measure(): Promise<void> {
    if (this.#options.clock.monotonicMs() - this.#measuredMs < STATUS_MEASURE_MS) return;
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
    });
    await this.#measuring;
  }

  /** The header's value, of what is known now. */
  text({ without, isStopped = false }: StatusWish = {}): string {
    const { producer, host, sources, spool, spoolBytesMax, outbox, clock } = this.#options;
    const batches = spool.depth - (without ? 1 : 0);
    const sinceMs = this.#oldestSinceMs ?? clock.nowMs();
    return writeAgentReport({
      producer,
      version,
      host,
      clients: [...new Set(sources.map(({ clientId }) => clientId))],
      sources: [...new Set(sources.map(({ name }) => name))].map((name) => lagReport(name, this.#lags?.get(name))),
      spool: {
        batches,
        lines: outbox.pendingLines + spool.lines - (without?.header.count ?? 0),
        bytes: spool.waitingBytes - (without?.diskBytes ?? 0),
        max_bytes: spoolBytesMax,
        oldest_ms: batches > 0 ? whole(clock.nowMs() - sinceMs) : 0,
      },
      gaps: outbox.gaps,
      ...(isStopped ? { stopped: true } : {}),
    });
  }

  /** Whether something waits in the spool, beside that batch, or was not read when it was last looked at, or nobody looked. */
  isBehind(without?: SpooledBatch): boolean {
    const batches = this.#options.spool.depth - (without ? 1 : 0);
    return (
      batches > 0 ||
      this.#measuredMeters < this.#meters.size ||
      [...(this.#lags?.values() ?? [])].some(({ bytes = 0 }) => bytes > 0)
    );
  }

  async #measure(): Promise<void> {
    const { spool, clock } = this.#options;
    this.#measuredMs = clock.monotonicMs();
    const lags = new Map<string, Lag>();
    const meters = [...this.#meters];
    for (const [{ name }, measure] of meters) lags.set(name, together(lags.get(name), await measure()));
    this.#lags = lags;
    this.#measuredMeters = meters.length;
    const oldest = spool.oldest();
    this.#oldestSinceMs = oldest && (await writtenMs(spool.pathOf(oldest)));
  }
}

/** Of several sources of one name: what none of them can tell is not known. */
function together(before: Lag | undefined, { bytes, ms }: Lag): Lag {
  if (!before) return { bytes, ms };
  return {
    bytes: bytes === undefined && before.bytes === undefined ? undefined : (bytes ?? 0) + (before.bytes ?? 0),
    ms: ms === undefined && before.ms === undefined ? undefined : Math.max(ms ?? 0, before.ms ?? 0),
  };
}

function lagReport(name: string, { bytes, ms }: Lag = {}): SourceReport {
  return {
    name,
    ...(bytes === undefined ? {} : { lag_bytes: whole(bytes) }),
    ...(ms === undefined ? {} : { lag_ms: whole(ms) }),
  };
}

async function writtenMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    // It was answered and removed meanwhile.
    return undefined;
  }
}

/** Clocks step back. */
function whole(value: number): number {
  return Math.max(0, Math.round(value));
}
