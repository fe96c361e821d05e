/**
 * The query language's tree: what a query means, apart from how it is written or run.
 */
import type { Level } from '../level.ts';

export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly of: readonly Query[] }
  | { readonly kind: 'or'; readonly of: readonly Query[] }
  | { readonly kind: 'not'; readonly of: Query }
  /** A word or phrase anywhere in the message; `folded` is its form without case. */
  | { readonly kind: 'text'; readonly text: string; readonly folded: string }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'level'; readonly compare: Comparison; readonly level: Level }
  /** `*` in the pattern stands for any characters. */
  | { readonly kind: 'client'; readonly pattern: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'is'; readonly state: 'pinned' | 'ticket' | 'deleted' }
  | { readonly kind: 'field'; readonly name: string; readonly value: string };

export type Comparison = '=' | '>' | '>=' | '<' | '<=';

/**
 * The form of a text in which case is gone (Unicode): lower, then upper, so that final sigma, the Kelvin sign and
 * long s meet their plain letters, and ß meets SS.
 */
export function foldCase(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : text.toLowerCase().toUpperCase();
}

const ASCII = /^[\u0000-\u007f]*$/;

/** Whether a query asks for deleted entries anywhere; one that does not never sees them. */
export function asksForDeleted(query: Query): boolean {
  return someNode(query, (node) => node.kind === 'is' && node.state === 'deleted');
}

/** Whether any node of a query's tree fulfils the condition. */
export function someNode(query: Query, condition: (node: Query) => boolean): boolean {
  if (condition(query)) return true;
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.some((part) => someNode(part, condition));
    case 'not':
      return someNode(query.of, condition);
    default:
      return false;
  }
}
