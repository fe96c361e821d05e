/**
 * Brings batches from the spool to the server: the oldest first, one in flight, each repeated until it is answered. What
 * the server refuses for good is set aside and made visible; everything else is tried for ever.
 */

import type { BatchBody } from '../api/types.ts';
import { createBackoff } from '../system/backoff.ts';
import type { Clock } from '../system/clock.ts';
import { createEvent, type Event } from '../system/event.ts';
import type { Report, Reporter } from '../system/reporter.ts';
import { PERSON_NEEDED_MS, REFUSED_LINES_TOLD_MAX, RETRY_FIRST_MS, RETRY_MS_MAX, TOLD_AGAIN_MS } from './limits.ts';
import type { Loss } from './loss.ts';
import type { Poster, PostResult } from './post.ts';
import { QuietReports, type QuietReportsOptions } from './quiet-reports.ts';
import type { Spool, SpooledBatch } from './spool.ts';

export interface SenderOptions {
  /** The first is used; at trouble the next one is. */
  readonly servers: readonly string[];
  readonly post: Poster;
  readonly spool: Spool;
  /** What the server is told of the agent, and how while nothing is sent; missing: nothing. */
  readonly reports?: Pick<QuietReportsOptions, 'status' | 'post'> | undefined;
  /** Makes a visible WARNING entry and counts the loss. */
  readonly lost: (loss: Loss) => void;
  /** A batch has left the spool's queue. */
  readonly onAcknowledged: () => Promise<void>;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #backoff = createBackoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MS_MAX });
  readonly #reports: QuietReports | undefined;
  #serverIndex = 0;
  /** Tries since the last answer that took a batch; 0: all is well. */
  #failures = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isTroubleTold = false;
  #isBusy = false;
  #deliveredLines = 0;
  /** Fires after each try. */
  readonly tried: Event = createEvent();

  constructor(options: SenderOptions) {
    this.#options = options;
    const { reports, clock } = options;
    if (!reports) return;
    const onFailure = () => {
      this.#serverIndex++;
    };
    this.#reports = new QuietReports({ ...reports, server: () => this.#server, onFailure, clock });
  }

  /** Whether the last try went through: then what waits is worth waiting for at a stop. */
  get isDelivering(): boolean {
    return this.#failures === 0;
  }

  /** Since the start. */
  get deliveredLines(): number {
    return this.#deliveredLines;
  }

  /** Whether a batch is in its hands. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Sends until the signal aborts; what is in flight then stays in the spool and is repeated at the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const { spool } = this.#options;
    while (!signal.aborted) {
      const batch = spool.oldest();
      if (batch) await this.#tryOne(batch, signal);
      else await this.#whileReporting((until) => spool.added.wait(until), signal);
    }
  }

  /** To be called when nothing more comes. */
  async sayGoodbye(): Promise<void> {
    if (this.isDelivering && this.#options.spool.depth === 0) await this.#reports?.sayGoodbye();
  }

  async #tryOne(batch: SpooledBatch, signal: AbortSignal): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#sendOne(batch, signal);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      this.#report('error', 'spool-read-failed', `cannot use the spool: ${error.message}; trying on`);
      await this.#options.clock.sleep(this.#backoff.nextMs(), signal);
    } finally {
      this.#isBusy = false;
      this.tried.fire();
    }
  }

  async #sendOne(batch: SpooledBatch, signal: AbortSignal): Promise<void> {
    const { spool, post, clock } = this.#options;
    const body = await spool.body(batch);
    if (!body) return;
    // While there is trouble the batch may well stay in the spool.
    const report = this.#reports?.textWith({ without: this.isDelivering ? batch : undefined });
    const result = await post(this.#server, batch.header, body, signal, report);
    switch (result.kind) {
      case 'aborted':
        return;
      case 'stored':
        this.#onSuccess(batch);
        this.#deliveredLines += batch.header.count;
        spool.acknowledge(batch, result.isBodySent === true);
        this.#tellRejected(batch, result.rejected);
        return this.#options.onAcknowledged();
      case 'refused': {
        this.#onSuccess(batch);
        const kept = await spool.refuse(batch, `${result.status}: ${result.reason}`, body);
        this.#tellRefused(batch, result.reason, kept);
        return this.#options.onAcknowledged();
      }
      case 'not-allowed':
      case 'wrong-server':
      case 'no-answer':
        await clock.sleep(this.#onFailure(result), signal);
        return;
      case 'try-again': {
        const waitMs = this.#onFailure(result);
        return this.#whileReporting((until) => clock.sleep(waitMs, until), signal);
      }
      default:
        result satisfies never;
        throw new Error('BUG: the result of a post of unknown kind');
    }
  }

  async #whileReporting(waiting: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    await (this.#reports?.during(waiting, signal) ?? waiting(signal));
  }

  get #server(): string {
    return this.#options.servers[this.#serverIndex % this.#options.servers.length] ?? '';
  }

  #onSuccess({ header }: SpooledBatch): void {
    if (this.#isTroubleTold) {
      const { spool } = this.#options;
      const rest = spool.lines - header.count;
      const more = rest > 0 ? `; ${rest} more lines follow` : '';
      this.#report('info', 'server-back', `${this.#server} takes logs again${more}`);
    }
    this.#failures = 0;
    this.#isTroubleTold = false;
    this.#toldMs = Number.NEGATIVE_INFINITY;
    this.#backoff.reset();
  }

  /** @returns how long to wait */
  #onFailure(result: Exclude<PostResult, { kind: 'stored' | 'refused' | 'aborted' }>): number {
    this.#failures++;
    const server = this.#server;
    // A server that closes an idle connection just as we send is no trouble: the next try is at once and says nothing.
    const isIdleCut =
      this.#failures === 1 && result.kind === 'no-answer' && (result.code === 'ECONNRESET' || result.code === 'EPIPE');
    if (isIdleCut) return 0;
    this.#tell(result, server);
    this.tried.fire();
    this.#serverIndex++;
    const waitMs = this.#backoff.nextMs();
    if (this.#options.servers.length > 1 && this.#failures < this.#options.servers.length) return 0;
    if (result.kind === 'not-allowed' || result.kind === 'wrong-server') {
      // Short at first, for a server that is just being set up.
      return Math.min(PERSON_NEEDED_MS, waitMs);
    }
    return result.kind === 'try-again' ? Math.max(result.retryAfterMs ?? 0, waitMs) : waitMs;
  }

  #tell(result: Exclude<PostResult, { kind: 'stored' | 'refused' | 'aborted' }>, server: string): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#toldMs < TOLD_AGAIN_MS) return;
    this.#toldMs = nowMs;
    this.#isTroubleTold = true;
    const { lines } = this.#options.spool;
    const rest = `${lines === 1 ? '1 line waits' : `${lines} lines wait`} in the spool; trying on.`;
    switch (result.kind) {
      case 'no-answer':
        this.#report('warning', 'server-unreachable', `${unreachable(server, result.reason)} ${rest}`);
        return;
      case 'try-again':
        this.#report('warning', 'server-busy', `${server} does not take logs just now: ${result.reason}. ${rest}`);
        return;
      case 'not-allowed':
        this.#report(
          'error',
          'not-allowed',
          `${server} refuses this agent (${result.status}): ${result.reason}. Give the server's ingest token with --token-file FILE or LOGD_TOKEN. ${rest}`,
        );
        return;
      case 'wrong-server':
        this.#report(
          'error',
          'wrong-server',
          `${server} answers, but not as logd does (${result.status}): ${result.reason}. Check the address and the port of --server. ${rest}`,
        );
        return;
      default:
        result satisfies never;
    }
  }

  #tellRejected({ header }: SpooledBatch, rejected: BatchBody['rejected']): void {
    if (rejected.length === 0) return;
    const told = rejected.slice(0, REFUSED_LINES_TOLD_MAX).map(({ line, error }) => `line ${line}: ${error}`);
    const more = rejected.length > told.length ? `; and ${rejected.length - told.length} more` : '';
    const message = `the server refused ${rejected.length} of ${header.count} lines of batch ${header.sequence}: ${told.join('; ')}${more}`;
    this.#report('warning', 'lines-refused', message);
    if (header.notices < header.count) this.#options.lost({ what: message, lines: rejected.length });
  }

  #tellRefused({ header }: SpooledBatch, reason: string, kept: string): void {
    const message = `the server refused batch ${header.sequence} of ${header.count} lines: ${reason}; it is kept in ${kept}, and logd spool repair --resend sends it again when that is mended`;
    this.#report('warning', 'batch-refused', message);
    // A notice about a refused notice would be refused as well, for ever.
    if (header.notices < header.count) this.#options.lost({ what: message, lines: header.count });
  }

  #report(severity: Report['severity'], event: string, message: string): void {
    this.#options.reporter({ severity, event, message });
  }
}

function unreachable(server: string, reason: string): string {
  const url = URL.parse(server);
  const port = url?.port || (url?.protocol === 'https:' ? '443' : '80');
  return `cannot reach ${server}: ${reason}. Is "logd serve" running there, is port ${port} right, does a firewall block it?`;
}
