/**
 * Chance that comes out the same for the same seed: xorshift32.
 */
export interface Chance {
  /** 0 ≤ x < bound, whole. */
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  /** That many hexadecimal digits. */
  hex(length: number): string;
}

export function createChance(seed: number): Chance {
  // Neighbouring seeds must not begin alike; 0 would stay 0 for ever.
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0 || 1;

  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  }

  return {
    below: (bound) => next() % bound,
    pick(from) {
      const found = from[next() % from.length];
      if (found === undefined) throw new Error('BUG: there is nothing to pick from');
      return found;
    },
    hex(length) {
      let text = '';
      while (text.length < length) text += next().toString(16).padStart(8, '0');
      return text.slice(0, length);
    },
  };
}
