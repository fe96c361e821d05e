/**
 * Ids that come and go, asked whether some of them lie within a range.
 */
export class SortedIds {
  readonly #ids = new Set<string>();
  /** Those and, while it is stale, some that are gone. */
  #sorted: string[] = [];
  #isStale = false;

  get size(): number {
    return this.#ids.size;
  }

  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#sorted.push(id);
    this.#isStale = true;
  }

  delete(id: string): void {
    if (this.#ids.delete(id)) this.#isStale = true;
  }

  /** Both bounds belong to the range. */
  someBetween(firstId: string, lastId: string): boolean {
    // What is mostly sorted is sorted fast.
    if (this.#isStale) this.#sorted = this.#sorted.filter((id) => this.#ids.has(id)).sort();
    this.#isStale = false;
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? '') < firstId) from = middle + 1;
      else to = middle;
    }
    const next = this.#sorted[from];
    return next !== undefined && next <= lastId;
  }
}
