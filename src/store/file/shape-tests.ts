/**
 * Which shapes hold a text, asked once for each shape of a job though hundreds of segments have it.
 */

/** A shape as it is asked. */
export interface ShapeFacts {
  /** Tells it from all others that the job asks; undefined: it is none that segments share. */
  readonly number: number | undefined;
  /** Index in LEVELS. */
  readonly level: number;
  readonly hasAttributes: boolean;
  /** Its text without case (see foldCase); undefined: nothing is known of it. */
  readonly folded: string | undefined;
}

/** Of which nothing is known but its level. */
export const UNKNOWN_SHAPE: ShapeFacts = { number: undefined, level: 0, hasAttributes: true, folded: undefined };

export type ShapeTest = (shape: ShapeFacts) => boolean;

export class ShapeTests {
  readonly #byText = new Map<string, ShapeTest>();

  /** Whether a shape holds the text, which is without case. */
  holds(text: string): ShapeTest {
    let test = this.#byText.get(text);
    if (test === undefined) {
      test = createTest(text);
      this.#byText.set(text, test);
    }
    return test;
  }
}

function createTest(text: string): ShapeTest {
  const answers: (boolean | undefined)[] = [];
  return ({ number, folded }) => {
    const known = number === undefined ? undefined : answers[number];
    if (known !== undefined) return known;
    const answer = folded?.includes(text) === true;
    if (number !== undefined) answers[number] = answer;
    return answer;
  };
}
