/**
 * The texts of shapes without case, kept from one search to the next, for thousands of blocks share them.
 */
import { foldCase } from '../../entry/query/query.ts';
import type { Shape } from './digest.ts';
import { FOLDED_SHAPES_LENGTH_MAX } from './limits.ts';

let kept = new WeakMap<readonly Shape[], (string | undefined)[]>();
let keptLength = 0;

/** @param shapes of one book, the same array each time */
export function foldedText(shapes: readonly Shape[], number: number): string | undefined {
  let texts = kept.get(shapes);
  if (texts === undefined) {
    texts = [];
    kept.set(shapes, texts);
  }
  const known = texts[number];
  if (known !== undefined) return known;
  const text = shapes[number]?.text;
  if (text === undefined) return undefined;
  const folded = foldCase(text);
  keptLength += folded.length;
  if (keptLength > FOLDED_SHAPES_LENGTH_MAX) {
    kept = new WeakMap();
    keptLength = 0;
  } else texts[number] = folded;
  return folded;
}
