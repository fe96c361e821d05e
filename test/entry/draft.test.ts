import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDraft } from '../../src/entry/draft.ts';
import type { Draft } from '../../src/entry/entry.ts';
import { CUT_MARK, FIELD_COUNT_MAX, FIELD_DEPTH_MAX, SERVER_LINE_BYTES_MAX } from '../../src/entry/limits.ts';

function draftOf(value: unknown): Draft {
  const parsed = parseDraft(value);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.draft;
}

function reasonOf(value: unknown): string {
  const parsed = parseDraft(value);
  return parsed.ok ? 'none' : parsed.reason;
}

test('draft: what a client sends is taken as it is', () => {
  const draft = draftOf({
    level: 'error',
    message: 'm',
    client_id: 'web-1',
    timestamp: '2026-11-23T03:10:11.123Z',
    source: 'syslog',
    fields: { a: 1, b: 'x', c: true, d: null },
    other: 'is ignored',
  });
  assert.deepEqual(draft, {
    level: 'ERROR',
    message: 'm',
    clientId: 'web-1',
    timeMs: Date.UTC(2026, 10, 23, 3, 10, 11, 123),
    source: 'syslog',
    fields: { a: 1, b: 'x', c: true, d: null },
  });
});

const LEVELS_SENT: [unknown, string][] = [
  ['info', 'INFO'],
  ['Warn', 'WARNING'],
  [' notice ', 'INFO'],
  ['trace', 'DEBUG'],
  ['emerg', 'CRITICAL'],
  ['failure', 'ERROR'],
  ['nonsense', 'UNKNOWN'],
  ['constructor', 'UNKNOWN'],
  ['', 'UNKNOWN'],
  [3, 'UNKNOWN'],
  [undefined, 'UNKNOWN'],
];

for (const [sent, level] of LEVELS_SENT) {
  test(`draft: the level ${JSON.stringify(sent)} is ${level}`, () => {
    assert.equal(draftOf({ level: sent, message: 'm' }).level, level);
  });
}

test('draft: what is missing has its default', () => {
  const draft = draftOf({ message: 'm', client_id: '', source: null, fields: null, timestamp: '' });
  assert.deepEqual(draft, {
    level: 'UNKNOWN',
    clientId: 'UNKNOWN_CLIENT',
    message: 'm',
    timeMs: undefined,
    source: undefined,
    fields: undefined,
  });
  assert.equal(draftOf({ message: 'm', client_id: 42 }).clientId, '42');
});

const REFUSED: [unknown, RegExp][] = [
  [null, /must be a JSON object/],
  [[], /must be a JSON object/],
  ['text', /must be a JSON object/],
  [{}, /"message" is missing/],
  [{ message: '' }, /"message" is missing/],
  [{ message: 5 }, /"message" is missing/],
  [{ message: 'm', client_id: {} }, /"client_id" must be a text/],
  [{ message: 'm', client_id: 'x'.repeat(257) }, /"client_id" has 257 characters, at most 256/],
  [{ message: 'm', source: [] }, /"source" must be a text/],
  [{ message: 'm', timestamp: 'soon' }, /"timestamp": time must be ISO 8601/],
  [{ message: 'm', fields: 'x' }, /"fields" must be a JSON object/],
  [{ message: 'm', fields: [] }, /"fields" must be a JSON object/],
  [{ message: 'm', fields: { ['x'.repeat(257)]: 1 } }, /"fields" has a name of 257 characters/],
  [{ message: 'm', fields: { a: 'x'.repeat(300_000) } }, /"fields" has 3\d+ characters/],
  [
    { message: 'm', fields: Object.fromEntries(Array.from({ length: FIELD_COUNT_MAX + 1 }, (_, n) => [`f${n}`, n])) },
    /"fields" has 257 names, at most 256/,
  ],
];

for (const [value, reason] of REFUSED) {
  test(`draft: ${JSON.stringify(value).slice(0, 60)} is refused: ${reason.source}`, () => {
    assert.match(reasonOf(value), reason);
  });
}

test('draft: nested fields are flattened with dots, lists and what is too deep are kept as JSON', () => {
  const { fields } = draftOf({
    message: 'm',
    fields: { http: { status: 404, path: { raw: '/' } }, list: [1, { a: 2 }], none: {} },
  });
  assert.deepEqual(fields, { 'http.status': 404, 'http.path.raw': '/', list: '[1,{"a":2}]' });
  assert.equal(draftOf({ message: 'm', fields: {} }).fields, undefined);
  let deep: unknown = 1;
  for (let depth = 0; depth < FIELD_DEPTH_MAX + 2; depth++) deep = { a: deep };
  const [[name, value] = ['', '']] = Object.entries(draftOf({ message: 'm', fields: deep }).fields ?? {});
  assert.equal(name.split('.').length, FIELD_DEPTH_MAX);
  assert.equal(value, '{"a":{"a":1}}');
  const own = draftOf(JSON.parse('{"message":"m","fields":{"__proto__":1}}')).fields;
  assert.deepEqual(Object.keys(own ?? {}), ['__proto__']);
});

test('draft: a message that is too long is cut between characters and marked', () => {
  for (const unit of ['a', 'é', '😀', 'a😀é']) {
    const { message } = draftOf({ message: unit.repeat(SERVER_LINE_BYTES_MAX + 1) });
    assert.ok(message.endsWith(CUT_MARK));
    assert.ok(message.isWellFormed() && !message.includes('\ufffd'));
    const bytes = Buffer.byteLength(message);
    assert.ok(bytes <= SERVER_LINE_BYTES_MAX && bytes > SERVER_LINE_BYTES_MAX - 8, `${bytes} bytes`);
  }
  const fits = 'é'.repeat(SERVER_LINE_BYTES_MAX / 2);
  assert.equal(draftOf({ message: fits }).message, fits);
});

test('draft: whatever JSON is sent, the answer is a draft in well-formed Unicode or a reason', () => {
  fc.assert(
    fc.property(
      fc.record({
        message: fc.string({ unit: 'binary' }),
        client_id: fc.jsonValue(),
        fields: fc.jsonValue(),
        timestamp: fc.jsonValue(),
      }),
      (value) => {
        const parsed = parseDraft(value);
        if (parsed.ok) assert.ok(JSON.stringify(parsed.draft).isWellFormed());
        else assert.ok(parsed.reason.length > 10);
      },
    ),
  );
  assert.equal(draftOf({ message: 'a\ud800b', client_id: '\udc00' }).message, 'a\ufffdb');
});
