/**
 * What is known of a block's entries without reading them: how many there are of each shape, of each client, in each span
 * of time, always by level. Counts that follow from these need no text, and blocks that cannot match are passed over.
 *
 * A shape is what entries of one kind have in common: the message with its variable parts taken out.
 */

/** Stands in a shape for a variable part. A message in app.log never holds this character: it is written as an escape. */
export const VARIABLE = '\u001a';

/**
 * A variable part is a longest run of ASCII letters and digits that holds a digit (`5432`, `10ms`, `be907f17`). All else of
 * a message stands in its shape as it is, so `job 17 of web-2 took 10ms` has the shape `job ␚ of web-␚ took ␚`.
 */
export interface Shape {
  /** Index in LEVELS. */
  readonly level: number;
  /** The entries have a source or fields. */
  readonly hasAttributes: boolean;
  /** Undefined: nothing is known of the messages of these entries. */
  readonly text: string | undefined;
}

/** What the blocks of one segment share. Grows while the segment does. */
export interface ShapeBook {
  /** By number. */
  readonly shapes: readonly Shape[];
  /** By shape: the letters that its variable parts have held, as bits: bit 1 is A or a. */
  readonly letterMasks: ArrayLike<number>;
  /** What letters stand side by side in the variable parts of all shapes: LETTER_GRAM_WORDS words, see letter-grams.ts. */
  readonly letterGrams: Uint32Array;
}

export interface BlockDigest {
  /** Numbers of the shapes in the block, rising. */
  readonly shapes: ArrayLike<number>;
  /** Of each of them: entries. Their sum is the block's count. */
  readonly shapeCounts: ArrayLike<number>;
  /** Entries by client and level: triples of the client's number, the level, the count. */
  readonly clientCounts: ArrayLike<number>;
  /** Length of a span of event time. Spans begin at multiples of it. */
  readonly spanMs: number;
  /** Where `spanCounts` counts from: a multiple of `spanMs`. */
  readonly spanStartMs: number;
  /** Entries by span and level: triples of the span (0 begins at `spanStartMs`), the level, the count. */
  readonly spanCounts: ArrayLike<number>;
}

/** What is known so far of a segment that grows. */
export interface SegmentDigests {
  /** Of its first complete blocks. */
  readonly digests: readonly BlockDigest[];
  readonly book: ShapeBook;
}
