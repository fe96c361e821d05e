/**
 * Entries that are pinned or tickets and whose segment retention has taken: their text stands in the state book, and from it
 * they are searched and read like any others. They are marked there before the segment is deleted, so that what a power loss
 * took is told from what was given up.
 */
import { idInText } from '../../entry/codec.ts';
import { BlockIndex } from './block-index.ts';
import { PlainSegment } from './plain-segment.ts';
import { scanEntries } from './scan.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import type { StateBook } from './state-book.ts';
import type { StateRecord } from './state-record.ts';

/**
 * Sets what a list keeps: what is marked as kept and stands in no other segment of it. States of other entries that are gone
 * are forgotten.
 * @param dropped a segment that counts no more
 * @returns whether states were forgotten
 */
export async function refreshKept(book: StateBook, list: SegmentList, dropped?: Segment): Promise<boolean> {
  const texts: string[] = [];
  let hasForgotten = false;
  for (const id of await findGone(book, list, dropped)) {
    const record = book.get(id);
    if (record?.isKept && isWorthKeeping(record)) texts.push(record.text ?? '');
    else {
      book.delete(id);
      hasForgotten = true;
    }
  }
  list.kept = texts.length === 0 ? undefined : await createKeptSegment(texts);
  return hasForgotten;
}

/** Ids of entries that people hold on to and that are not marked as kept yet, though their segment counts no more. */
export async function findUnkept(book: StateBook, list: SegmentList, dropped?: Segment): Promise<string[]> {
  const gone = await findGone(book, list, dropped);
  return gone.filter((id) => {
    const record = book.get(id);
    return record !== undefined && !record.isKept && isWorthKeeping(record);
  });
}

function isWorthKeeping({ text, state }: StateRecord): boolean {
  return text !== undefined && !state.isDeleted;
}

function findGone(book: StateBook, list: SegmentList, dropped: Segment | undefined): Promise<string[]> {
  const segments = list.all.filter((segment) => segment !== list.kept && segment !== dropped);
  return idsNotIn(
    Array.from(book.entries(), ([id]) => id),
    segments,
  );
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
