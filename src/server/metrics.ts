/**
 * The server's figures for Prometheus (text exposition format 0.0.4), by prom-client.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Batch } from '../entry/batch.ts';
import { LEVELS } from '../entry/level.ts';
import type { Store } from '../store/store.ts';
import type { AgentFigures, Agents } from './agents.ts';
import type { Streams } from './stream/streams.ts';

const FLUSH_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export interface Metrics {
  /** A batch that was stored, and how long it took to be safe. */
  stored(batch: Batch, protocol: string, flushMs: number): void;
  /** Lines and entries that could not be read. */
  rejected(protocol: string, count: number): void;
  /** A batch that had been stored before. */
  duplicate(): void;
  /** All figures as text. */
  text(): Promise<{ type: string; text: string }>;
}

interface Needs {
  readonly store: Store;
  readonly streams: Streams;
  readonly agents: Agents;
}

/** Sums over all agents: figures of each would be without bound. */
const AGENT_GAUGES: readonly { readonly name: string; readonly help: string; readonly figure: keyof AgentFigures }[] = [
  { name: 'logd_agents', help: 'Agents heard of since the start that have not ended.', figure: 'running' },
  { name: 'logd_agents_silent', help: 'Of them, not heard of for 30 s.', figure: 'silent' },
  { name: 'logd_agents_spool_lines', help: 'Lines that wait in the spools of agents.', figure: 'spoolLines' },
  { name: 'logd_agents_gaps', help: 'Losses that agents have told of.', figure: 'gaps' },
];

export function createMetrics({ store, streams, agents }: Needs): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'logd_' });
  // Counted in numbers of our own, which cost nothing, and told when somebody asks.
  const levelCounts = LEVELS.map(() => 0);
  const protocolCounts = new Map<string, number>();
  new Counter({
    name: 'logd_entries_total',
    help: 'Entries stored since the start, by level.',
    labelNames: ['level'],
    registers,
    collect() {
      this.reset();
      for (const [index, level] of LEVELS.entries()) this.inc({ level }, levelCounts[index]);
    },
  });
  new Counter({
    name: 'logd_ingested_entries_total',
    help: 'Entries stored since the start, by the protocol that brought them.',
    labelNames: ['protocol'],
    registers,
    collect() {
      this.reset();
      for (const [protocol, count] of protocolCounts) this.inc({ protocol }, count);
    },
  });
  const rejected = new Counter({
    name: 'logd_rejected_entries_total',
    help: 'Entries refused since the start because they could not be read, by protocol.',
    labelNames: ['protocol'],
    registers,
  });
  const duplicates = new Counter({
    name: 'logd_duplicate_batches_total',
    help: 'Batches sent again by their producer after they had been stored.',
    registers,
  });
  const flush = new Histogram({
    name: 'logd_flush_duration_seconds',
    help: 'Time from taking a batch to having it safely stored.',
    buckets: FLUSH_SECONDS,
    registers,
  });
  new Gauge({
    name: 'logd_viewers',
    help: 'Live streams open now.',
    registers,
    collect() {
      this.set(streams.viewerCount);
    },
  });
  new Counter({
    name: 'logd_viewer_missed_entries_total',
    help: 'Entries that viewers were too slow for since the start.',
    registers,
    collect() {
      this.reset();
      this.inc(streams.missedCount);
    },
  });
  new Gauge({
    name: 'logd_store_bytes',
    help: 'Bytes of the store on disk.',
    registers,
    collect() {
      this.set(store.sizes().bytes);
    },
  });
  new Gauge({
    name: 'logd_store_entries',
    help: 'Entries in the store.',
    registers,
    collect() {
      this.set(store.sizes().entryCount);
    },
  });
  for (const { name, help, figure } of AGENT_GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(agents.figures()[figure]);
      },
    });
  }
  new Counter({
    name: 'logd_agent_reports_rejected_total',
    help: 'Headers Logd-Agent that could not be read, since the start.',
    registers,
    collect() {
      this.reset();
      this.inc(agents.figures().rejected);
    },
  });

  return {
    stored(batch, protocol, flushMs) {
      for (let index = 0; index < batch.count; index++) {
        const level = batch.levels[index] ?? 0;
        levelCounts[level] = (levelCounts[level] ?? 0) + 1;
      }
      protocolCounts.set(protocol, (protocolCounts.get(protocol) ?? 0) + batch.count);
      flush.observe(flushMs / 1000);
    },
    rejected(protocol, count) {
      if (count > 0) rejected.inc({ protocol }, count);
    },
    duplicate() {
      duplicates.inc();
    },
    async text() {
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
