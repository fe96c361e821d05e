/**
 * Finding the entries of a text of any size by reading it from end to end, a bounded piece at a time.
 */
import type { ScannedEntry } from './block-index.ts';
import type { ByteSource } from './byte-source.ts';
import { HEAD_BYTES_MAX, readClient, readHead, readId } from './head.ts';
import { SCAN_BYTES } from './limits.ts';

const LF = 0x0a;

/**
 * Tells of each entry between two offsets, in order. `from` must be where an entry begins, or 0: what stands before the
 * first entry belongs to none.
 */
export async function scanEntries(
  source: ByteSource,
  { from, to }: { from: number; to: number },
  onEntry: (entry: ScannedEntry) => void,
): Promise<void> {
  let last: Omit<ScannedEntry, 'length'> | undefined;
  const finish = (end: number) => {
    if (last) onEntry({ ...last, length: end - last.offset });
  };
  for (let pieceAt = from; pieceAt < to; ) {
    // Read beyond the piece, so that a head at its end is seen whole.
    const bytes = await source.read(pieceAt, Math.min(SCAN_BYTES + HEAD_BYTES_MAX, to - pieceAt));
    const isLast = pieceAt + bytes.length >= to;
    const pieceEnd = isLast ? bytes.length : bytes.length - HEAD_BYTES_MAX;
    let at = 0;
    // A piece begins at the start of a line, or inside a line that is longer than a piece.
    while (at < pieceEnd) {
      const head = readHead(bytes, at);
      if (head) {
        finish(pieceAt + at);
        last = {
          offset: pieceAt + at,
          id: readId(bytes, head.idAt),
          timeMs: head.timeMs,
          level: head.level,
          clientId: readClient(bytes, head),
        };
      }
      const lineEnd = bytes.indexOf(LF, at);
      at = lineEnd === -1 ? bytes.length : lineEnd + 1;
    }
    if (bytes.length === 0) break;
    pieceAt = await nextLineStart(source, pieceAt + at, to, at === bytes.length && bytes[at - 1] !== LF);
  }
  finish(to);
}

/** The start of the next line, when a line goes on beyond the piece that was read. */
async function nextLineStart(source: ByteSource, at: number, to: number, isInLine: boolean): Promise<number> {
  if (!isInLine) return at;
  for (let from = at; from < to; ) {
    const bytes = await source.read(from, Math.min(SCAN_BYTES, to - from));
    if (bytes.length === 0) break;
    const lineEnd = bytes.indexOf(LF);
    if (lineEnd !== -1) return from + lineEnd + 1;
    from += bytes.length;
  }
  return to;
}
