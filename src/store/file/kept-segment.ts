/**
 * Entries that are pinned or tickets and whose segment retention has taken: their text stands in the state book, and from it
 * they are searched and read like any others.
 */
import { idInText } from '../../entry/codec.ts';
import { BlockIndex } from './block-index.ts';
import { PlainSegment } from './plain-segment.ts';
import { scanEntries } from './scan.ts';
import type { Segment } from './segment.ts';
import type { StateBook } from './state-book.ts';

export interface Kept {
  /** Undefined: there are none. */
  readonly kept: PlainSegment | undefined;
  /** States of entries that are gone. */
  readonly forgottenIds: readonly string[];
}

/** What of the book's entries stands in none of these segments. */
export async function keepBeyond(book: StateBook, segments: readonly Segment[]): Promise<Kept> {
  const goneIds = await idsNotIn(
    Array.from(book.entries(), ([id]) => id),
    segments,
  );
  const texts: string[] = [];
  const forgottenIds: string[] = [];
  for (const id of goneIds) {
    const record = book.get(id);
    if (record?.text !== undefined && !record.state.isDeleted) texts.push(record.text);
    else forgottenIds.push(id);
  }
  return { kept: texts.length === 0 ? undefined : await createKeptSegment(texts), forgottenIds };
}

/** Ids that rise are there when they lie in a segment's span; the others are looked for. */
async function idsNotIn(ids: readonly string[], segments: readonly Segment[]): Promise<string[]> {
  const sorted = segments.map(({ summary }) => summary);
  let missing = ids.filter((id) => !sorted.some((summary) => isInSpan(id, summary)));
  for (const segment of segments) {
    if (!segment.summary.hasUnsorted || missing.length === 0) continue;
    const found = await segment.find(missing);
    missing = missing.filter((id) => !found.has(id));
  }
  return missing;
}

function isInSpan(id: string, { sortedFirstId, lastId }: Segment['summary']): boolean {
  return sortedFirstId !== undefined && lastId !== undefined && id >= sortedFirstId && id <= lastId && id[14] === '7';
}

async function createKeptSegment(texts: readonly string[]): Promise<PlainSegment> {
  const inOrder = texts.map((text) => ({ text, id: idInText(text) ?? '' })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const text = Buffer.from(inOrder.map((kept) => kept.text).join(''));
  const index = new BlockIndex(() => {});
  const source = {
    size: text.length,
    read: async (offset: number, length: number) => text.subarray(offset, offset + length),
    async close() {},
  };
  await scanEntries(source, { from: 0, to: text.length }, (entry) => index.addScanned(entry));
  index.endBlock();
  return new PlainSegment({ index, source, text });
}
