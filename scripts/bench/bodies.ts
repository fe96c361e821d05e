/**
 * A corpus as the bodies of requests, made before any clock starts: what is measured is the server.
 */
import { corpus } from './corpus.ts';
import { toNdjson } from './ndjson.ts';

/** Lines made into bytes at once. */
const LINES_PER_PIECE = 4_096;
const NEWLINE = 10;

export function ndjsonOf(count: number, seed: number): Buffer {
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  for (const draft of corpus({ count, seed })) {
    if (lines.push(toNdjson(draft)) < LINES_PER_PIECE) continue;
    pieces.push(Buffer.from(lines.join('')));
    lines = [];
  }
  pieces.push(Buffer.from(lines.join('')));
  return Buffer.concat(pieces);
}

/** Bodies of that many lines each, the last one of what is left; all are views of the same bytes. */
export function batchesOf(ndjson: Buffer, linesPerBatch: number): Buffer[] {
  const batches: Buffer[] = [];
  let start = 0;
  let lineCount = 0;
  for (let end = ndjson.indexOf(NEWLINE); end !== -1; end = ndjson.indexOf(NEWLINE, end + 1)) {
    if (++lineCount % linesPerBatch !== 0 && end + 1 < ndjson.length) continue;
    batches.push(ndjson.subarray(start, end + 1));
    start = end + 1;
  }
  return batches;
}
