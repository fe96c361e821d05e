import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAnswer, type Outcome } from '../../src/agent/answer.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

const CASES: readonly (readonly [status: number, kind: Outcome['kind']])[] = [
  [301, 'wrong-server'],
  [302, 'wrong-server'],
  [400, 'refused'],
  [401, 'not-allowed'],
  [403, 'not-allowed'],
  [404, 'wrong-server'],
  [405, 'wrong-server'],
  [408, 'try-again'],
  [409, 'refused'],
  [413, 'refused'],
  [415, 'refused'],
  [422, 'refused'],
  [425, 'try-again'],
  [429, 'try-again'],
  [500, 'try-again'],
  [502, 'try-again'],
  [503, 'try-again'],
  [504, 'try-again'],
  [507, 'try-again'],
];

for (const [status, kind] of CASES) {
  test(`answer: ${status} means ${kind}`, () => {
    assert.equal(judgeAnswer({ status, headers: {}, body: '' }, NOW).kind, kind);
  });
}

const TAKEN = '{"accepted":2,"rejected":[]}';

for (const [body, kind] of [
  [TAKEN, 'stored'],
  ['{"accepted":0,"rejected":[],"duplicate":true}', 'stored'],
  // Half an answer of a proxy that does not say how long it is, another program, a network that wants to be signed in to.
  [TAKEN.slice(0, 9), 'wrong-server'],
  ['', 'wrong-server'],
  ['welcome to this network', 'wrong-server'],
  ['{"status":"ok"}', 'wrong-server'],
  ['[]', 'wrong-server'],
] as const) {
  test(`answer: 200 with ${body === '' ? 'nothing' : body} means ${kind}`, () => {
    assert.equal(judgeAnswer({ status: 200, headers: {}, body }, NOW).kind, kind);
  });
}

for (const [value, waitMs] of [
  ['7', 7_000],
  ['0', 0],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['999999999', 3_600_000],
  ['soon', undefined],
  [undefined, undefined],
] as const) {
  test(`answer: Retry-After ${value} is a wait of ${waitMs} ms`, () => {
    const outcome = judgeAnswer({ status: 503, headers: { 'retry-after': value }, body: '' }, NOW);
    assert.equal(outcome.kind === 'try-again' ? outcome.retryAfterMs : 'none', waitMs);
  });
}

test('answer: the reason is what the server says, and not more than fits a line', () => {
  const told = judgeAnswer({ status: 400, headers: {}, body: '{"error":"line 3 is no JSON"}' }, NOW);
  assert.equal(told.kind === 'refused' && told.reason, 'line 3 is no JSON');
  const long = judgeAnswer({ status: 400, headers: {}, body: JSON.stringify({ error: 'x'.repeat(10_000) }) }, NOW);
  assert.equal(long.kind === 'refused' && long.reason.length, 300);
});

test('answer: refused lines are read, and what is none is left out', () => {
  const body = JSON.stringify({ accepted: 1, rejected: [{ line: 2, error: 'no message' }, 7, { line: 'x' }] });
  const outcome = judgeAnswer({ status: 200, headers: {}, body }, NOW);
  assert.deepEqual(outcome.kind === 'stored' && outcome.rejected, [{ line: 2, error: 'no message' }]);
});
