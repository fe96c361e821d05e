/**
 * Writes a corpus to stdout:
 *   node scripts/bench/generate.ts --lines 1000000 --format ndjson|text|syslog|app-log [--seed 1] > FILE
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { encodeEntry } from '../../src/entry/codec.ts';
import type { Draft } from '../../src/entry/entry.ts';
import { createIdMaker } from '../../src/entry/id.ts';
import { corpus } from './corpus.ts';
import { toNdjson } from './ndjson.ts';

type TimedDraft = Draft & { readonly timeMs: number };

/** Lines gathered into one write. */
const LINES_PER_WRITE = 4_096;
const SYSLOG_SEVERITY = { DEBUG: 7, INFO: 6, WARNING: 4, ERROR: 3, CRITICAL: 2, UNKNOWN: 5 } as const;
const LOCAL0 = 16 * 8;

const formats: Readonly<Record<string, () => (draft: TimedDraft) => string>> = {
  ndjson: () => toNdjson,
  text:
    () =>
    ({ timeMs, level, clientId, message }) =>
      `${new Date(timeMs).toISOString()} ${level} [${clientId}] ${message}\n`,
  // RFC 5424 §6
  syslog:
    () =>
    ({ timeMs, level, clientId, message }) =>
      `<${LOCAL0 + SYSLOG_SEVERITY[level]}>1 ${new Date(timeMs).toISOString()} ${clientId} app - - - ${message}\n`,
  'app-log': () => {
    let nowMs = 0;
    const ids = createIdMaker({ nowMs: () => nowMs, node: '0000000000aa' });
    return (draft) => {
      nowMs = draft.timeMs;
      return encodeEntry({ ...draft, id: ids.next() });
    };
  },
};

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string', default: 'ndjson' },
  },
});
const format = formats[values.format];
if (format) {
  await pipeline(Readable.from(writes(format())), process.stdout);
} else {
  process.stderr.write(`--format is one of ${Object.keys(formats).join(', ')}, not "${values.format}"\n`);
  process.exitCode = 2;
}

function* writes(toLine: (draft: TimedDraft) => string): Generator<string> {
  let lines: string[] = [];
  for (const draft of corpus({ count: Number(values.lines), seed: Number(values.seed) })) {
    if (lines.push(toLine(draft)) < LINES_PER_WRITE) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
