/**
 * The shapes of a segment, each once, by number: a book of shapes that grows.
 */
import { ByteTable, hashByte, hashBytes } from './byte-table.ts';
import { type Shape, type ShapeBook, VARIABLE } from './digest.ts';
import { FOLDED_TO_ASCII } from './folded-to-ascii.ts';
import { SHAPES_BYTES_MAX, SHAPES_MAX } from './limits.ts';
import type { ShapeScanner } from './shape-scanner.ts';

/** The first byte of a key is the level and these. */
const HAS_ATTRIBUTES = 0x40;
const IS_UNKNOWN = 0x80;

/** Folded beside a variable part they are a piece of it, so that it is no longer the one that was taken out. */
const FOLDED_BESIDE_VARIABLE = new RegExp(`${VARIABLE}[${FOLDED_TO_ASCII}]|[${FOLDED_TO_ASCII}]${VARIABLE}`);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ShapeTable implements ShapeBook {
  readonly shapes: Shape[] = [];
  readonly letterMasks: number[] = [];
  readonly letterGrams: Uint32Array;
  readonly #table = new ByteTable();

  /**
   * @param letterGrams filled by whoever reads the messages
   * @param book what there is already; it is copied
   */
  constructor(letterGrams: Uint32Array, book: ShapeBook | undefined) {
    this.letterGrams = letterGrams;
    if (!book) return;
    letterGrams.set(book.letterGrams);
    for (const [number, shape] of book.shapes.entries()) {
      const first = firstByte(shape.level, shape.hasAttributes, shape.text !== undefined);
      const key = Buffer.from(` ${shape.text ?? ''}`);
      key[0] = first;
      this.#table.add(key, 0, key.length, hashByte(hashBytes(key, 1, key.length), first), this.#push(shape));
      this.letterMasks[number] = book.letterMasks[number] ?? 0;
    }
  }

  /** The number of the shape of the entry that was scanned last. Fills in the first byte of the scanner's key. */
  numberOf({ key, keyEnd, hash, isKnown, hasAttributes, letterMask }: ShapeScanner, level: number): number {
    let number = -1;
    if (isKnown) number = this.#find(key, keyEnd, hash, firstByte(level, hasAttributes, true));
    if (number === -1) {
      number = isKnown ? this.#newNumber(key, keyEnd, hash, level, hasAttributes) : this.#unknown(level, hasAttributes);
    }
    this.letterMasks[number] = (this.letterMasks[number] ?? 0) | letterMask;
    return number;
  }

  /** Text that cannot be known has a key too, so that it is looked at once. */
  #newNumber(key: Uint8Array, keyEnd: number, hash: number, level: number, hasAttributes: boolean): number {
    const isFull = this.#table.size >= SHAPES_MAX || this.#table.byteCount + keyEnd > SHAPES_BYTES_MAX;
    if (isFull) return this.#unknown(level, hasAttributes);
    const text = textOf(key, keyEnd);
    const number =
      text === undefined ? this.#unknown(level, hasAttributes) : this.#push({ level, hasAttributes, text });
    const first = firstByte(level, hasAttributes, true);
    key[0] = first;
    this.#table.add(key, 0, keyEnd, hashByte(hash, first), number);
    return number;
  }

  /** The number of the shape without a text. */
  #unknown(level: number, hasAttributes: boolean): number {
    const key = Uint8Array.of(firstByte(level, hasAttributes, false));
    const hash = hashBytes(key, 0, 1);
    const known = this.#table.find(key, 0, 1, hash);
    if (known !== -1) return known;
    const number = this.#push({ level, hasAttributes, text: undefined });
    this.#table.add(key, 0, 1, hash, number);
    return number;
  }

  #find(key: Uint8Array, keyEnd: number, hash: number, first: number): number {
    key[0] = first;
    return this.#table.find(key, 0, keyEnd, hashByte(hash, first));
  }

  #push(shape: Shape): number {
    this.letterMasks.push(0);
    return this.shapes.push(shape) - 1;
  }
}

function firstByte(level: number, hasAttributes: boolean, isKnown: boolean): number {
  return level | (hasAttributes ? HAS_ATTRIBUTES : 0) | (isKnown ? 0 : IS_UNKNOWN);
}

function textOf(key: Uint8Array, keyEnd: number): string | undefined {
  let text: string;
  try {
    text = decoder.decode(key.subarray(1, keyEnd));
  } catch {
    // What is not UTF-8 was written by another program, and is read with other characters in its place.
    return undefined;
  }
  return FOLDED_BESIDE_VARIABLE.test(text) ? undefined : text;
}
