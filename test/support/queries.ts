/**
 * Random queries of every kind, most of them near to what the entries of a search corpus hold.
 */
import fc from 'fast-check';
import { LEVELS } from '../../src/entry/level.ts';
import { foldCase, type Query } from '../../src/entry/query/query.ts';

/** @param pieces of messages: the texts asked for are parts of them, and of two of them side by side */
export function anyQuery(pieces: readonly string[], ids: readonly string[]): fc.Arbitrary<Query> {
  const anyTerm: fc.Arbitrary<Query> = fc.oneof(
    { weight: 6, arbitrary: anyPart(pieces).map(textQuery) },
    { weight: 3, arbitrary: anyRegex(pieces) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('level' as const),
        compare: fc.constantFrom('=', '>', '>=', '<', '<='),
        level: fc.constantFrom(...LEVELS),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('web-1', 'web-*', '*', 'w*1', 'nobody', 'db', 'W*').map((pattern) => {
        return { kind: 'client', pattern } as const;
      }),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('pinned', 'ticket', 'deleted').map((state) => ({ kind: 'is', state }) as const),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('field' as const),
        name: fc.constantFrom('id', 'http.status', 'source', 'a', 'none'),
        value: fc.constantFrom('404', 'x "y" \\ z', 'é\n', 'null', 'true', 'timeout', 'file', 'syslog', ''),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom(...ids, 'timeout', '404').map((id) => ({ kind: 'id', id }) as const) },
    { weight: 1, arbitrary: fc.constant<Query>({ kind: 'all' }) },
  );
  const { query } = fc.letrec<{ query: Query }>((tie) => ({
    query: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: anyTerm },
      {
        weight: 1,
        arbitrary: fc.array(tie('query'), { minLength: 1, maxLength: 3 }).map((of) => ({ kind: 'and' as const, of })),
      },
      {
        weight: 1,
        arbitrary: fc.array(tie('query'), { minLength: 1, maxLength: 3 }).map((of) => ({ kind: 'or' as const, of })),
      },
      { weight: 1, arbitrary: tie('query').map((of) => ({ kind: 'not' as const, of })) },
    ),
  }));
  return query;
}

export function textQuery(text: string): Query {
  return { kind: 'text', text, folded: foldCase(text) };
}

/** Parts of pieces in any case, and of pieces in a row. */
export function anyPart(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 2 }), fc.nat(), fc.nat(), fc.nat(2))
    .map(([some, from, length, form]) => {
      const characters = Array.from(some.join(' '));
      const start = from % characters.length;
      const text = characters.slice(start, start + 1 + (length % 9)).join('');
      return form === 0 ? text : form === 1 ? text.toUpperCase() : text.toLowerCase();
    });
}

const ATOMS = [
  '.',
  '\\d+',
  '\\w*',
  '\\s',
  '[a-z]{2}',
  '(?:a|e)',
  '(?=t)',
  '(?<!x)',
  '\\b',
  '^',
  '$',
  '(500|1000)',
  '\\D?',
];
const QUANTIFIERS = ['', '', '', '?', '*', '+', '{0,2}', '{2}', '+?'];

function anyRegex(pieces: readonly string[]): fc.Arbitrary<Query> {
  const anyAtom = fc.oneof(
    anyPart(pieces).map((text) => RegExp.escape(text)),
    fc.constantFrom(...ATOMS),
    fc.tuple(anyPart(pieces), fc.constantFrom(...QUANTIFIERS)).map(([text, sign]) => `(${RegExp.escape(text)})${sign}`),
    fc.tuple(anyPart(pieces), anyPart(pieces)).map(([a, b]) => `(?:${RegExp.escape(a)}|${RegExp.escape(b)})`),
  );
  return fc
    .tuple(fc.array(anyAtom, { minLength: 1, maxLength: 3 }), fc.constantFrom('', 'i', 'm', 's', 'i', 'iu'))
    .map(([atoms, flags]) => ({ kind: 'regex' as const, source: atoms.join(''), flags }))
    .filter(({ source, flags }) => isValid(source, flags));
}

function isValid(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    // A random one need not be.
    return false;
  }
}
