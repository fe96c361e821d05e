/**
 * Entries per second and client. A client may save up a second's worth; a batch that brings it below zero is let through
 * once, so that a batch larger than the rate can ever pass, and what follows waits until the debt is paid.
 */
import type { Batch } from '../entry/batch.ts';

export class RateExceeded extends Error {
  readonly retryAfterMs: number;
  constructor(clientId: string, retryAfterMs: number) {
    super(`client "${clientId}" sends more than its rate allows: try again in ${Math.ceil(retryAfterMs / 1000)} s`);
    this.name = 'RateExceeded';
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RateLimit {
  /** False: nothing is ever exceeded. */
  readonly isLimited: boolean;
  /** @throws RateExceeded when a client of this batch is in debt; then nothing is spent */
  spend(batch: Batch): void;
  /** `spend` for one entry of that client. */
  spendOne(clientId: string): void;
}

/** Clients remembered. Beyond: all start anew with a full allowance. */
const CLIENTS_MAX = 100_000;

/** @param perSecond 0: no limit */
export function createRateLimit(perSecond: number, monotonicMs: () => number): RateLimit {
  if (perSecond === 0) return { isLimited: false, spend() {}, spendOne() {} };
  const accounts = new Map<string, { left: number; atMs: number }>();

  function leftOf(clientId: string, nowMs: number): number {
    const account = accounts.get(clientId);
    if (!account) return perSecond;
    return Math.min(perSecond, account.left + ((nowMs - account.atMs) / 1000) * perSecond);
  }

  function spendAll(counts: ReadonlyMap<string, number>): void {
    const nowMs = monotonicMs();
    for (const clientId of counts.keys()) {
      const left = leftOf(clientId, nowMs);
      if (left <= 0) throw new RateExceeded(clientId, (-left / perSecond) * 1000 + 1);
    }
    if (accounts.size > CLIENTS_MAX) accounts.clear();
    for (const [clientId, spent] of counts) {
      accounts.set(clientId, { left: leftOf(clientId, nowMs) - spent, atMs: nowMs });
    }
  }

  return {
    isLimited: true,
    spend({ count, clients, clientOf }) {
      const counts = new Map<string, number>();
      for (let index = 0; index < count; index++) {
        const clientId = clients[clientOf[index] ?? 0] ?? '';
        counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
      }
      spendAll(counts);
    },
    spendOne: (clientId) => spendAll(new Map([[clientId, 1]])),
  };
}
