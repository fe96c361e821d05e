/**
 * Mending an agent's state folder while no agent runs on it. Damaged batches are set aside and leave a WARNING entry, as the
 * agent's own do; refused ones go back under new numbers when asked for.
 *
 * A refused batch keeps what it is, exactly once, because it goes in one move: first its header gets a number above every
 * number that was ever used and no positions, as those behind it are safe already; then the file gets the name of that
 * number. A crash between the two leaves a refused batch, which the next repair numbers anew.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../system/clock.ts';
import type { Files } from '../system/files.ts';
import { lockFolder } from '../system/folder-lock.ts';
import { encodeBatchFile } from './batch-file.ts';
import { type Kept, peekState } from './checkpoint.ts';
import { noticeLine } from './chunk.ts';
import { type DropLedger, readDropLedger } from './drop-ledger.ts';
import { isDone, type NamedBatch, readBatch } from './spool-folder.ts';
import { listState, misnamed, showBatch } from './spool-look.ts';
import { batchName, LOCK_NAME, statePaths } from './state-files.ts';

export interface RepairOptions {
  readonly folder: string;
  /** Puts refused batches back. */
  readonly resends: boolean;
}

export interface RepairDependencies {
  readonly files: Files;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export type RepairStep =
  /** Left by a crash. */
  | { readonly kind: 'removed'; readonly path: string }
  | { readonly kind: 'set-aside'; readonly path: string; readonly reason: string }
  | { readonly kind: 'resent'; readonly from: number; readonly to: number; readonly lines: number };

export type RepairResult =
  | { readonly ok: true; readonly steps: readonly RepairStep[]; readonly refusedLeft: number }
  | { readonly ok: false; readonly reason: string };

/** @throws what the system says */
export async function repairState(options: RepairOptions, { files, clock }: RepairDependencies): Promise<RepairResult> {
  const { folder } = options;
  const locked = await lockFolder(folder, LOCK_NAME);
  if (!locked.ok) return { ok: false, reason: `an agent uses the state folder ${folder} ${locked.reason}` };
  try {
    const state = await peekState(folder, files);
    const ledger = await readDropLedger(folder, files);
    const { producer, kept } = state;
    if (producer === undefined || !kept || !ledger) {
      const what = state.damaged.join(' and ') || (ledger ? 'a file of the state' : statePaths(folder).dropped);
      return {
        ok: false,
        reason: `${what} is damaged or missing: start logd ship on ${folder} once, it goes on as well as it can and says how; then repair`,
      };
    }
    return await new Repair(options, { files, clock }, { producer, kept, ledger }).run();
  } finally {
    await locked.lock.release();
  }
}

class Repair {
  readonly #options: RepairOptions;
  readonly #files: Files;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #state: { readonly producer: string; readonly kept: Kept; readonly ledger: DropLedger };
  readonly #steps: RepairStep[] = [];
  #lastSequence = 0;
  #clientId: string | undefined;

  constructor(
    options: RepairOptions,
    { files, clock }: RepairDependencies,
    state: { readonly producer: string; readonly kept: Kept; readonly ledger: DropLedger },
  ) {
    this.#options = options;
    this.#files = files;
    this.#clock = clock;
    this.#state = state;
  }

  async run(): Promise<RepairResult> {
    const { kept, ledger } = this.#state;
    const listing = await listState(this.#options.folder, this.#files);
    const batches = listing?.batches ?? [];
    for (const path of listing?.leftovers ?? []) await this.#remove(path);
    this.#lastSequence = Math.max(kept.sequence, ledger.upTo, ...batches.slice(-1).map(({ sequence }) => sequence));
    const refused = new Set(batches.filter(({ state }) => state === 'rejected').map(({ sequence }) => sequence));
    const done = { acknowledged: kept.acknowledged, dropped: ledger };
    const whole: NamedBatch[] = [];
    for (const named of batches) {
      const { sequence, state } = named;
      if (state === 'torn') continue;
      const isOver = state === 'batch' && (isDone(sequence, done) || refused.has(sequence));
      // Above the checkpoint its positions are still needed: the agent removes it.
      if (isOver && sequence <= kept.sequence) await this.#remove(this.#path(named));
      else if (!isOver && (await this.#isWhole(named))) whole.push(named);
    }
    const back = whole.filter(({ state }) => state === 'rejected');
    if (!this.#options.resends) return { ok: true, steps: this.#steps, refusedLeft: back.length };
    // One whose positions are not safe yet is put back by a later repair, when its lines cannot be read a second time.
    const ready = back.filter(({ sequence }) => sequence <= kept.sequence);
    for (const named of ready) await this.#resend(named);
    return { ok: true, steps: this.#steps, refusedLeft: back.length - ready.length };
  }

  async #isWhole(named: NamedBatch): Promise<boolean> {
    const path = this.#path(named);
    const batch = await readBatch(path);
    if (!batch) return false;
    const reason = batch.ok ? misnamed(named, batch.header.sequence) : batch.reason;
    if (reason === undefined) return true;
    // The entry first: a crash in between says it twice rather than never. Of a refused one it was said.
    if (named.state === 'batch') await this.#warn(named, reason);
    const aside = join(statePaths(this.#options.folder).spool, batchName(named.sequence, 'torn'));
    await this.#files.move(path, aside);
    this.#steps.push({ kind: 'set-aside', path: aside, reason });
    return false;
  }

  async #warn({ sequence }: NamedBatch, reason: string): Promise<void> {
    const message = `logd spool: batch ${sequence} in the spool is damaged (${reason}): its lines may be missing; it was set aside`;
    const line = noticeLine(await this.#findClientId(), this.#clock.nowMs(), message);
    const next = ++this.#lastSequence;
    const { producer } = this.#state;
    const header = { producer, sequence: next, count: 1, notices: 1, encoding: 'identity', positions: {} } as const;
    await this.#files.replace(this.#path({ sequence: next, state: 'batch' }), encodeBatchFile(header, [line]).file);
  }

  /** Whose entries the others are. */
  async #findClientId(): Promise<string> {
    if (this.#clientId !== undefined) return this.#clientId;
    this.#clientId = hostname();
    for (const { sequence } of (await listState(this.#options.folder, this.#files))?.batches ?? []) {
      const shown = await showBatch(this.#options.folder, sequence);
      const text = shown.kind === 'shown' ? /"client_id":("(?:[^"\\]|\\.)*")/.exec(shown.lines)?.[1] : undefined;
      if (text === undefined) continue;
      this.#clientId = String(JSON.parse(text));
      break;
    }
    return this.#clientId;
  }

  async #resend(named: NamedBatch): Promise<void> {
    const from = this.#path(named);
    const batch = await readBatch(from);
    if (!batch?.ok) return;
    const sequence = ++this.#lastSequence;
    const { producer } = this.#state;
    const { count, notices, encoding } = batch.header;
    const header = { producer, sequence, count, notices, encoding, positions: {} };
    await this.#files.replace(from, encodeBatchFile(header, [batch.body]).file);
    await this.#files.move(from, this.#path({ sequence, state: 'batch' }));
    this.#steps.push({ kind: 'resent', from: named.sequence, to: sequence, lines: count });
  }

  async #remove(path: string): Promise<void> {
    await this.#files.remove(path);
    this.#steps.push({ kind: 'removed', path });
  }

  #path({ sequence, state }: NamedBatch): string {
    return join(statePaths(this.#options.folder).spool, batchName(sequence, state));
  }
}
