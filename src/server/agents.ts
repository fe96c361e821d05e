/**
 * The agents heard of since the start: what each last told of itself, in memory alone. It comes again within seconds.
 */
import { type AgentReport, readAgentReport } from '../api/agent-report.ts';
import type { AgentJson, AgentTrouble } from '../api/types.ts';
import { AGENTS_MAX } from '../entry/limits.ts';
import type { Clock } from '../system/clock.ts';

/** An agent that was not heard of for so long is silent. */
const SILENT_MS = 30_000;
/** A spool fuller than this is a trouble. */
const SPOOL_PART_MAX = 0.8;
/** Lag is compared with what it was at least so long ago. */
const TREND_MS = 5_000;
/** Shorter than this it is a matter of taking turns. */
const LAG_TOLD_MS = 5_000;

interface Agent {
  readonly report: AgentReport;
  readonly atMs: number;
  readonly heardMs: number;
  /** What it is compared with. */
  readonly base: Behind;
  readonly lagGrows: boolean;
}

interface Behind {
  readonly heardMs: number;
  readonly bytes: number;
  readonly lines: number;
}

export interface AgentFigures {
  /** That have not ended. */
  readonly running: number;
  /** Of those, not heard of for SILENT_MS. */
  readonly silent: number;
  readonly spoolLines: number;
  readonly gaps: number;
  /** Reports that were none. */
  readonly rejected: number;
}

export class Agents {
  readonly #clock: Clock;
  /** By producer, the one heard of last at the end. */
  readonly #agents = new Map<string, Agent>();
  #rejected = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param header as node:http has it; whatever is wrong with it is counted and otherwise ignored */
  take(header: string | readonly string[] | undefined): void {
    if (header === undefined) return;
    const report = typeof header === 'string' ? readAgentReport(header) : undefined;
    if (!report) {
      this.#rejected++;
      return;
    }
    const before = this.#agents.get(report.producer);
    this.#agents.delete(report.producer);
    this.#agents.set(report.producer, this.#follow(report, before));
    if (this.#agents.size <= AGENTS_MAX) return;
    const [oldest] = this.#agents.keys();
    if (oldest !== undefined) this.#agents.delete(oldest);
  }

  /** The one heard of last first. */
  all(): AgentJson[] {
    return [...this.#agents.values()].reverse().map((agent) => this.#toJson(agent));
  }

  figures(): AgentFigures {
    const nowMs = this.#clock.monotonicMs();
    let [running, silent, spoolLines, gaps] = [0, 0, 0, 0];
    for (const { report, heardMs } of this.#agents.values()) {
      spoolLines += report.spool.lines;
      gaps += report.gaps.events;
      if (report.stopped) continue;
      running++;
      if (nowMs - heardMs > SILENT_MS) silent++;
    }
    return { running, silent, spoolLines, gaps, rejected: this.#rejected };
  }

  #follow(report: AgentReport, before: Agent | undefined): Agent {
    const heardMs = this.#clock.monotonicMs();
    const now: Behind = { heardMs, bytes: lagBytesOf(report) ?? 0, lines: report.spool.lines };
    const shared = { report, atMs: this.#clock.nowMs(), heardMs };
    if (!before) return { ...shared, base: now, lagGrows: false };
    const isBehind = lagMsOf(report) >= LAG_TOLD_MS;
    // Reports of a busy moment are compared with the same one before them; what is gone is gone at once.
    if (heardMs - before.base.heardMs < TREND_MS) {
      return { ...shared, base: before.base, lagGrows: before.lagGrows && isBehind };
    }
    const isMore = now.bytes > before.base.bytes || now.lines > before.base.lines;
    return { ...shared, base: now, lagGrows: isMore && isBehind };
  }

  #toJson({ report, atMs, heardMs, lagGrows }: Agent): AgentJson {
    const silentMs = Math.round(this.#clock.monotonicMs() - heardMs);
    const { host, version, clients, sources, spool, gaps, stopped } = report;
    return {
      host,
      version,
      clients,
      last_report: new Date(atMs).toISOString(),
      silent_ms: silentMs,
      lag_bytes: lagBytesOf(report) ?? null,
      lag_ms: lagMsOf(report),
      troubles: troublesOf(report, silentMs, lagGrows),
      sources,
      spool,
      gaps,
      ...(stopped ? { stopped } : {}),
    };
  }
}

function troublesOf({ spool, gaps, stopped }: AgentReport, silentMs: number, lagGrows: boolean): AgentTrouble[] {
  const troubles: AgentTrouble[] = [];
  // One that has ended has nothing more to say and to send.
  if (!stopped && silentMs > SILENT_MS) troubles.push('silent');
  if (!stopped && lagGrows) troubles.push('lag');
  if (spool.bytes > spool.max_bytes * SPOOL_PART_MAX) troubles.push('spool');
  if (gaps.events > 0) troubles.push('gaps');
  return troubles;
}

/** By client, in the order given. */
export function agentsByClient(agents: readonly AgentJson[]): Map<string, AgentJson[]> {
  const byClient = new Map<string, AgentJson[]>();
  for (const agent of agents) {
    for (const client of new Set(agent.clients)) {
      const known = byClient.get(client);
      if (known) known.push(agent);
      else byClient.set(client, [agent]);
    }
  }
  return byClient;
}

function lagBytesOf({ sources }: AgentReport): number | undefined {
  const known = sources.flatMap(({ lag_bytes }) => lag_bytes ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

function lagMsOf({ sources, spool }: AgentReport): number {
  return Math.max(spool.oldest_ms, ...sources.map(({ lag_ms }) => lag_ms ?? 0));
}
