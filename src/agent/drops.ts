/**
 * `--spool-policy drop-oldest`: when the spool is full the oldest batches go, and how many lines went with them is told
 * exactly, whatever is killed when:
 *
 *   1. the checkpoint takes up the positions behind them;
 *   2. the ledger counts and names them;
 *   3. only then their files go. A start between 2 and 3 removes them.
 *
 * A notice and what it has told are safe together (see DROPS_KEY). A notice that is dropped itself gives what it told back.
 */
import type { Clock } from '../system/clock.ts';
import type { Files } from '../system/files.ts';
import type { Reporter } from '../system/reporter.ts';
import type { PositionChanges, PositionValue } from './chunk.ts';
import {
  DROPS_KEY,
  type DropLedger,
  type LineCount,
  saveDropLedger,
  sum,
  tellsItself,
  toldBy,
  untold,
} from './drop-ledger.ts';
import { DROPS_TOLD_MS, TOLD_AGAIN_MS } from './limits.ts';
import type { Spool, SpooledBatch } from './spool.ts';

export interface DropsOptions {
  readonly folder: string;
  readonly ledger: DropLedger;
  /** Of the notice that was written last. */
  readonly told: PositionValue | undefined;
  /** The checkpoint that knew it is lost: the ledger's own memory must do. */
  readonly positionsLost: boolean;
  readonly spool: Spool;
  readonly note: (message: string, positions: PositionChanges) => void;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

export class Drops {
  readonly #options: DropsOptions;
  #ledger: DropLedger;
  #told: LineCount;
  /** A notice is on its way into the spool: a second one in the same batch would hide what it tells. */
  #isOpen = false;
  /** The server takes batches, as far as is known: a notice would not just wait to be dropped itself. */
  #isTaking = true;
  #noticedMs = Number.NEGATIVE_INFINITY;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #reportedLines: number;

  constructor(options: DropsOptions) {
    this.#options = options;
    const { ledger, told, positionsLost } = options;
    this.#told = toldBy(told) ?? (positionsLost ? ledger.told : { lines: 0, notices: 0 });
    // A ledger that was lost begins at nothing: what was told before is not told again, and no debt of later drops.
    const again = {
      lines: Math.max(ledger.again.lines, this.#told.lines - ledger.dropped.lines),
      notices: Math.max(ledger.again.notices, this.#told.notices - ledger.dropped.notices),
    };
    this.#ledger = { ...ledger, again };
    this.#reportedLines = ledger.dropped.lines;
  }

  /** Since the state folder was made. */
  get dropped(): LineCount {
    return this.#ledger.dropped;
  }

  /**
   * Drops what must go for so many bytes. False: nothing can.
   * @param checkpoint resolves with whether the positions behind that batch are in the checkpoint
   * @throws what the disk says; then nothing is dropped, or only the files are still there
   */
  async makeRoom(bytes: number, checkpoint: (sequence: number) => Promise<boolean>): Promise<boolean> {
    const { spool, folder, files } = this.#options;
    await spool.sweep();
    if (spool.hasRoom(bytes)) return true;
    const { kept, marked } = spool.markOldest(bytes);
    const last = marked.at(-1)?.header.sequence;
    if (last === undefined) return false;
    const ledger = this.#with(marked, { upTo: last, kept });
    try {
      if (!(await checkpoint(last))) throw new Error('the checkpoint could not be written');
      await saveDropLedger(folder, files, ledger);
    } catch (error) {
      spool.unmark();
      throw error;
    }
    this.#ledger = ledger;
    this.#isTaking = false;
    spool.drop();
    this.#report();
    await spool.sweep();
    return true;
  }

  onAcknowledged(): void {
    this.#isTaking = true;
  }

  /** To be called when a batch is in the spool. */
  onWritten(positions: PositionChanges): void {
    if (DROPS_KEY in positions) this.#isOpen = false;
  }

  /** Makes the notice when there is something to tell and somebody to hear it. */
  tell(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#isTaking && nowMs - this.#noticedMs >= DROPS_TOLD_MS) this.#tellNow(nowMs);
  }

  /** At the end: what was not told yet is, as far as a notice is not on its way. */
  close(): void {
    this.#report({ isLast: true });
    this.#tellNow(this.#options.clock.monotonicMs());
  }

  #tellNow(nowMs: number): void {
    const news = untold(this.#ledger, this.#told);
    if (this.#isOpen || (news.lines === 0 && news.notices === 0)) return;
    this.#isOpen = true;
    this.#noticedMs = nowMs;
    this.#told = sum(this.#told, news);
    const { lines, notices } = this.#told;
    this.#options.note(`the spool was full: ${describe(news)} dropped, the oldest first`, {
      [DROPS_KEY]: { lines, notices, newLines: news.lines, newNotices: news.notices },
    });
  }

  #with(batches: readonly SpooledBatch[], { upTo, kept }: { upTo: number; kept: number }): DropLedger {
    let { dropped, again } = this.#ledger;
    for (const { header } of batches) {
      const own = DROPS_KEY in header.positions ? 1 : 0;
      const notices = Math.max(0, header.notices - own);
      dropped = sum(dropped, { lines: header.count - header.notices, notices });
      again = sum(again, tellsItself(header.positions[DROPS_KEY]));
    }
    return { dropped, again, told: this.#told, batches: this.#ledger.batches + batches.length, upTo, kept };
  }

  /** On stderr: the first at once, then at most so often, the rest at the end. */
  #report({ isLast = false } = {}): void {
    const { reporter, folder, clock } = this.#options;
    const { lines } = this.#ledger.dropped;
    const nowMs = clock.monotonicMs();
    if (lines === this.#reportedLines || (!isLast && nowMs - this.#reportedMs < TOLD_AGAIN_MS)) return;
    const news = lines - this.#reportedLines;
    this.#reportedMs = nowMs;
    this.#reportedLines = lines;
    reporter({
      severity: 'warning',
      event: 'spool-dropped',
      message: `the spool in ${folder} is full: ${describe({ lines: news, notices: 0 })} dropped, the oldest first (${lines} since the folder was made); --spool-size makes it larger, --spool-policy block makes the sources wait`,
    });
  }
}

function describe({ lines, notices }: LineCount): string {
  const own = notices === 0 ? '' : ` and ${notices} of the agent's own warnings`;
  return `${lines} ${lines === 1 && notices === 0 ? 'line was' : `lines${own} were`}`;
}
