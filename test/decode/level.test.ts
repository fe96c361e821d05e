import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { levelOfLine } from '../../src/decode/level.ts';
import { foldLevel, type Level } from '../../src/entry/level.ts';

const CASES: readonly (readonly [line: string, level: Level | undefined])[] = [
  // Structure.
  ["<34>Oct 11 22:14:15 mymachine su: 'su root' failed", 'CRITICAL'],
  ['<0>x', 'CRITICAL'],
  ['<11>everything is fine', 'ERROR'],
  ['<12>x', 'WARNING'],
  ['<13>an error that is a notice', 'INFO'],
  ['<191>x', 'DEBUG'],
  ['<192>x', undefined],
  ['{"level":"warn","msg":"ERROR in the text"}', 'WARNING'],
  ['{"msg":"level=error","level":"info"}', 'INFO'],
  ['{"severity":"ERROR"}', 'ERROR'],
  ['{"severity_text":"Fatal"}', 'CRITICAL'],
  ['{"log.level":"debug","message":"x"}', 'DEBUG'],
  ['{"log":{"level":"error"},"message":"x"}', 'ERROR'],
  ['{"level":50,"msg":"pino"}', 'ERROR'],
  ['{"level":30,"msg":"pino"}', 'INFO'],
  ['{"level":3,"short_message":"GELF"}', 'ERROR'],
  ['{"msg":"request failed with an error"}', 'ERROR'],
  ['{"msg":"done","errors":0}', undefined],
  ['{"level":"unknown","msg":"x"}', undefined],
  ['{not json but error: yes}', 'ERROR'],
  ['ts=2026-11-23T03:10:11Z level=warn msg="an error"', 'WARNING'],
  ['time="2026-11-23T03:10:11Z" level=info msg="ERROR in the text"', 'INFO'],
  ['lvl=crit x', 'CRITICAL'],
  ['severity: warning', 'WARNING'],
  ['app: {"a":{"b":1},"level":"error"} trailing', 'ERROR'],
  ['trust level: high', undefined],
  ['level=3 reached', undefined],
  ['Nov 23 10:00:00 daemon.err uhttpd[12]: it said so', 'ERROR'],
  ['Nov 23 10:00:00 kern.info kernel: error correction on', 'INFO'],
  // Markers.
  ['[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok, no error', 'INFO'],
  ['[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6', 'ERROR'],
  ['[Sat Nov 21 10:00:00.1 2026] [core:warn] [pid 12] AH00098: pid file overwritten', 'WARNING'],
  ['2016-09-28 04:30:30, Info                  CBS    Failed with error 5', 'INFO'],
  ['2016-09-28 04:30:30, Error                 CSI    x', 'ERROR'],
  ['2026-11-23 03:10:11,123 INFO recovered from an error', 'INFO'],
  ['2026-11-23T03:10:11Z WARN  x', 'WARNING'],
  ['2026-11-23 03:10:11 UTC [12] FATAL:  role "x" does not exist', 'CRITICAL'],
  ['Nov 23 03:10:11 ERROR something', 'ERROR'],
  ['[INFO ] x', 'INFO'],
  ['<error> x', 'ERROR'],
  ['SEVERE: x', 'ERROR'],
  ['warning: unused variable', 'WARNING'],
  ['Warning: x', 'WARNING'],
  ['panic: runtime error: index out of range', 'CRITICAL'],
  ['E0102 15:04:05.000000    1 a.go:1] something', 'ERROR'],
  ['W0102 15:04:05.000000    1 a.go:1] something', 'WARNING'],
  ['INFO: 0 errors', 'INFO'],
  ['DEBUG checking', 'DEBUG'],
  // Words.
  ['an error occurred', 'ERROR'],
  ['authentication failure; logname= uid=0', 'ERROR'],
  ['3 errors and 2 warnings', 'ERROR'],
  ['there was a warning', 'WARNING'],
  ['critical temperature reached', 'CRITICAL'],
  ['an error, then a fatal one', 'CRITICAL'],
  ['err=timeout', 'ERROR'],
  ['result=error', 'ERROR'],
  ['error(s) found', 'ERROR'],
  ['10 errors', 'ERROR'],
  ['1.0 errors', 'ERROR'],
  ['error 500', 'ERROR'],
  ['error: 05', 'ERROR'],
  ['errors=10', 'ERROR'],
  ['error code 0x80070005', 'ERROR'],
  ['No route to host: error', 'ERROR'],
  ['I/O error.', 'ERROR'],
  ['(error)', 'ERROR'],
  ['for information only', 'INFO'],
  // Not fooled.
  ['0 errors', undefined],
  ['finished: 0 errors, 0 warnings', undefined],
  ['0 fatal errors', undefined],
  ['no error', undefined],
  ['no errors or warnings', undefined],
  ['No known errors', undefined],
  ['NO ERROR', undefined],
  ['without errors', undefined],
  ['without any error', undefined],
  ['errors=0', undefined],
  ['errors: 0', undefined],
  ['error code 0', undefined],
  ['error=0 x=1', undefined],
  ['error_count=0', undefined],
  ['err=nil', undefined],
  ['error: none', undefined],
  ['"error":null', undefined],
  ['error="" next=1', undefined],
  ['error_log=/var/log/x', undefined],
  ['error_log = on', undefined],
  ['opened /var/log/error.log', undefined],
  ['opened error.log', undefined],
  ['GET /error/404', undefined],
  ['GET /x?error=1', undefined],
  ['error-free since 1999', undefined],
  ['non-critical path', undefined],
  ['terrors and mirrors', undefined],
  ['ValueErrors', undefined],
  ['stderr closed', undefined],
  ['options: debug=1', undefined],
  ['mail to info@example.org', undefined],
  ['started with --debug', undefined],
  ['the tracer was warned informally', undefined],
  ['Jun 14 15:16:01 combo sshd[1]: check pass; user unknown', undefined],
  ['', undefined],
  ['überfatal', undefined],
];

for (const [line, level] of CASES) {
  test(`level: ${line.slice(0, 90)} → ${level ?? 'none'}`, () => {
    assert.equal(levelOfLine(line), level);
  });
}

test('level: the head of a line that was read already is not looked at', () => {
  assert.equal(levelOfLine('error-reporter[1]: ERROR: hello', 'error-reporter[1]: ERROR: '.length), undefined);
});

test('level: no line takes long or throws', () => {
  const piece = fc.constantFrom(
    'no ',
    '0 ',
    'error',
    ' ',
    '=',
    ':',
    '"',
    'level',
    'errors ',
    'or ',
    '{',
    '}',
    '(',
    '-',
    '\u{1f600}',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      levelOfLine(pieces.join(''));
    }),
  );
  const started = performance.now();
  levelOfLine(`${'no errors or '.repeat(5_000)}`);
  levelOfLine('error '.repeat(10_000));
  levelOfLine(`error${' '.repeat(60_000)}`);
  levelOfLine(`${' '.repeat(60_000)}error`);
  assert.ok(performance.now() - started < 2_000);
});

const DATA = new URL('../../../shared/data/loghub/', import.meta.url);
const LABELLED = [
  { name: 'Windows', level: 3, precisionMin: 0.999, recallMin: 0.999 },
  { name: 'Apache', level: 2, precisionMin: 0.999, recallMin: 0.999 },
] as const;

for (const { name, level, precisionMin, recallMin } of LABELLED) {
  const csv = new URL(`${name}_2k.log_structured.csv`, DATA);
  test(`level: of the labelled lines of ${name}_2k nearly all are read right`, (t) => {
    if (!existsSync(csv)) return t.skip('no ../shared/data beside the checkout');
    const lines = readFileSync(new URL(`${name}_2k.log`, DATA), 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const labels = readFileSync(csv, 'utf8')
      .split(/\r?\n/)
      .slice(1)
      .filter((line) => line !== '');
    let right = 0;
    let told = 0;
    for (const [index, line] of lines.entries()) {
      const wanted = foldLevel(labels[index]?.split(',')[level]);
      const found = levelOfLine(line);
      if (found !== undefined) told++;
      if (found === wanted) right++;
    }
    t.diagnostic(
      `precision ${(right / told).toFixed(4)}, recall ${(right / lines.length).toFixed(4)} of ${lines.length}`,
    );
    assert.ok(right / told >= precisionMin);
    assert.ok(right / lines.length >= recallMin);
  });
}
