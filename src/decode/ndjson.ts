/**
 * Bodies of POST /logs → batches: NDJSON (one JSON object per line) or a JSON array. A bad line is told and the others are
 * kept. Lines of the usual shape go from bytes to bytes (plain-line.ts); the others through JSON.parse, with the same result.
 */
import type { Batch } from '../entry/batch.ts';
import { BatchWriter } from '../entry/batch-writer.ts';
import { parseDraft } from '../entry/draft.ts';
import { PlainLineReader } from './plain-line.ts';

export interface DecodedBatch {
  readonly batch: Batch;
  readonly rejected: readonly RejectedLine[];
}

export interface RejectedLine {
  /** The line, or the place in the array, from 1. Blank lines count and are skipped. */
  readonly line: number;
  readonly error: string;
}

const LF = 0x0a;
/** A line and its text in app.log are of about the same size. */
const LINE_BYTES_EXPECTED = 160;

/** @param nowMs the time of receipt, for entries without a time of their own */
export function decodeNdjson(bytes: Buffer, nowMs: number): DecodedBatch {
  const writer = new BatchWriter(nowMs, { bytes: bytes.length, entries: bytes.length / LINE_BYTES_EXPECTED });
  const plain = new PlainLineReader(bytes, writer);
  const rejected: RejectedLine[] = [];
  let line = 0;
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(LF, from);
    const end = found === -1 ? bytes.length : found;
    line++;
    if (!plain.read(from, end)) {
      const reason = decodeLine(bytes.toString('utf8', from, end), writer);
      if (reason !== undefined) rejected.push({ line, error: reason });
    }
    from = end + 1;
  }
  return { batch: writer.finish(), rejected };
}

/** @returns a reason when the body is no JSON array at all */
export function decodeArray(bytes: Buffer, nowMs: number): DecodedBatch | string {
  let values: unknown;
  try {
    values = JSON.parse(bytes.toString());
  } catch (error) {
    return `the body is not JSON: ${jsonFault(error)}`;
  }
  if (!Array.isArray(values)) return 'the body must be a JSON array of entries; send one entry to POST /log';
  const writer = new BatchWriter(nowMs, { bytes: bytes.length, entries: values.length });
  const rejected: RejectedLine[] = [];
  values.forEach((value: unknown, index) => {
    const parsed = parseDraft(value);
    if (parsed.ok) writer.add(parsed.draft);
    else rejected.push({ line: index + 1, error: parsed.reason });
  });
  return { batch: writer.finish(), rejected };
}

/** @returns why the line is rejected; undefined when it was taken or blank */
function decodeLine(text: string, writer: BatchWriter): string | undefined {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${jsonFault(error)}`;
  }
  const parsed = parseDraft(value);
  if (!parsed.ok) return parsed.reason;
  writer.add(parsed.draft);
  return undefined;
}

/** What JSON.parse says, without the text it quotes: that may be long, and is the sender's. */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, *(\.\.\.)?".*$/s, '').replace(/ is not valid JSON$/s, '');
}
