/**
 * Bodies of POST /logs → batches: NDJSON (one JSON object per line) or a JSON array. A bad line is told and the others are
 * kept. Lines of the usual shape go from bytes to bytes (plain-line.ts); the others through JSON.parse, with the same result.
 */

import type { Batch } from '../entry/batch.ts';
import { BatchWriter } from '../entry/batch-writer.ts';
import { parseDraft } from '../entry/draft.ts';
import { parseJson } from '../entry/json.ts';
import { BATCH_ENTRIES_MAX, REJECTED_TOLD_MAX } from '../entry/limits.ts';
import { PlainLineReader } from './plain-line.ts';

export interface DecodedBatch {
  readonly batch: Batch;
  /** The first REJECTED_TOLD_MAX of them. */
  readonly rejected: readonly RejectedLine[];
  readonly rejectedCount: number;
}

/** The body as a whole is refused. */
export interface DecodeRefused {
  readonly kind: 'malformed' | 'too-large';
  readonly reason: string;
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
export function decodeNdjson(bytes: Buffer, nowMs: number): DecodedBatch | DecodeRefused {
  const writer = new BatchWriter(nowMs, { bytes: bytes.length, entries: bytes.length / LINE_BYTES_EXPECTED });
  const plain = new PlainLineReader(writer);
  const rejections = new Rejections();
  let line = 0;
  let written = 0;
  for (let from = 0; from < bytes.length; ) {
    line++;
    if (bytes[from] === LF) {
      from++;
      continue;
    }
    if (written++ === BATCH_ENTRIES_MAX) return tooMany();
    const found = bytes.indexOf(LF, from);
    const end = found === -1 ? bytes.length : found;
    if (!plain.read(bytes, from, end)) {
      const reason = decodeLine(bytes.toString('utf8', from, end), writer);
      if (reason !== undefined) rejections.add(line, reason);
    }
    from = end + 1;
  }
  return { batch: writer.finish(), ...rejections.told };
}

export function decodeArray(bytes: Buffer, nowMs: number): DecodedBatch | DecodeRefused {
  let values: unknown;
  try {
    values = parseJson(bytes.toString());
  } catch (error) {
    return { kind: 'malformed', reason: `the body is not JSON: ${jsonFault(error)}` };
  }
  if (!Array.isArray(values)) {
    return { kind: 'malformed', reason: 'the body must be a JSON array of entries; send one entry to POST /log' };
  }
  if (values.length > BATCH_ENTRIES_MAX) return tooMany();
  const writer = new BatchWriter(nowMs, { bytes: bytes.length, entries: values.length });
  const rejections = new Rejections();
  values.forEach((value: unknown, index) => {
    const parsed = parseDraft(value);
    if (parsed.ok) writer.add(parsed.draft);
    else rejections.add(index + 1, parsed.reason);
  });
  return { batch: writer.finish(), ...rejections.told };
}

class Rejections {
  readonly #rejected: RejectedLine[] = [];
  #count = 0;

  get told(): { rejected: readonly RejectedLine[]; rejectedCount: number } {
    return { rejected: this.#rejected, rejectedCount: this.#count };
  }

  add(line: number, error: string): void {
    if (this.#count++ < REJECTED_TOLD_MAX) this.#rejected.push({ line, error });
  }
}

function tooMany(): DecodeRefused {
  return {
    kind: 'too-large',
    reason: `the batch has more than ${BATCH_ENTRIES_MAX} entries: send it in smaller batches`,
  };
}

/** @returns why the line is rejected; undefined when it was taken or blank */
function decodeLine(text: string, writer: BatchWriter): string | undefined {
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
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
