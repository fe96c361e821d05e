/**
 * The shapes that a search thread knows, each once: segments share most of theirs. With each what a query asks of it.
 */
import { LEVELS } from '../../entry/level.ts';
import { foldCase } from '../../entry/query/query.ts';
import type { Shape } from './digest.ts';
import { FOLDED_TO_ASCII } from './folded-to-ascii.ts';

export interface SearchedShape extends Shape {
  /** Tells it from all others of the pool. */
  readonly number: number;
  /** Its text without case; undefined: nothing is known of it. */
  readonly folded: string | undefined;
  /** Every character of the messages that is, or folds to, an ASCII letter shows in its bytes. */
  readonly isPlain: boolean;
}

const HIDES_ASCII = new RegExp(`[${FOLDED_TO_ASCII}]`);

export class ShapePool {
  /** By level and whether there are attributes, then text. */
  #known = emptyKinds();
  #count = 0;

  /** The one that is like it. */
  get(shape: Shape): SearchedShape {
    const shapes = this.#shapesLike(shape);
    const known = shapes.get(shape.text);
    if (known) return known;
    const { level, hasAttributes, text } = shape;
    const folded = text === undefined ? undefined : foldCase(text);
    const isPlain = text !== undefined && !HIDES_ASCII.test(text);
    const searched: SearchedShape = { number: this.#count++, level, hasAttributes, text, folded, isPlain };
    shapes.set(text, searched);
    return searched;
  }

  /** Forgets all others. */
  keep(used: Iterable<SearchedShape>): void {
    this.#known = emptyKinds();
    for (const shape of used) this.#shapesLike(shape).set(shape.text, shape);
  }

  #shapesLike({ level, hasAttributes }: Shape): Map<string | undefined, SearchedShape> {
    const shapes = this.#known[level * 2 + (hasAttributes ? 1 : 0)];
    if (!shapes) throw new Error(`BUG: ${level} is no level`);
    return shapes;
  }
}

function emptyKinds(): Map<string | undefined, SearchedShape>[] {
  return Array.from({ length: LEVELS.length * 2 }, () => new Map<string | undefined, SearchedShape>());
}
