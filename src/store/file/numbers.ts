/**
 * Whole numbers from 0 to 2^53-1 as bytes: seven bits a byte, the least first, the high bit says that more follow (LEB128).
 */

export class NumberWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  add(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`BUG: ${value} is no number from 0 to 2^53-1`);
    if (this.#length + 8 > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** How many, then each. */
  addAll(values: ArrayLike<number>): void {
    this.add(values.length);
    for (let index = 0; index < values.length; index++) this.add(values[index] ?? 0);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class NumberReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws Error at the end of the bytes */
  next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('numbers end in the middle');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** What addAll wrote, in an array no wider than it must be: many are kept for long. @throws Error for 2^32 and more */
  nextAll(): Uint16Array | Uint32Array {
    const values = new Uint32Array(this.next());
    let most = 0;
    for (let index = 0; index < values.length; index++) {
      const value = this.next();
      if (value > 0xffff_ffff) throw new Error('a number is larger than 32 bits');
      if (value > most) most = value;
      values[index] = value;
    }
    return most > 0xffff ? values : Uint16Array.from(values);
  }
}
