/**
 * How many bytes came in lately: whether it is a busy time.
 */
export class ByteRate {
  readonly #nowMs: () => number;
  #secondAt = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #bytesBefore = 0;

  /** @param nowMs a clock that never steps back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(byteCount: number): void {
    this.#turn();
    this.#bytes += byteCount;
  }

  /** Bytes of the last whole second, or of the one that runs when these are more. */
  get perSecond(): number {
    this.#turn();
    return Math.max(this.#bytes, this.#bytesBefore);
  }

  #turn(): void {
    const second = Math.floor(this.#nowMs() / 1_000);
    if (second === this.#secondAt) return;
    this.#bytesBefore = second === this.#secondAt + 1 ? this.#bytes : 0;
    this.#bytes = 0;
    this.#secondAt = second;
  }
}
