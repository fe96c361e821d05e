/**
 * logd beside its yardstick, round by round: both run shortly after one another, so that other work on the machine meets
 * both alike, and the ratio is the median of the rounds' ratios.
 */
import { median } from './median.ts';
import { markdownTable } from './table.ts';

export class Compared {
  readonly #work: string;
  readonly #shown: (value: number) => string;
  readonly #logd: number[] = [];
  readonly #yardstick: number[] = [];

  constructor(work: string, shown: (value: number) => string) {
    this.#work = work;
    this.#shown = shown;
  }

  /** One round. */
  add(logd: number, yardstick: number): void {
    this.#logd.push(logd);
    this.#yardstick.push(yardstick);
  }

  row(): string[] {
    const ratios = this.#logd.map((value, round) => value / (this.#yardstick[round] ?? Number.NaN));
    return [
      this.#work,
      this.#shown(median(this.#logd)),
      this.#shown(median(this.#yardstick)),
      median(ratios).toFixed(2),
    ];
  }
}

export function comparedTable(all: readonly Compared[]): string {
  return markdownTable(
    ['work', 'logd', 'yardstick', 'ratio'],
    all.map((compared) => compared.row()),
  );
}
