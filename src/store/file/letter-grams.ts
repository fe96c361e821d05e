/**
 * Which ASCII letters stand side by side in the variable parts of shapes, in a set of fixed size: every letter together
 * with the two before it, as far as letters stand there. So a word whose letters never met in a variable part is known
 * not to be in one, while `ms` of `10ms` may be. Case is nothing here.
 */

/** Letters are 1 to 26; 0 stands where there is none. */
const BASE = 27;
/** 32-bit words of a set. */
export const LETTER_GRAM_WORDS = Math.ceil(BASE ** 3 / 32);

/** The number of a letter, 0 for a digit: of ASCII letters and digits only. */
export function letterNumber(byte: number): number {
  return byte >= 0x41 ? byte & 0x1f : 0;
}

/** Adds a letter that stands behind two others; 0 for those that do not stand there. */
export function addLetterGram(grams: Uint32Array, first: number, second: number, letter: number): void {
  const gram = (first * BASE + second) * BASE + letter;
  grams[gram >> 5] = (grams[gram >> 5] ?? 0) | (1 << (gram & 31));
}

/** Whether a text of ASCII letters may stand within a variable part. */
export function mayHoldLetters(grams: Uint32Array, letters: string): boolean {
  const numbers = Array.from(letters, (letter) => letterNumber(letter.charCodeAt(0)));
  const [first = 0, second = 0] = numbers;
  if (numbers.length === 1) return someNumber((before) => someNumber((start) => has(grams, start, before, first)));
  if (numbers.length === 2) return someNumber((before) => has(grams, before, first, second));
  return numbers.every((letter, at) => at < 2 || has(grams, numbers[at - 2] ?? 0, numbers[at - 1] ?? 0, letter));
}

/** The letters of a text of ASCII letters and digits, as bits: bit 1 is A or a. */
export function letterMask(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at++) mask |= 1 << letterNumber(text.charCodeAt(at));
  return mask & ~1;
}

function someNumber(condition: (number: number) => boolean): boolean {
  for (let number = 0; number < BASE; number++) if (condition(number)) return true;
  return false;
}

function has(grams: Uint32Array, first: number, second: number, letter: number): boolean {
  const gram = (first * BASE + second) * BASE + letter;
  return ((grams[gram >> 5] ?? 0) & (1 << (gram & 31))) !== 0;
}
