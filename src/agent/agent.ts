/**
 * The agent: sources → batches → spool → server, all of it at once, and how it comes to an end.
 */
import { hostname } from 'node:os';
import { createBackoff } from '../system/backoff.ts';
import type { Clock } from '../system/clock.ts';
import { createEvent } from '../system/event.ts';
import type { Files } from '../system/files.ts';
import { type FolderLock, lockFolder } from '../system/folder-lock.ts';
import type { Reporter } from '../system/reporter.ts';
import { type AgentState, loadState } from './checkpoint.ts';
import { loadDropLedger } from './drop-ledger.ts';
import {
  BATCH_BYTES_MAX,
  BATCH_PARTS_OF_SPOOL,
  CHUNK_PARTS_OF_BATCH,
  SOURCE_RESTART_FIRST_MS,
  SOURCE_RESTART_MS_MAX,
  STOP_DELIVERY_MS_MAX,
  STOP_SOURCES_MS_MAX,
} from './limits.ts';
import type { Loss } from './loss.ts';
import { Outbox, type SpoolPolicy } from './outbox.ts';
import { createPoster, type PostTimeouts } from './post.ts';
import { Sender } from './sender.ts';
import type { Source, SourceEnd } from './source.ts';
import { openSpool, type Spool } from './spool.ts';
import { LOCK_NAME, statePaths } from './state-files.ts';
import { AgentStatus } from './status.ts';

export interface AgentOptions {
  /** Addresses without a slash at the end; the first is used, at trouble the next. */
  readonly servers: readonly [string, ...string[]];
  readonly token?: string | undefined;
  /** Certificates (PEM) to trust beside the system's. */
  readonly ca?: string | undefined;
  readonly sources: readonly [Source, ...Source[]];
  readonly stateFolder: string;
  readonly spoolBytesMax: number;
  /** When the spool is full; without it the sources wait. */
  readonly spoolPolicy?: SpoolPolicy | undefined;
  /** Ship what is there now, wait until it is all acknowledged, end. */
  readonly once: boolean;
  readonly timeoutsMs?: PostTimeouts | undefined;
}

export interface AgentDependencies {
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Asks for a clean stop, which takes less than 5 s. */
  readonly stop: AbortSignal;
  /** Given once: how it goes, whenever it is looked at. */
  readonly onProgress?: ((progress: AgentProgress) => void) | undefined;
}

export interface AgentProgress {
  /** Lines that the server has taken since the start. */
  readonly deliveredLines: number;
  /** Lines that were read and that it has not taken yet. */
  readonly waitingLines: number;
  /** The server takes them, as far as is known. */
  readonly isDelivering: boolean;
}

export type AgentEnd =
  /** Everything the sources had is acknowledged, or the stop was asked for. */
  | { readonly kind: 'done' }
  /** It could not start, or no source could be read. */
  | { readonly kind: 'failed'; readonly reason: string };

export async function runAgent(options: AgentOptions, dependencies: AgentDependencies): Promise<AgentEnd> {
  const opened = await openState(options.stateFolder, dependencies.files);
  if ('reason' in opened) return { kind: 'failed', reason: opened.reason };
  try {
    return await runWithState(options, dependencies, opened.state);
  } finally {
    await opened.lock.release();
  }
}

async function openState(
  folder: string,
  files: Files,
): Promise<{ lock: FolderLock; state: AgentState } | { reason: string }> {
  try {
    await files.makeFolder(folder);
    const locked = await lockFolder(folder, LOCK_NAME);
    if (!locked.ok)
      return { reason: `the state folder ${folder} is in use ${locked.reason}; name another one with --state` };
    return { lock: locked.lock, state: await loadState(folder, files) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      reason: `cannot use the state folder ${folder}: ${reason}. Name another one with --state or mend its rights`,
    };
  }
}

async function runWithState(
  options: AgentOptions,
  dependencies: AgentDependencies,
  state: AgentState,
): Promise<AgentEnd> {
  const { files, clock, reporter, stop } = dependencies;
  const early: Loss[] = [];
  let lost = (loss: Loss): void => {
    early.push(loss);
  };
  const { ledger, corrupt: corruptLedger } = await loadDropLedger(options.stateFolder, files);
  const spool = await openSpool(
    {
      folder: statePaths(options.stateFolder).spool,
      bytesMax: options.spoolBytesMax,
      done: { acknowledged: state.acknowledged, dropped: ledger },
      files,
      reporter,
    },
    (what, lines) => lost({ what, lines }),
  );
  const batchBytesMax = batchBytesFor(options.spoolBytesMax);
  const outbox = new Outbox({
    folder: options.stateFolder,
    state,
    spool,
    ledger,
    policy: options.spoolPolicy ?? 'block',
    batchBytesMax,
    compresses: !options.servers.every(isLoopback),
    clientId: options.sources[0].clientId,
    files,
    clock,
    reporter,
  });
  lost = (loss) => outbox.lost(loss);
  for (const loss of early) lost(loss);
  if (state.corrupt !== undefined) tellCorrupt(state, outbox, reporter);
  if (corruptLedger !== undefined) {
    const message = `the agent's count of dropped lines is damaged: ${corruptLedger}; what was dropped and not told yet is not known`;
    reporter({ severity: 'warning', event: 'state-corrupt', message });
    outbox.lost({ what: message, lines: undefined });
  }
  tellWaiting(spool, reporter);

  const status = new AgentStatus({
    producer: state.producer,
    host: hostname(),
    sources: options.sources,
    spool,
    spoolBytesMax: options.spoolBytesMax,
    outbox,
    clock,
  });
  const post = createPoster(options);
  const sender = new Sender({
    servers: options.servers,
    post,
    spool,
    reports: { status, post },
    lost,
    onAcknowledged: () => outbox.onAcknowledged(),
    clock,
    reporter,
  });
  dependencies.onProgress?.({
    get deliveredLines() {
      return sender.deliveredLines;
    },
    get waitingLines() {
      return outbox.pendingLines + spool.lines;
    },
    get isDelivering() {
      return sender.isDelivering;
    },
  });
  const delivery = new AbortController();
  const checkpoints = new AbortController();
  const sending = sender.run(delivery.signal);
  const checkpointing = outbox.keepCheckpoints(checkpoints.signal);

  const running = Promise.all(
    options.sources.map((source) => runSource(source, { options, dependencies, outbox, status, state })),
  );
  // A source that hangs in a system call must not hold up the stop.
  const haveEnded = new AbortController();
  const ends = await Promise.race([running, afterStop(stop, STOP_SOURCES_MS_MAX, clock, haveEnded.signal)]);
  haveEnded.abort();
  if (!stop.aborted) await delivered({ outbox, spool, sender }, () => stop.aborted, stop);
  await outbox.close();
  const tooLate = AbortSignal.timeout(STOP_DELIVERY_MS_MAX);
  await delivered({ outbox, spool, sender }, () => tooLate.aborted || !sender.isDelivering, tooLate);
  delivery.abort();
  checkpoints.abort();
  await Promise.all([sending, checkpointing]);
  await sender.sayGoodbye();
  // What was answered or said last.
  await outbox.flush();
  await outbox.checkpoint();
  return judgeEnds(ends ?? []);
}

/** A small spool takes only small batches: it must hold some, or its bound would not hold. */
function batchBytesFor(spoolBytesMax: number): number {
  return Math.min(BATCH_BYTES_MAX, Math.ceil(spoolBytesMax / BATCH_PARTS_OF_SPOOL));
}

/** Runs a source again and again until it ends: the trouble of one is nobody else's. */
async function runSource(
  source: Source,
  agent: {
    options: AgentOptions;
    dependencies: AgentDependencies;
    outbox: Outbox;
    status: AgentStatus;
    state: AgentState;
  },
): Promise<SourceEnd> {
  const { clock, reporter, stop } = agent.dependencies;
  const backoff = createBackoff({ firstMs: SOURCE_RESTART_FIRST_MS, maxMs: SOURCE_RESTART_MS_MAX });
  for (;;) {
    try {
      const end = await source.run({
        put: (chunk) => agent.outbox.put(chunk),
        lost: (loss) => agent.outbox.lost(loss, source.clientId),
        setMeter: (measure) => agent.status.setMeter(source, measure),
        positions: agent.outbox.positions,
        positionsLost: agent.state.positionsLost,
        chunkBytesMax: Math.floor(batchBytesFor(agent.options.spoolBytesMax) / CHUNK_PARTS_OF_BATCH),
        once: agent.options.once,
        stop,
        clock,
        reporter,
      });
      if (end.kind === 'unusable') reporter({ severity: 'error', event: 'source-unusable', message: end.reason });
      return end;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('BUG: ')) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      reporter({
        severity: 'error',
        event: 'source-failed',
        message: `the source ${source.name} failed: ${reason}; it is started again`,
      });
      await clock.sleep(backoff.nextMs(), stop);
      if (stop.aborted) return { kind: 'ended' };
    }
  }
}

/** Resolves so long after the stop; at once when the signal aborts, so that no timer holds up the end. */
async function afterStop(stop: AbortSignal, waitMs: number, clock: Clock, signal: AbortSignal): Promise<undefined> {
  await createEvent().wait(AbortSignal.any([stop, signal]));
  await clock.sleep(waitMs, signal);
}

/** Resolves when all that was taken is answered, what the sender itself had to say too; or when it is given up. */
async function delivered(
  { outbox, spool, sender }: { outbox: Outbox; spool: Spool; sender: Sender },
  isGivenUp: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  while (!isGivenUp()) {
    await outbox.flush();
    if (spool.depth === 0 && !sender.isBusy) return;
    await sender.tried.wait(signal);
  }
}

function judgeEnds(ends: readonly SourceEnd[]): AgentEnd {
  const unusable = ends.flatMap((end) => (end.kind === 'unusable' ? end.reason : []));
  if (ends.length === 0 || unusable.length < ends.length) return { kind: 'done' };
  return { kind: 'failed', reason: 'no source can be read' };
}

function tellCorrupt(state: AgentState, outbox: Outbox, reporter: Reporter): void {
  const then = state.positionsLost
    ? 'the sources go on from their end, so lines written while the agent was away may be missing'
    : 'the sources go on where they were, under a new producer name';
  const message = `the agent's state is damaged: ${state.corrupt}; ${then}`;
  reporter({ severity: 'warning', event: 'state-corrupt', message });
  if (state.positionsLost) outbox.lost({ what: message, lines: undefined });
  else outbox.warn(message);
}

function tellWaiting(spool: Spool, reporter: Reporter): void {
  if (spool.depth === 0) return;
  reporter({
    severity: 'info',
    event: 'spool-waiting',
    message: `${spool.lines === 1 ? '1 line of before waits in the spool and is' : `${spool.lines} lines of before wait in the spool and are`} sent first`,
  });
}

/** Packing what goes to this very machine would only cost time. */
function isLoopback(server: string): boolean {
  const host = URL.parse(server)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
