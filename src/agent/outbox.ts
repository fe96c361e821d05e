/**
 * From the sources to safety: batches into the spool, positions into the checkpoint, in the order that a crash allows.
 *
 *   1. a batch and the positions behind it are synced in the spool, as one file;
 *   2. the checkpoint takes up those positions and says up to which batch it does;
 *   3. only then an acknowledged batch is removed.
 */
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { GapsReport } from '../api/agent-report.ts';
import { createBackoff } from '../system/backoff.ts';
import type { Clock } from '../system/clock.ts';
import type { Files } from '../system/files.ts';
import { giveBack } from '../system/memory.ts';
import type { Reporter } from '../system/reporter.ts';
import { batchFileBytes } from './batch-file.ts';
import { Batcher, type ClosedBatch } from './batcher.ts';
import { type AgentState, applyPositions, type Positions, positionsAfter, saveCheckpoint } from './checkpoint.ts';
import { type Chunk, noticeLine, type PositionValue } from './chunk.ts';
import { DROPS_KEY, type DropLedger } from './drop-ledger.ts';
import { Drops } from './drops.ts';
import { ACKNOWLEDGED_MAX, CHECKPOINT_MS, RETRY_FIRST_MS, RETRY_MS_MAX } from './limits.ts';
import { gapsIn, type Loss, withLoss } from './loss.ts';
import type { Spool } from './spool.ts';

export interface OutboxOptions {
  readonly folder: string;
  readonly state: AgentState;
  readonly spool: Spool;
  readonly ledger: DropLedger;
  /** When the spool is full: the sources wait, or the oldest batches go. */
  readonly policy: SpoolPolicy;
  readonly batchBytesMax: number;
  /** Packs bodies; not worth its time when the server is on this machine. */
  readonly compresses: boolean;
  /** Whose name the agent's own WARNING entries carry. */
  readonly clientId: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

export type SpoolPolicy = 'block' | 'drop-oldest';

const compress = promisify(zstdCompress);
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #batcher: Batcher;
  readonly #drops: Drops;
  /** As of the last batch in the spool. */
  readonly #safe: Map<string, PositionValue>;
  /** As of the last chunk taken. */
  readonly #current: Map<string, PositionValue>;
  #sequence: number;
  #safeSequence: number;
  /** As of the last checkpoint. */
  #checkpointed: number;
  #acknowledgedKept = 0;
  #isCheckpointDue = false;
  #isBroken = false;
  #checkpointing: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  readonly #spoolTroubles = new Map<string, number>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { state, spool, ledger, clock, clientId, batchBytesMax: bytesMax } = options;
    this.#safe = positionsAfter(state, spool.held);
    this.#current = new Map(this.#safe);
    this.#sequence = Math.max(state.sequence, spool.lastSequence);
    this.#safeSequence = this.#sequence;
    this.#checkpointed = state.sequence;
    this.#batcher = new Batcher({ write: (batch) => this.#write(batch), bytesMax, depth: () => spool.depth, clock });
    this.#drops = new Drops({
      ...options,
      ledger,
      told: this.#safe.get(DROPS_KEY),
      positionsLost: state.positionsLost,
      note: (message, positions) => this.#batcher.note(this.#notice(message, clientId), positions),
    });
  }

  /** Where each source goes on: behind everything that `put` has taken. */
  get positions(): Positions {
    return this.#current;
  }

  /** Takes the chunk at once; resolves when the source may go on. */
  put(chunk: Chunk): Promise<void> {
    if (chunk.positions) applyPositions(this.#current, chunk.positions);
    return this.#batcher.put(chunk);
  }

  /** A visible WARNING entry, of no loss. */
  warn(message: string, clientId = this.#options.clientId): void {
    this.#batcher.note(this.#notice(message, clientId));
  }

  #notice(message: string, clientId: string): Uint8Array {
    return noticeLine(clientId, this.#options.clock.nowMs(), `logd ship: ${message}`);
  }

  /** A visible WARNING entry of a loss, which is counted. */
  lost(loss: Loss, clientId = this.#options.clientId): void {
    const positions = withLoss(this.#gaps, loss);
    applyPositions(this.#current, positions);
    this.#batcher.note(noticeLine(clientId, this.#options.clock.nowMs(), `logd ship: ${loss.what}`), positions);
  }

  /** All losses since the state folder was made; what was dropped for want of room is one of them. */
  get gaps(): GapsReport {
    const { events, lines, unknown } = this.#gaps;
    const { lines: dropped } = this.#drops.dropped;
    return { events: events + (dropped > 0 ? 1 : 0), lines: lines + dropped, unknown };
  }

  get #gaps(): GapsReport {
    return gapsIn(this.#current);
  }

  /** Taken and not yet in the spool. */
  get pendingLines(): number {
    return this.#batcher.pendingLines;
  }

  /** Resolves when everything taken is in the spool. */
  flush(): Promise<void> {
    return this.#batcher.flush();
  }

  /** Writes checkpoints while there is something to write, and says what was dropped, until the signal aborts. */
  async keepCheckpoints(signal: AbortSignal): Promise<void> {
    const { clock, spool } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(CHECKPOINT_MS, signal);
      this.#drops.tell();
      if (this.#isCheckpointDue || spool.acknowledgedCount > 0) await this.checkpoint();
    }
  }

  /** To be called when a batch was acknowledged. */
  async onAcknowledged(): Promise<void> {
    const { spool, policy } = this.#options;
    this.#drops.onAcknowledged();
    if (policy === 'drop-oldest') return this.#rememberAcknowledged();
    if (spool.acknowledgedCount >= ACKNOWLEDGED_MAX || spool.isFull) await this.checkpoint();
  }

  /** Where batches are dropped it must be known after any crash which ones are at the server: they are not lost. */
  async #rememberAcknowledged(): Promise<void> {
    const { spool, clock } = this.#options;
    const { acknowledgedUpTo } = spool;
    const backoff = createBackoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MS_MAX });
    for (;;) {
      await this.checkpoint();
      if (this.#acknowledgedKept >= acknowledgedUpTo || this.#stop.signal.aborted) return;
      await clock.sleep(backoff.nextMs(), this.#stop.signal);
    }
  }

  /** Writes the checkpoint and removes what it includes. Trouble with the disk is told and tried again later. */
  checkpoint(): Promise<void> {
    this.#checkpointing = this.#checkpointing.then(() => this.#writeCheckpoint());
    return this.#checkpointing;
  }

  /** What is in hand goes into the spool, whatever its bound. */
  async close(): Promise<void> {
    this.#options.spool.liftBound();
    this.#stop.abort();
    await this.#batcher.flush();
    this.#drops.close();
    await this.#batcher.flush();
    await this.checkpoint();
  }

  async #writeCheckpoint(): Promise<void> {
    const { folder, files, spool } = this.#options;
    const sequence = this.#safeSequence;
    this.#isCheckpointDue = false;
    try {
      const acknowledged = Math.min(spool.acknowledgedUpTo, sequence);
      await saveCheckpoint(folder, files, { sequence, acknowledged, positions: this.#safe });
      this.#checkpointed = sequence;
      this.#acknowledgedKept = acknowledged;
      await spool.release(sequence);
    } catch (error) {
      this.#isCheckpointDue = true;
      this.#tellDiskTrouble('the checkpoint', error);
    }
  }

  async #write(batch: ClosedBatch): Promise<void> {
    // Behind a batch that could not be written none may be: its lines would be skipped at the next start.
    if (this.#isBroken) return;
    if (batch.count > 0) {
      this.#isBroken = !(await this.#spoolBatch(batch));
      for (const piece of batch.lines) giveBack(piece);
      if (this.#isBroken) return;
    }
    applyPositions(this.#safe, batch.positions);
    this.#drops.onWritten(batch.positions);
    this.#safeSequence = this.#sequence;
    this.#isCheckpointDue = true;
  }

  /** Tries until it succeeds; at a stop only once more. False: the sources will read it again at the next start. */
  async #spoolBatch(batch: ClosedBatch): Promise<boolean> {
    const { spool, state, clock } = this.#options;
    const body = this.#options.compresses ? [await compress(Buffer.concat(batch.lines), COMPRESSION)] : batch.lines;
    const encoding = this.#options.compresses ? 'zstd' : 'identity';
    const { count, notices, positions } = batch;
    const bytes = batchFileBytes(positions, body);
    const backoff = createBackoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MS_MAX });
    // The same number at each try: one that failed may be in place all the same, and must not stand beside the next.
    this.#sequence++;
    for (;;) {
      await this.#findRoom(bytes);
      const isLastTry = this.#stop.signal.aborted;
      try {
        await spool.append(
          { producer: state.producer, sequence: this.#sequence, count, notices, encoding, positions },
          body,
        );
        return true;
      } catch (error) {
        this.#tellDiskTrouble('the spool', error);
        if (isLastTry) return false;
        await clock.sleep(backoff.nextMs(), this.#stop.signal);
      }
    }
  }

  /** Resolves when so many bytes fit, or at a stop. */
  async #findRoom(bytes: number): Promise<void> {
    const { spool, policy, clock } = this.#options;
    const backoff = createBackoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MS_MAX });
    // What the server has answered makes room first.
    if (!spool.hasRoom(bytes) && spool.acknowledgedCount > 0) await this.checkpoint();
    while (policy === 'drop-oldest' && !this.#stop.signal.aborted && !spool.hasRoom(bytes)) {
      try {
        if (await this.#drops.makeRoom(bytes, (sequence) => this.#isCheckpointed(sequence))) continue;
        // Only the very oldest is left, of a time when the spool was larger: the sources do not wait for it.
        if (spool.acknowledgedCount === 0) return;
        break;
      } catch (error) {
        this.#tellDiskTrouble('the count of dropped lines', error);
        await clock.sleep(backoff.nextMs(), this.#stop.signal);
      }
    }
    await spool.room(bytes, this.#stop.signal);
  }

  async #isCheckpointed(sequence: number): Promise<boolean> {
    if (this.#checkpointed < sequence) await this.checkpoint();
    return this.#checkpointed >= sequence;
  }

  #tellDiskTrouble(what: string, error: unknown): void {
    const { reporter, folder, clock } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    const nowMs = clock.monotonicMs();
    if (nowMs - (this.#spoolTroubles.get(reason) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    this.#spoolTroubles.set(reason, nowMs);
    reporter({
      severity: 'error',
      event: 'spool-write-failed',
      message: `cannot write ${what} in ${folder}: ${reason}. Free some room or mend the rights; trying on, the sources wait`,
    });
  }
}
