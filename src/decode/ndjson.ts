/**
 * Bodies of POST /logs → drafts: NDJSON (one JSON object per line) or a JSON array. A bad line is told and the others are
 * kept. Works in slices, so that a large body does not hold up the loop.
 */
import { parseDraft } from '../entry/draft.ts';
import type { Draft } from '../entry/entry.ts';

export interface DecodedBatch {
  readonly drafts: readonly Draft[];
  /** Lines, or places in the array, from 1. Blank lines count and are skipped. */
  readonly rejected: readonly { readonly line: number; readonly error: string }[];
}

const LF = 0x0a;
/** Lines read before others get a turn: a few milliseconds. */
const SLICE_LINES = 2_000;

/** @param breathe lets others have a turn; resolves when it is this work's turn again */
export async function decodeNdjson(bytes: Buffer, breathe: () => Promise<void>): Promise<DecodedBatch> {
  const drafts: Draft[] = [];
  const rejected: { line: number; error: string }[] = [];
  let line = 0;
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(LF, from);
    const end = found === -1 ? bytes.length : found;
    line++;
    const text = bytes.toString('utf8', from, end);
    from = end + 1;
    if (text.trim() !== '') {
      const parsed = decodeLine(text);
      if (parsed.ok) drafts.push(parsed.draft);
      else rejected.push({ line, error: parsed.reason });
    }
    if (line % SLICE_LINES === 0) await breathe();
  }
  return { drafts, rejected };
}

/** @returns a reason when the body is no JSON array at all */
export async function decodeArray(bytes: Buffer, breathe: () => Promise<void>): Promise<DecodedBatch | string> {
  let values: unknown;
  try {
    values = JSON.parse(bytes.toString());
  } catch (error) {
    return `the body is not JSON: ${jsonFault(error)}`;
  }
  if (!Array.isArray(values)) return 'the body must be a JSON array of entries; send one entry to POST /log';
  const drafts: Draft[] = [];
  const rejected: { line: number; error: string }[] = [];
  for (let index = 0; index < values.length; index++) {
    const parsed = parseDraft(values[index]);
    if (parsed.ok) drafts.push(parsed.draft);
    else rejected.push({ line: index + 1, error: parsed.reason });
    if (index % SLICE_LINES === SLICE_LINES - 1) await breathe();
  }
  return { drafts, rejected };
}

function decodeLine(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false as const, reason: `not JSON: ${jsonFault(error)}` };
  }
  return parseDraft(value);
}

/** What JSON.parse says, without the text it quotes: that may be long, and is the sender's. */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, *(\.\.\.)?".*$/s, '').replace(/ is not valid JSON$/s, '');
}
