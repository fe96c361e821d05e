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

/** No wider than they must be. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array;

/** Where numbers are put together: their garbage would be more than they are. */
let room = new Uint32Array(1_024);

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
  nextAll(): Numbers {
    return this.#take(false);
  }

  /** Of such steps the sums: each with all before it. @throws Error for 2^32 and more */
  nextSums(): Numbers {
    return this.#take(true);
  }

  #take(areSteps: boolean): Numbers {
    const count = this.next();
    // Each takes a byte at least, so that a damaged count takes no room.
    if (count > this.#bytes.length) throw new Error('numbers end in the middle');
    if (room.length < count) room = new Uint32Array(count * 2);
    let most = 0;
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const read = this.next();
      sum += read;
      const value = areSteps ? sum : read;
      if (value > 0xffff_ffff) throw new Error('a number is larger than 32 bits');
      if (value > most) most = value;
      room[index] = value;
    }
    const values = room.subarray(0, count);
    if (most > 0xffff) return new Uint32Array(values);
    return most > 0xff ? new Uint16Array(values) : new Uint8Array(values);
  }
}
