/**
 * Whether a text stands in the messages of a shape's entries: surely when it stands in the shape, perhaps when parts of
 * it could be variable, else not.
 */
import { VARIABLE } from './digest.ts';
import { letterMask, mayHoldLetters } from './letter-grams.ts';
import type { ShapeFacts, ShapeTest, ShapeTests } from './shape-tests.ts';
import { MAYBE, NO, type Verdict, YES } from './verdict.ts';

/** What the shape must hold if some runs of the text are, or are pieces of, variable parts. */
interface Pattern {
  readonly holds: ShapeTest;
  /** Letters that stand in the variable parts then. */
  readonly letterMask: number;
}

const PIECES = /[A-Z0-9]+|[^A-Z0-9]+/g;
const RUN = /^[A-Z0-9]/;
const DIGIT = /[0-9]/;

/**
 * @param folded a text without case
 * @param letterGrams of the book of the shapes that will be asked
 * @param tests of the job
 */
export function compileText(
  folded: string,
  letterGrams: Uint32Array,
  tests: ShapeTests,
): (shape: ShapeFacts, letterMask: number) => Verdict {
  if (folded.includes(VARIABLE)) return () => MAYBE;
  const holds = tests.holds(folded);
  const patterns = patternsOf(folded, letterGrams, tests);
  return (shape, maskOfShape) => {
    if (shape.folded === undefined) return MAYBE;
    if (holds(shape)) return YES;
    for (const pattern of patterns) {
      if ((pattern.letterMask & ~maskOfShape) === 0 && pattern.holds(shape)) return MAYBE;
    }
    return NO;
  };
}

/** At most four: the first and the last run of a text may each be a whole run of the message or the end of one. */
function patternsOf(folded: string, letterGrams: Uint32Array, tests: ShapeTests): Pattern[] {
  const pieces = folded.match(PIECES) ?? [];
  let patterns = [{ text: '', letterMask: 0 }];
  for (const [at, piece] of pieces.entries()) {
    const isEdge = at === 0 || at === pieces.length - 1;
    const isRun = RUN.test(piece);
    const isVariable = isRun && (isEdge || DIGIT.test(piece)) && mayBeVariable(piece, letterGrams);
    const isLiteral = !isRun || !DIGIT.test(piece);
    patterns = patterns.flatMap(({ text, letterMask: mask }) => [
      ...(isLiteral ? [{ text: text + piece, letterMask: mask }] : []),
      ...(isVariable ? [{ text: text + VARIABLE, letterMask: mask | letterMask(piece) }] : []),
    ]);
  }
  const variable = patterns.filter(({ text }) => text.includes(VARIABLE));
  return variable.map(({ text, letterMask: mask }) => ({ holds: tests.holds(text), letterMask: mask }));
}

function mayBeVariable(run: string, letterGrams: Uint32Array): boolean {
  return run.split(/[0-9]+/).every((letters) => letters === '' || mayHoldLetters(letterGrams, letters));
}
