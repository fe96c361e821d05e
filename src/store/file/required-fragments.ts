/**
 * Pieces of plain ASCII of which a matching entry holds at least one, in app.log as in memory and in any case. They are
 * what a block is searched for before any of its entries is decoded.
 */
import type { Query } from '../../entry/query/query.ts';
import { FRAGMENT_LENGTH_MAX } from './fragment-scan.ts';
import { FRAGMENTS_MAX } from './limits.ts';
import { regexNeeds } from './regex-needs.ts';

export interface Fragments {
  /** In upper case, of FRAGMENT_LENGTH_MAX characters at most. */
  readonly texts: readonly string[];
  /** Some are of fields, ids or sources, so that the JSON behind the message counts too. */
  readonly areInAttributes: boolean;
}

/** What stands in app.log as it is, whatever stands around it: neither escaped nor folded. Quotes are escaped in JSON. */
const PIECES_OF_MESSAGE = /[ -[\]-~]+/g;
const PIECES_OF_JSON = /[ !#-[\]-~]+/g;

/** Shorter ones are nearly everywhere. */
const FRAGMENT_LENGTH_MIN = 2;

/** Undefined: nothing is known that every match holds. */
export function requiredFragments(query: Query): Fragments | undefined {
  switch (query.kind) {
    case 'text':
      return longestPiece(query.folded, PIECES_OF_MESSAGE, false);
    case 'regex':
      return requiredFragments(regexNeeds(query.source, query.flags).needs);
    case 'id':
      return longestPiece(query.id, PIECES_OF_JSON, true);
    case 'field':
      return longestPiece(query.value, PIECES_OF_JSON, true) ?? longestPiece(query.name, PIECES_OF_JSON, true);
    case 'and':
      return query.of.map(requiredFragments).reduce(rarer, undefined);
    case 'or': {
      const parts = query.of.map(requiredFragments);
      const known = parts.filter((part) => part !== undefined);
      const texts = [...new Set(known.flatMap((part) => part.texts))];
      if (known.length < parts.length || texts.length > FRAGMENTS_MAX) return undefined;
      return { texts, areInAttributes: known.some((part) => part.areInAttributes) };
    }
    default:
      return undefined;
  }
}

function longestPiece(text: string, pieces: RegExp, areInAttributes: boolean): Fragments | undefined {
  // A text that ends with a space is found more slowly, for there is a space everywhere.
  const found = (text.match(pieces) ?? []).map((piece) => piece.trimEnd());
  const longest = found.reduce((a, b) => (b.length > a.length ? b : a), '');
  if (longest.length < FRAGMENT_LENGTH_MIN) return undefined;
  return { texts: [longest.slice(0, FRAGMENT_LENGTH_MAX).toUpperCase()], areInAttributes };
}

/** The longer a text, the rarer it likely is. */
function rarer(a: Fragments | undefined, b: Fragments | undefined): Fragments | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return shortest(b) > shortest(a) ? b : a;
}

function shortest({ texts }: Fragments): number {
  return Math.min(...texts.map(({ length }) => length));
}
