/**
 * A line taken as bytes must become the entry that it becomes as text, whatever stands in it.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { createChunkWriter } from '../../src/agent/chunk-writer.ts';
import { describeFileLine } from '../../src/agent/line-entry.ts';
import { createLineDecoder } from '../../src/decode/lines.ts';
import { LEVELS, type Level } from '../../src/entry/level.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 5, 6, 7, 8);
const OPTIONS = { clientId: 'web "1"', source: '/var/log/ä.log' };

interface Written {
  readonly entries: readonly unknown[];
  readonly count: number;
  readonly takenAsBytes: number;
}

function write(
  bytes: Buffer,
  { asBytes, levels }: { asBytes: boolean; levels?: ReadonlySet<Level> | undefined },
): Written {
  const writer = createChunkWriter({ ...OPTIONS, levels });
  const decoder = createLineDecoder({ encoding: 'utf8', lineBytesMax: 300, atStart: true });
  let takenAsBytes = 0;
  const takes = writer.takesBytes(NOW_MS);
  const counted: typeof takes = (...line) => {
    const isTaken = takes(...line);
    if (isTaken) takenAsBytes++;
    return isTaken;
  };
  decoder.feed(bytes, (line) => writer.add(describeFileLine(line, NOW_MS)), asBytes ? counted : undefined);
  const { lines, count } = writer.take();
  const texts = Buffer.from(lines).toString().split('\n').slice(0, -1);
  return { entries: texts.map((text) => JSON.parse(text)), count, takenAsBytes };
}

function assertSame(bytes: Buffer, levels?: ReadonlySet<Level>): Written {
  const fast = write(bytes, { asBytes: true, levels });
  const slow = write(bytes, { asBytes: false, levels });
  assert.deepEqual(fast.entries, slow.entries);
  assert.equal(fast.count, slow.count);
  return fast;
}

const TIMES = [
  '2026-11-23T03:10:11.123Z',
  '2026-11-23 03:10:11,123',
  '2026-11-23 03:10:11',
  '2026-11-23 03:10:11.1 +0100',
  '2026-11-23T03:10:60.5Z',
  '2026-02-31T03:10:11Z',
  '2026-11-23T03:10:11.123456789-05:00',
  '2026-11-23T03:10:11.1234567890123456789012345-05:00',
  '[2026-11-23T03:10:11.123Z]',
  '[2026-11-23 03:10:11 +0000]',
  '2026-11-23T03:10:11Z:',
  '2026-11-23T03:10:11+01',
  '2026-11-23T03:10:1',
  'Nov 23 03:10:11',
  'E1123 03:10:11.123456',
  '',
];
const WORDS = [
  ...['INFO', 'ERROR', '[WARN]', '(DEBUG)', 'TRACE:', 'FATAL|', 'NOTICE]', 'Error:', 'error', 'errors', 'ERRORS'],
  ...['0 errors', 'no error', 'error_log=', 'level=warn', '"level":"error"', 'lvl=30', '{"level":"error"}', '<11>'],
  ...['warning', 'terror', 'errant', 'infop', 'critical', 'panic', 'severe', 'daemon.err', 'größe', '日本', 'Ⅷerror'],
  ...[
    '\t',
    '"',
    '\\',
    '\\"',
    '\r',
    '\u0000',
    '\u007f',
    '\u0001',
    '\u2028',
    '\ufffd',
    '{',
    '}',
    ':',
    '-',
    '.',
    'x',
    '10',
  ],
];
const line = fc
  .tuple(
    fc.constantFrom(...TIMES),
    fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 8 }),
    fc.constantFrom(' ', '', '\t', '  '),
  )
  .map(([time, words, between]) => [time, ...words].join(between));
const text = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, lineBreak]) => Buffer.from(lines.map((one) => one + lineBreak).join('')));
const bytes = fc
  .tuple(text, fc.uint8Array({ maxLength: 10 }), fc.nat({ max: 200 }))
  .map(([whole, noise, at]) => Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at), Buffer.from('\n')]));

test('lines taken as bytes become the entries that they become as text', () => {
  fc.assert(
    fc.property(text, (lines) => void assertSame(lines)),
    { numRuns: 4_000 },
  );
  fc.assert(
    fc.property(bytes, (lines) => void assertSame(lines)),
    { numRuns: 2_000 },
  );
});

test('only the wanted levels are taken, as bytes too', () => {
  const lines = Buffer.from(`${TIMES[0]} ERROR a\n${TIMES[0]} INFO b\nfatal: c\nnothing said\n`);
  for (const level of LEVELS) {
    const { entries } = assertSame(lines, new Set([level]));
    assert.equal(entries.length, { DEBUG: 0, INFO: 1, WARNING: 0, ERROR: 1, CRITICAL: 1, UNKNOWN: 1 }[level]);
  }
});

test('a line with its level behind the time and one without any level are taken as bytes', () => {
  const lines = Buffer.from(
    '2026-11-23T03:10:11.123Z WARN [pool-1] a "quoted" C:\\path\tüber\n10.0.0.1 - - "GET /x HTTP/1.1" 200\n\n{"level":"error"}\n',
  );
  const { entries, takenAsBytes } = assertSame(lines);
  assert.equal(takenAsBytes, 2);
  assert.deepEqual(
    entries.map((entry) => (entry as { level: string }).level),
    ['WARNING', 'UNKNOWN', 'ERROR'],
  );
});

const DATA = fileURLToPath(new URL('../../../shared/data/loghub/', import.meta.url));
test('real logs: the same as text and as bytes', {
  skip: !existsSync(DATA) && 'no ../shared/data beside the checkout',
}, (t) => {
  const files = globSync('**/*.log', { cwd: DATA });
  assert.ok(files.length > 0);
  for (const file of files) {
    const content = readFileSync(DATA + file);
    const { count, takenAsBytes } = assertSame(Buffer.concat([content, Buffer.from('\n')]));
    t.diagnostic(`${file}: ${takenAsBytes} of ${count} lines taken as bytes`);
  }
});
