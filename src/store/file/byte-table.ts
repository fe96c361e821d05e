/**
 * Numbers by byte strings: an open-addressing table that is asked with bytes and their hash, so that what is known
 * already costs no string. Keys are compared whole; nothing is ever taken out.
 */

const FIRST_SLOTS = 256;
const FIRST_BYTES = 16_384;
/** No two runs of the program hash alike, so that nobody can send keys that meet in one slot. */
const SEED = Math.trunc(Math.random() * 0x7fffffff);
/** FNV-1a. */
const PRIME = 0x01000193;

/** The hash of no bytes. */
export const HASH_START = 0x811c9dc5 ^ SEED;

/** The hash of the bytes so far and one more. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, PRIME);
}

/** The hash of `bytes[from..to]`. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at++) hash = hashByte(hash, bytes[at] ?? 0);
  return hash;
}

export class ByteTable {
  /** All keys one behind the other. */
  #bytes = new Uint8Array(FIRST_BYTES);
  #byteCount = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  readonly #values: number[] = [];
  /** Indexes of keys, and one more: 0 is empty. */
  #slots = new Int32Array(FIRST_SLOTS);

  /** Bytes of all keys. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** Keys. */
  get size(): number {
    return this.#values.length;
  }

  /** The value of the key `bytes[from..to]`; -1 without one. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = (slots[slot] ?? 0) - 1;
      if (index === -1) return -1;
      if (this.#hashes[index] === hash && this.#isKey(index, bytes, from, to)) return this.#values[index] ?? -1;
    }
  }

  /** Adds a key that is not there yet. */
  add(bytes: Uint8Array, from: number, to: number, hash: number, value: number): void {
    this.#reserve(to - from);
    this.#bytes.set(bytes.subarray(from, to), this.#byteCount);
    this.#starts.push(this.#byteCount);
    this.#byteCount += to - from;
    this.#ends.push(this.#byteCount);
    this.#hashes.push(hash);
    this.#values.push(value);
    if (this.#values.length * 2 > this.#slots.length) this.#growSlots();
    else this.#fill(this.#values.length - 1);
  }

  #isKey(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[index] ?? 0;
    const length = to - from;
    if ((this.#ends[index] ?? 0) - start !== length) return false;
    const keys = this.#bytes;
    for (let at = 0; at < length; at++) if (keys[start + at] !== bytes[from + at]) return false;
    return true;
  }

  #reserve(byteCount: number): void {
    if (this.#byteCount + byteCount <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#byteCount + byteCount));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let index = 0; index < this.#values.length; index++) this.#fill(index);
  }

  #fill(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(this.#hashes[index] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }
}

/** The low bits of the hash depend on the low bits of the bytes alone. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
