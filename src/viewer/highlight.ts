/**
 * Where a query's words, phrases and regular expressions stand in a text: what a list highlights.
 */
import type { Query } from '../entry/query/query.ts';

/** UTF-16 units: from inclusive, to exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Highlighter = (text: string) => readonly Span[];

/** Beyond it a text's further hits are not shown. */
const SPANS_MAX = 100;

/** Terms under a negation are not highlighted. Spans come sorted and apart. Undefined: nothing to highlight. */
export function createHighlighter(query: Query): Highlighter | undefined {
  const expressions = collect(query);
  if (expressions.length === 0) return undefined;
  return (text) => {
    const spans: Span[] = [];
    for (const expression of expressions) {
      expression.lastIndex = 0;
      for (const found of text.matchAll(expression)) {
        if (found[0] !== '') spans.push({ from: found.index, to: found.index + found[0].length });
        if (spans.length >= SPANS_MAX) break;
      }
    }
    return joined(spans);
  };
}

function collect(query: Query): RegExp[] {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.flatMap(collect);
    case 'text':
      return [new RegExp(query.text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu')];
    case 'regex':
      return [new RegExp(query.source, `${query.flags}g`)];
    default:
      return [];
  }
}

function joined(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && span.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}
