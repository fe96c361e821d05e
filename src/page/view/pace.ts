/**
 * How fast entries arrive, and how late: told once a second, so that the figures can be read.
 */
import { signal } from '@preact/signals';
import type { EntryJson } from '../../entry/entry.ts';
import { idTimeMs } from '../../entry/id.ts';
import { RateMeter } from '../../viewer/rate.ts';
import { serverAheadMs } from '../request.ts';

const TOLD_MS = 1_000;

export class Pace {
  readonly perSecond = signal(0);
  /** From the storing of entries to their being here, the longest of the last second; undefined: none came. */
  readonly lagMs = signal<number | undefined>(undefined);
  #rate = new RateMeter();
  #lagMs: number | undefined;
  #timer: number | undefined;

  start(): void {
    this.#timer = window.setInterval(() => {
      this.perSecond.value = this.#rate.perSecond(Date.now());
      this.lagMs.value = this.#lagMs;
      this.#lagMs = undefined;
    }, TOLD_MS);
  }

  close(): void {
    window.clearInterval(this.#timer);
  }

  /** Other entries are looked at from now on. */
  reset(): void {
    this.#rate = new RateMeter();
    this.#lagMs = undefined;
  }

  add(entries: readonly EntryJson[]): void {
    const nowMs = Date.now();
    for (const entry of entries) this.#rate.add(entry.log_level, nowMs);
    const storedMs = idTimeMs(entries.at(-1)?.uuid ?? '');
    if (Number.isNaN(storedMs)) return;
    this.#lagMs = Math.max(0, this.#lagMs ?? 0, nowMs + serverAheadMs() - storedMs);
  }
}
