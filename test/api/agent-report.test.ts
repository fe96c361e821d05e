import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AGENT_REPORT_BYTES_MAX, readAgentReport, writeAgentReport } from '../../src/api/agent-report.ts';
import { reportOf } from '../support/agent-report.ts';

const SEED = 20_261_129;

test('agent report: what is written is read back, whatever names there are, as ASCII of bounded length', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 80 }), name, fc.nat(), (clients, host, lines) => {
      const report = reportOf({ clients, host, gaps: { events: 1, lines, unknown: 0 } });
      const text = writeAgentReport(report);
      assert.match(text, /^[\x20-\x7e]*$/);
      assert.ok(text.length <= AGENT_REPORT_BYTES_MAX);
      const read = readAgentReport(text);
      // A pair of surrogates may be cut; what is there begins as it was.
      assert.deepEqual(read?.clients, clients.slice(0, read?.clients.length));
      assert.deepEqual({ ...read, clients: [] }, { ...report, clients: [] });
    }),
    { seed: SEED },
  );
});

test('agent report: client ids that do not fit are left out, the rest stays', () => {
  const clients = Array.from({ length: 40 }, (_, index) => `${'ä'.repeat(200)}${index}`);
  const read = readAgentReport(writeAgentReport(reportOf({ clients, host: 'h'.repeat(300) })));
  assert.equal(read?.clients.length, 1);
  assert.equal(read?.host, 'h'.repeat(64));
});

const good = JSON.parse(JSON.stringify(reportOf()));
const HOSTILE: readonly [what: string, text: string][] = [
  ['nothing', ''],
  ['no JSON', '{nope'],
  ['two headers joined', `${JSON.stringify(good)}, ${JSON.stringify(good)}`],
  ['no object', '[]'],
  ['null', 'null'],
  ['empty object', '{}'],
  ['bytes beyond ASCII', JSON.stringify({ ...good, host: 'ä' })],
  ['a control character', JSON.stringify(good).replace('web-1', 'web\t1')],
  ['too long', JSON.stringify({ ...good, more: 'x'.repeat(AGENT_REPORT_BYTES_MAX) })],
  ['a producer that is no text', JSON.stringify({ ...good, producer: { toString: 'x' } })],
  ['an empty producer', JSON.stringify({ ...good, producer: '' })],
  ['a host too long', JSON.stringify({ ...good, host: 'h'.repeat(65) })],
  ['clients that are no list', JSON.stringify({ ...good, clients: 'web-1' })],
  ['too many clients', JSON.stringify({ ...good, clients: Array(65).fill('c') })],
  ['a client that is no text', JSON.stringify({ ...good, clients: [1] })],
  ['no sources', JSON.stringify({ ...good, sources: undefined })],
  ['a source without a name', JSON.stringify({ ...good, sources: [{ lag_bytes: 1 }] })],
  ['a lag below 0', JSON.stringify({ ...good, sources: [{ name: 'file', lag_bytes: -1 }] })],
  ['a lag that is no whole number', JSON.stringify({ ...good, sources: [{ name: 'file', lag_ms: 0.5 }] })],
  ['a spool that is a list', JSON.stringify({ ...good, spool: [] })],
  ['a spool without its bytes', JSON.stringify({ ...good, spool: { ...good.spool, bytes: undefined } })],
  ['an endless number', JSON.stringify(good).replace('1000000', '1e999')],
  ['a number beyond what is exact', JSON.stringify({ ...good, gaps: { ...good.gaps, lines: 2 ** 53 } })],
  ['a prototype', JSON.stringify(good).replace('"gaps":{', '"__proto__":{')],
  ['stopped, but not so', JSON.stringify({ ...good, stopped: 'yes' })],
];
for (const [what, text] of HOSTILE) {
  test(`agent report: ${what} is no report`, () => assert.equal(readAgentReport(text), undefined));
}

test('agent report: what a later version adds does no harm and is not kept', () => {
  assert.deepEqual(readAgentReport(JSON.stringify({ ...good, more: { a: 1 } })), good);
});
