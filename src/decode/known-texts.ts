/**
 * What was worked out for short texts that come again and again, found by their bytes: no string is made to look one up.
 * A text whose place another one needs is forgotten.
 */

/** A power of two. */
const PLACES = 512;

interface Known<Value> {
  readonly text: Uint8Array;
  readonly value: Value;
}

export class KnownTexts<Value> {
  readonly #places = new Array<Known<Value> | undefined>(PLACES).fill(undefined);

  /** What is known of the text from `from` to before `end`. */
  find(bytes: Uint8Array, from: number, end: number): Value | undefined {
    const known = this.#places[placeOf(bytes, from, end)];
    if (known === undefined || known.text.length !== end - from) return undefined;
    const { text } = known;
    for (let index = 0; index < text.length; index++) if (text[index] !== bytes[from + index]) return undefined;
    return known.value;
  }

  keep(bytes: Uint8Array, from: number, end: number, value: Value): void {
    this.#places[placeOf(bytes, from, end)] = { text: bytes.slice(from, end), value };
  }
}

function placeOf(bytes: Uint8Array, from: number, end: number): number {
  let hash = 0;
  for (let at = from; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return (hash ^ (hash >>> 16)) & (PLACES - 1);
}
