/**
 * What a search thread has been told of segments and states, and the view of it that a job gets.
 */
import type { EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import type { KnownState, SegmentExtent, ToWorker } from './search-messages.ts';
import type { SearchView } from './search-view.ts';
import {
  type KnownSegment,
  type OnDamage,
  PlainSearched,
  SealedSearched,
  type SearchedSegment,
  upTo,
} from './searched-segment.ts';
import { type SearchedShape, ShapePool } from './shape-pool.ts';
import { SortedIds } from './sorted-ids.ts';
import type { EntryFacts } from './state-record.ts';

export class WorkerView {
  /** By number. */
  readonly #segments = new Map<number, KnownSegment>();
  readonly #states = new Map<string, KnownState>();
  readonly #touched = new SortedIds();
  readonly #deleted = new SortedIds();
  readonly #deletedFacts = new Map<string, EntryFacts>();
  readonly #onDamage: OnDamage;
  readonly #pool = new ShapePool();

  /** @param onDamage told of each block that cannot be unpacked */
  constructor(onDamage: OnDamage) {
    this.#onDamage = onDamage;
  }

  learnSealed({ segment, ...paths }: ToWorker & { kind: 'sealed' }): void {
    this.#segments.set(segment, new SealedSearched(paths, this.#onDamage, this.#pool));
  }

  learnBlocks(message: ToWorker & { kind: 'blocks' }): void {
    const known = this.#segments.get(message.segment) ?? new PlainSearched(message.folder, message.text, this.#pool);
    this.#segments.set(message.segment, known);
    if (known instanceof PlainSearched) known.learnBlocks(message);
  }

  learnDigests(message: ToWorker & { kind: 'digests' }): void {
    const known = this.#segments.get(message.segment);
    if (known instanceof PlainSearched) known.learnDigests(message);
  }

  forget(segments: readonly number[]): void {
    for (const segment of segments) this.#segments.delete(segment);
    this.#pool.keep(shapesOf(this.#segments.values()));
  }

  /** @param state undefined: its entry is no more */
  learnState(id: string, state: KnownState | undefined): void {
    if (state === undefined) {
      this.#states.delete(id);
      this.#touched.delete(id);
      this.#deleted.delete(id);
      this.#deletedFacts.delete(id);
      return;
    }
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
    for (const { segment: number, blockCount, growing } of extents) {
      const segment = this.#segments.get(number);
      if (segment === undefined || segment.blocks.length < blockCount) return undefined;
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
}

/** Whether one of the ids may be of the block. */
function someOf(ids: SortedIds, { isSorted, firstId, lastId }: Block): boolean {
  return isSorted ? ids.someBetween(firstId, lastId) : ids.size > 0;
}

function* shapesOf(segments: Iterable<KnownSegment>): Generator<SearchedShape> {
  for (const { shapesHeld } of segments) yield* shapesHeld;
}
