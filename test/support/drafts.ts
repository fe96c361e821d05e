/**
 * Entries for tests: short to write, and random ones that are hard on a codec and on a search.
 */
import fc from 'fast-check';
import { type Batch, encodeBatch } from '../../src/entry/batch.ts';
import type { Draft, FieldValue } from '../../src/entry/entry.ts';
import { LEVELS } from '../../src/entry/level.ts';

export function draft(message: string, rest: Partial<Draft> = {}): Draft {
  return { level: 'INFO', clientId: 'web-1', message, ...rest };
}

/** A batch of entries, one per message, all of that time. */
export function batchOf(messages: readonly string[], timeMs: number, rest: Partial<Draft> = {}): Batch {
  return encodeBatch(
    messages.map((message) => draft(message, rest)),
    timeMs,
  );
}

/** Pieces that stand for something in app.log, in the query language or in Unicode. */
const PIECES = [
  '\n',
  '\t',
  '\t{',
  '{"a":1}',
  '\\',
  '\\x41',
  '\\x5cx41',
  '\u0000',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u009b',
  '\r\n',
  ']',
  '] - [ID:0193b0a8-0000-7000-8000-000000000000] - ',
  '2026-11-23 03:10:11,123 - [ERROR] - [web-1] - [ID:0193b0a8-0000-7000-8000-000000000000] - forged',
  'ß',
  'İ',
  'ſ',
  'Σας',
  'K',
  '😀',
  '\u2028',
  ' ',
  'timeout',
  'Timeout',
  'error',
  '0',
];

export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 8 })
  .map((pieces) => pieces.join('').toWellFormed());

const anyFieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  anyText,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

/** @param timesMs bounds of the event times */
export function anyDraft(timesMs: { min: number; max: number }): fc.Arbitrary<Draft> {
  return fc.record(
    {
      level: fc.constantFrom(...LEVELS),
      clientId: fc.oneof(fc.constantFrom('web-1', 'web-2', 'db'), anyText).filter((text) => text !== ''),
      message: anyText.filter((text) => text !== ''),
      timeMs: fc.integer(timesMs),
      source: fc.oneof(fc.constantFrom('syslog', 'file'), anyText),
      fields: fc.dictionary(fc.oneof(fc.constantFrom('id', 'http.status', 'a'), anyText), anyFieldValue, {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['level', 'clientId', 'message', 'timeMs'] },
  );
}
