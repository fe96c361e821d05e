import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, type EntryState, PLAIN_STATE } from '../../../src/entry/entry.ts';
import { LEVELS, type Level } from '../../../src/entry/level.ts';
import { QUERY_DEPTH_MAX, QUERY_LENGTH_MAX } from '../../../src/entry/limits.ts';
import { compileQuery } from '../../../src/entry/query/match.ts';
import { describeFault, parseQuery } from '../../../src/entry/query/parse.ts';
import { anyDraft } from '../../support/drafts.ts';

const ID = '0193b0a8-1234-7abc-8def-0123456789ab';

function entry(message: string, rest: Partial<Entry> = {}): Entry {
  return { id: ID, timeMs: 0, level: 'INFO', clientId: 'web-1', message, ...rest };
}

function matches(text: string, candidate: Entry, state: Partial<EntryState> = {}): boolean {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason} at ${parsed.position}`);
  return compileQuery(parsed.query)(candidate, { ...PLAIN_STATE, ...state });
}

type Case = [query: string, message: string, doesMatch: boolean, rest?: Partial<Entry>];

const CASES: Case[] = [
  ['', 'anything', true],
  ['  ', 'anything', true],
  ['time', 'a Timeout here', true],
  ['OUT', 'a timeout here', true],
  ['time here', 'here was time', true],
  ['time gone', 'here was time', false],
  ['"was time"', 'here WAS time', true],
  ['"time was"', 'here was time', false],
  ['"say \\"hi\\" \\\\"', 'they say "HI" \\ then', true],
  ['-time', 'here', true],
  ['-time', 'time', false],
  ['--time', 'time', true],
  ['-(a OR b)', 'c', true],
  ['-(a OR b)', 'b', false],
  ['-"a b"', 'a b', false],
  ['a OR b', 'xbx', true],
  ['a b OR c', 'c', true],
  ['a b OR c', 'a', false],
  ['a (b OR c)', 'b', false],
  ['a (b OR c)', 'ca', true],
  ['(((a)))', 'a', true],
  ['or', 'for', true],
  ['ORder', 'new ORDER', true],
  ['a-b', 'x a-b', true],
  ['"-"', 'a - b', true],
  ['*', 'a * b', true],
  ['*', 'ab', false],
  ['main()', 'in MAIN() at', true],
  ['https://a.b/c?d=1', 'GET https://a.b/c?d=1', true],
  ['12:30', 'at 12:30', true],
  ['straße', 'STRASSE', true],
  ['strasse', 'Straße', true],
  ['ΣΑΣ', 'σας', true],
  ['kelvin', '5 \u212aelvin', true],
  ['i̇', 'İ', true],
  ['\u{1f600}', 'x\u{1f600}', true],
  ['level:error', 'm', true, { level: 'ERROR' }],
  ['level:err', 'm', true, { level: 'ERROR' }],
  ['LEVEL:Error', 'm', true, { level: 'ERROR' }],
  ['level:error', 'level:error', false],
  ['level>=warning', 'm', true, { level: 'CRITICAL' }],
  ['level>=warning', 'm', true, { level: 'WARNING' }],
  ['level>=warning', 'm', false, { level: 'UNKNOWN' }],
  ['level<debug', 'm', true, { level: 'UNKNOWN' }],
  ['level>unknown', 'm', true, { level: 'DEBUG' }],
  ['level<=info', 'm', true],
  ['level>info', 'm', false],
  ['level=info', 'm', true],
  ['id:undefined', 'm', false],
  ['id:Undefined', 'm', true, { fields: { id: 'UNDEFINED' } }],
  ['client:web-1', 'm', true],
  ['client:web', 'm', false],
  ['client:web-*', 'm', true],
  ['client:*1', 'm', true],
  ['client:w*b*1', 'm', true],
  ['client:web-1*1', 'm', false],
  ['client:*', 'm', true],
  ['client:"web 2"', 'm', true, { clientId: 'web 2' }],
  [`id:${ID}`, 'm', true],
  [`id:${ID.toUpperCase()}`, 'm', true],
  ['id:f47ac10b-58cc-4372-a567-0e02b2c3d479', 'm', true, { fields: { id: 'F47AC10B-58CC-4372-A567-0E02B2C3D479' } }],
  ['id:0193', 'm', false],
  ['http.status:404', 'm', true, { fields: { 'http.status': 404 } }],
  ['http.status:40', 'm', false, { fields: { 'http.status': 404 } }],
  ['ok:true', 'm', true, { fields: { ok: true } }],
  ['path:"/a b"', 'm', true, { fields: { path: '/a b' } }],
  ['none:null', 'm', true, { fields: { none: null } }],
  ['toString:x', 'm', false, { fields: { a: 1 } }],
  ['user:Bob', 'user:Bob', false],
  ['"user:Bob"', 'a user:bob', true],
  ['source:syslog', 'm', true, { source: 'syslog' }],
  ['source:x', 'm', true, { source: 'syslog', fields: { source: 'x' } }],
  ['/^a.c$/', 'abc', true],
  ['/^a.c$/', 'ABC', false],
  ['/^a.c$/i', 'ABC', true],
  ['/a[/]b/', 'a/b', true],
  ['/a\\/b/', 'a/b', true],
  ['/^b$/m', 'a\nb', true],
  ['/a.b/s', 'a\nb', true],
  ['/\\p{Lu}/', 'É', true],
  ['/\\-/', 'a-b', true],
  ['-/a/', 'b', true],
];

for (const [query, message, doesMatch, rest] of CASES) {
  test(`query: ${query} ${doesMatch ? 'finds' : 'does not find'} ${JSON.stringify({ message, ...rest })}`, () => {
    assert.equal(matches(query, entry(message, rest)), doesMatch);
  });
}

test('query: deleted entries are seen only by a query that asks for them', () => {
  const isDeleted = { isDeleted: true };
  assert.equal(matches('', entry('a'), isDeleted), false);
  assert.equal(matches('a', entry('a'), isDeleted), false);
  assert.equal(matches('-a', entry('b'), isDeleted), false);
  assert.equal(matches('is:deleted', entry('a'), isDeleted), true);
  assert.equal(matches('is:deleted', entry('a')), false);
  assert.equal(matches('is:deleted a', entry('b'), isDeleted), false);
  assert.equal(matches('-is:deleted', entry('a')), true);
  assert.equal(matches('is:pinned', entry('a'), { isPinned: true }), true);
  assert.equal(matches('is:ticket', entry('a'), { isTicket: true }), true);
  assert.equal(matches('is:TICKETED', entry('a'), { isTicket: false }), false);
});

const FAULTS: [query: string, position: number, reason: RegExp][] = [
  ['"open', 0, /quote is not closed/],
  ['a ""', 2, /expected a text between the quotes/],
  ['(a', 0, /"\(" is not closed/],
  ['a b (c (d)', 4, /"\(" is not closed/],
  ['a)', 1, /"\)" closes nothing/],
  ['()', 1, /expected a term/],
  ['a OR', 4, /expected a term/],
  ['OR a', 0, /expected a term before OR/],
  ['a OR OR b', 5, /expected a term before OR/],
  ['-', 1, /right after "-"/],
  ['a - b', 3, /right after "-"/],
  ['level:blue', 6, /expected debug, info, warning, error, critical or unknown, got "blue"/],
  ['level:', 6, /expected a value right after "level:"/],
  ['a level>=', 9, /expected a value right after "level>="/],
  ['client:', 7, /expected a value right after "client:"/],
  ['is:open', 3, /expected pinned, ticket or deleted after "is:", got "open"/],
  ['/abc', 0, /closing "\/"/],
  ['//', 0, /expected a regular expression between/],
  ['a /(/', 2, /expected a valid regular expression/],
  ['/a/g', 3, /expected i, m, s or a space/],
  ['/a/ii', 3, /expected i, m, s or a space/],
  ['/var/log', 5, /put a path in quotes/],
];

for (const [query, position, reason] of FAULTS) {
  test(`query: ${query} is refused at ${position}: ${reason.source}`, () => {
    const parsed = parseQuery(query);
    assert.ok(!parsed.ok, 'it was taken');
    assert.match(parsed.reason, reason);
    assert.equal(parsed.position, position);
    const told = describeFault(query, parsed);
    assert.ok(
      told.startsWith('query: ') && told.includes(`at position ${position + 1}: `) && !told.includes('\n'),
      told,
    );
  });
}

test('query: length and depth are bounded', () => {
  assert.equal(parseQuery('a'.repeat(QUERY_LENGTH_MAX)).ok, true);
  assert.equal(parseQuery('a'.repeat(QUERY_LENGTH_MAX + 1)).ok, false);
  const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  assert.equal(parseQuery(nested(QUERY_DEPTH_MAX)).ok, true);
  for (const text of [nested(QUERY_DEPTH_MAX + 1), `${'-'.repeat(QUERY_DEPTH_MAX + 1)}a`, '('.repeat(4_000)]) {
    const parsed = parseQuery(text);
    assert.ok(!parsed.ok && parsed.reason.includes('deep'));
  }
});

test('query: any text is a query or a fault within it', () => {
  const anyPiece = fc.constantFrom(
    'a',
    ' ',
    '"',
    '(',
    ')',
    '-',
    'OR',
    ' OR ',
    '/',
    '\\',
    ':',
    'level:',
    'is:',
    'x:',
    '>=',
    '*',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(anyPiece, fc.string({ maxLength: 2 })), { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const parsed = parseQuery(text);
      if (!parsed.ok) assert.ok(parsed.position >= 0 && parsed.position <= text.length && parsed.reason !== '');
      else assert.equal(typeof compileQuery(parsed.query)(entry('a'), PLAIN_STATE), 'boolean');
    }),
    { numRuns: 5_000 },
  );
});

/** A query as text, and its meaning written down once more, as plainly as can be. */
interface Meaning {
  readonly text: string;
  readonly means: (candidate: Entry, state: EntryState) => boolean;
}

const fold = (text: string) => text.toLowerCase().toUpperCase();
const ORDER: readonly Level[] = ['UNKNOWN', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

const anyLeaf: fc.Arbitrary<Meaning> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map((phrase) => ({
    text: `"${phrase.toWellFormed().replace(/["\\]/g, '\\$&')}"`,
    means: ({ message }: Entry) => fold(message).includes(fold(phrase.toWellFormed())),
  })),
  fc.constantFrom('timeout', 'Error', '0', 'ss').map((word) => ({
    text: word,
    means: ({ message }: Entry) => fold(message).includes(fold(word)),
  })),
  fc.tuple(fc.constantFrom(':', '>=', '<=', '>', '<', '='), fc.constantFrom(...LEVELS)).map(([mark, level]) => ({
    text: `level${mark}${level.toLowerCase()}`,
    means: (candidate: Entry) => {
      const difference = ORDER.indexOf(candidate.level) - ORDER.indexOf(level);
      if (mark === ':' || mark === '=') return difference === 0;
      if (mark.startsWith('>')) return mark === '>' ? difference > 0 : difference >= 0;
      return mark === '<' ? difference < 0 : difference <= 0;
    },
  })),
  fc.constantFrom('web-1', 'db').map((name) => ({
    text: `client:${name}`,
    means: ({ clientId }: Entry) => clientId === name,
  })),
  fc.constant({ text: 'client:web*', means: ({ clientId }: Entry) => clientId.startsWith('web') }),
  fc.constant({ text: 'is:pinned', means: (_: Entry, { isPinned }: EntryState) => isPinned }),
  fc.constant({ text: 'is:ticket', means: (_: Entry, { isTicket }: EntryState) => isTicket }),
  fc.constant({ text: '/\\d\\D/', means: ({ message }: Entry) => /\d\D/.test(message) }),
  fc.constant({ text: 'a:0', means: ({ fields }: Entry) => fields !== undefined && `${fields.a}` === '0' }),
);

const { anyQuery } = fc.letrec<{ anyQuery: Meaning }>((tie) => ({
  anyQuery: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyLeaf,
    tie('anyQuery').map(({ text, means }) => ({
      text: `-(${text})`,
      means: (e: Entry, s: EntryState) => !means(e, s),
    })),
    fc.tuple(tie('anyQuery'), tie('anyQuery')).map(([a, b]) => ({
      text: `(${a.text}) (${b.text})`,
      means: (e: Entry, s: EntryState) => a.means(e, s) && b.means(e, s),
    })),
    fc.tuple(tie('anyQuery'), tie('anyQuery')).map(([a, b]) => ({
      text: `(${a.text} OR ${b.text})`,
      means: (e: Entry, s: EntryState) => a.means(e, s) || b.means(e, s),
    })),
    fc.tuple(anyLeaf, anyLeaf, anyLeaf).map(([a, b, c]) => ({
      // Side by side binds tighter than OR.
      text: `(${a.text} ${b.text} OR -${c.text})`,
      means: (e: Entry, s: EntryState) => (a.means(e, s) && b.means(e, s)) || !c.means(e, s),
    })),
  ),
}));

test('query: on random entries a random query means what it says', () => {
  const anyEntry = anyDraft({ min: 0, max: 1 }).map((draft) => ({ ...draft, id: ID, timeMs: draft.timeMs ?? 0 }));
  const anyState = fc.record({ isPinned: fc.boolean(), isTicket: fc.boolean(), isDeleted: fc.constant(false) });
  fc.assert(
    fc.property(anyQuery, fc.array(fc.tuple(anyEntry, anyState), { minLength: 5, maxLength: 10 }), (query, given) => {
      const parsed = parseQuery(query.text);
      assert.ok(parsed.ok, `${query.text} was refused`);
      const test = compileQuery(parsed.query);
      for (const [candidate, state] of given) {
        assert.equal(test(candidate, state), query.means(candidate, state), query.text);
      }
    }),
    { numRuns: 2_000 },
  );
});
