/**
 * What is known before an entry is read: whether it matches. Three values in the logic of Kleene, so that what may be is
 * never taken for what is.
 */

export type Verdict = 0 | 1 | 2;

/** None of them matches. */
export const NO: Verdict = 0;
/** To be read. */
export const MAYBE: Verdict = 1;
/** Every one of them matches. */
export const YES: Verdict = 2;

export function both(a: Verdict, b: Verdict): Verdict {
  return a < b ? a : b;
}

export function either(a: Verdict, b: Verdict): Verdict {
  return a > b ? a : b;
}

export function opposite(verdict: Verdict): Verdict {
  return verdict === MAYBE ? MAYBE : verdict === YES ? NO : YES;
}

/** Of things that are alike to us: whether all of them are, or some. */
export function verdictOf(someAre: boolean, allAre: boolean): Verdict {
  if (allAre) return YES;
  return someAre ? MAYBE : NO;
}
