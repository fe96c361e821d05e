/**
 * What a search thread has been told of segments and states, and the view of it that a job gets.
 */
import type { EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import type { KnownState, SegmentExtent, ToWorker } from './search-messages.ts';
import type { SearchView } from './search-view.ts';
import { type KnownSegment, PlainSegment, type SearchedSegment, upTo } from './searched-segment.ts';
import { SortedIds } from './sorted-ids.ts';
import type { EntryFacts } from './state-record.ts';

export class WorkerView {
  readonly #segments = new Map<string, KnownSegment>();
  readonly #states = new Map<string, KnownState>();
  readonly #touched = new SortedIds();
  readonly #deleted = new SortedIds();
  readonly #deletedFacts = new Map<string, EntryFacts>();

  learnBlocks(message: ToWorker & { kind: 'blocks' }): void {
    this.#plain(message.path).learnBlocks(message);
  }

  learnDigests(message: ToWorker & { kind: 'digests' }): void {
    this.#plain(message.path).learnDigests(message);
  }

  learnState(id: string, state: KnownState): void {
    this.#states.set(id, state);
    this.#touched.add(id);
    if (state.isDeleted) this.#deleted.add(id);
    else this.#deleted.delete(id);
    if (state.isDeleted && state.about) this.#deletedFacts.set(id, state.about);
    else this.#deletedFacts.delete(id);
  }

  /** @returns undefined when a segment of it is not known any more */
  at(extents: readonly SegmentExtent[]): SearchView | undefined {
    const segments: SearchedSegment[] = [];
    for (const { path, blockCount, growing } of extents) {
      const segment = this.#segments.get(path);
      if (segment === undefined) return undefined;
      segments.push(upTo(segment, blockCount, growing));
    }
    return {
      segments,
      stateOf: (id): EntryState | undefined => this.#states.get(id),
      deletedFacts: () => this.#deletedFacts.values(),
      isTouched: (block) => someOf(this.#touched, block),
      hasDeleted: (block) => someOf(this.#deleted, block),
    };
  }

  closeFiles(): void {
    for (const segment of this.#segments.values()) segment.closeFile();
  }

  #plain(path: string): PlainSegment {
    const known = this.#segments.get(path);
    if (known instanceof PlainSegment) return known;
    const segment = new PlainSegment(path);
    this.#segments.set(path, segment);
    return segment;
  }
}

/** Whether one of the ids may be of the block. */
function someOf(ids: SortedIds, { isSorted, firstId, lastId }: Block): boolean {
  return isSorted ? ids.someBetween(firstId, lastId) : ids.size > 0;
}
