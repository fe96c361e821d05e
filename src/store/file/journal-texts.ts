/**
 * The texts that the commit journal has, beside the active segment: which of them did not get there. Reads, and writes
 * nothing.
 */
import type { BoundedBytes } from './byte-source.ts';
import type { Group } from './commit-journal.ts';
import { SCAN_BYTES } from './limits.ts';
import type { Piece } from './patched-bytes.ts';

/**
 * Where the segment ends or has NULs, the rest of a text is missing. Other bytes were put there by somebody else, and stay.
 * @param confirmed bytes of the segment that were synced: what the journal has of them is not looked at
 * @returns the pieces to write, and the groups whose text is then what the journal has
 */
export async function compareTexts(
  log: BoundedBytes,
  groups: readonly Group[],
  confirmed: number,
): Promise<{ missing: Piece[]; known: Set<Group> }> {
  const known = new Set<Group>();
  const runs: { at: number; end: number; texts: Uint8Array[] }[] = [];
  let read: { from: number; bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };
  let { size } = log;
  for (const group of groups) {
    const { at, text } = group;
    // Behind a hole nothing is put.
    if (text === undefined || at + text.length <= confirmed || at > size) continue;
    const end = Math.min(at + text.length, log.size);
    // They stand one behind the other, and a text is no longer than what is read at once.
    if (at < end && (at < read.from || end > read.from + read.bytes.length))
      read = { from: at, bytes: await log.read(at, Math.min(SCAN_BYTES, log.size - at)) };
    const found = at < end ? read.bytes.subarray(at - read.from, end - read.from) : Buffer.alloc(0);
    if (!isTornCopy(found, text)) continue;
    known.add(group);
    if (found.equals(text)) continue;
    const last = runs.at(-1);
    if (last?.end === at) last.texts.push(text);
    else runs.push({ at, end: at, texts: [text] });
    const run = runs.at(-1);
    if (run) run.end = at + text.length;
    size = Math.max(size, at + text.length);
  }
  return { missing: runs.map(({ at, texts }) => ({ at, bytes: Buffer.concat(texts) })), known };
}

/** Whether the bytes are a text as far as they go, to where it ends or a page of it never reached the disk. */
export function isTornCopy(bytes: Buffer, text: Uint8Array): boolean {
  const length = Math.min(bytes.length, text.length);
  let same = 0;
  while (same < length && bytes[same] === text[same]) same++;
  return same === length || bytes[same] === 0;
}
