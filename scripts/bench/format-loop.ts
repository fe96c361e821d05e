/**
 * The yardstick of batches: one Node thread that parses NDJSON in memory, formats the lines of app.log and appends them
 * to a file, a MiB at a time, with neither HTTP nor a flush to disk.
 *   node scripts/bench/format-loop.ts NDJSON OUT WARM_UP_LINES
 * Prints what it did after the warm-up as JSON: {"entries","seconds","cpuSeconds"}.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';

interface Line {
  readonly timestamp: string;
  readonly level: string;
  readonly client_id: string;
  readonly message: string;
}

const PIECE_BYTES = 1024 * 1024;

const [, , input = '', output = '', warmUpLines = ''] = process.argv;
const pieces = [...piecesOf(readFileSync(input))];
const file = openSync(output, 'a');
const counts: Record<string, number> = {};
let entryCount = 0;

for (const piece of pieces) if (entryCount < Number(warmUpLines)) append(piece);
const before = entryCount;
const startMs = performance.now();
const startCpu = process.cpuUsage();
for (const piece of pieces) append(piece);
const { user, system } = process.cpuUsage(startCpu);
const seconds = (performance.now() - startMs) / 1000;
process.stdout.write(
  `${JSON.stringify({ entries: entryCount - before, seconds, cpuSeconds: (user + system) / 1e6 })}\n`,
);

function append(piece: Buffer): void {
  const text = piece.toString('utf8');
  const lines: string[] = [];
  for (let start = 0, end = text.indexOf('\n'); end !== -1; start = end + 1, end = text.indexOf('\n', start)) {
    const { timestamp, level, client_id, message } = JSON.parse(text.slice(start, end)) as Line;
    const time = `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)},${timestamp.slice(20, 23)}`;
    counts[level] = (counts[level] ?? 0) + 1;
    const id = `01930000-0000-7000-8000-${(++entryCount).toString(16).padStart(12, '0')}`;
    lines.push(`${time} - [${level}] - [${client_id}] - [ID:${id}] - ${message}\n`);
  }
  writeSync(file, lines.join(''));
}

/** Whole lines. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf('\n', Math.min(start + PIECE_BYTES, bytes.length - 1)) + 1;
    yield bytes.subarray(start, end);
    start = end;
  }
}
