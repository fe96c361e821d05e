/**
 * Counts by small whole numbers, taken block by block: only what was counted is looked at again.
 */
export class KeyCounts {
  #counts = new Uint32Array(1_024);
  readonly #keys: number[] = [];

  add(key: number): void {
    if (key >= this.#counts.length) this.#grow(key);
    const count = this.#counts[key] ?? 0;
    if (count === 0) this.#keys.push(key);
    this.#counts[key] = count + 1;
  }

  /** The keys that were counted, rising, and their counts; from here on all are zero again. */
  take(): { keys: Uint32Array; counts: Uint32Array } {
    const keys = Uint32Array.from(this.#keys).sort();
    const counts = keys.map((key) => this.#counts[key] ?? 0);
    for (const key of keys) this.#counts[key] = 0;
    this.#keys.length = 0;
    return { keys, counts };
  }

  #grow(key: number): void {
    const larger = new Uint32Array(Math.max(this.#counts.length * 2, key + 1));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
