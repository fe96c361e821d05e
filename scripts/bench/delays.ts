/**
 * How long very many things took, counted by tenths of a millisecond: a million a second are to be noted beside other work.
 */
const PER_MS = 10;
/** Beyond: counted as that. */
const MS_MAX = 60_000;

export class Delays {
  readonly #counts = new Uint32Array(MS_MAX * PER_MS + 1);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(ms: number): void {
    const slot = Math.min(this.#counts.length - 1, Math.max(0, Math.floor(ms * PER_MS)));
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#total++;
  }

  /** What that part of them took at most, ms. */
  at(part: number): number {
    const wanted = Math.ceil(this.#total * part);
    let seen = 0;
    for (const [slot, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return (slot + 1) / PER_MS;
    }
    return Number.NaN;
  }
}
