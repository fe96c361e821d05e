/**
 * What the store and its search workers say to each other. Messages arrive in order, so a job sees all that was told
 * before it.
 */
import type { Entry, EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import type { BlockDigest, Shape } from './digest.ts';
import type { SearchJob, SearchPart } from './search.ts';
import type { SealedPaths } from './searched-segment.ts';
import type { EntryFacts } from './state-record.ts';
import type { TallyJob } from './tally.ts';
import type { SharedWork } from './work-share.ts';

export type ToWorker =
  /** A sealed segment, which the thread reads itself. Segments are known by their numbers. */
  | ({ readonly kind: 'sealed'; readonly segment: number } & SealedPaths)
  /** These are no more. */
  | { readonly kind: 'forget'; readonly segments: readonly number[] }
  /** Complete blocks of a segment of plain text, behind those that were told before. */
  | {
      readonly kind: 'blocks';
      readonly segment: number;
      readonly folder: string;
      /** The whole text, when it is in no file. */
      readonly text?: Uint8Array | undefined;
      readonly blocks: readonly Block[];
      /** Clients that get the next numbers. */
      readonly newClients: readonly string[];
    }
  /** Digests of the next complete blocks of a segment of plain text, and what its book of shapes has become. */
  | {
      readonly kind: 'digests';
      readonly segment: number;
      readonly digests: readonly BlockDigest[];
      /** They get the next numbers. */
      readonly newShapes: readonly Shape[];
      /** Of all shapes. */
      readonly letterMasks: Uint32Array;
      readonly letterGrams: Uint32Array;
    }
  | { readonly kind: 'states'; readonly states: readonly (readonly [string, KnownState | undefined])[] }
  | {
      readonly kind: 'run';
      readonly number: number;
      readonly job: SearchJob | TallyJob;
      readonly extent: readonly SegmentExtent[];
      readonly timeLimitMs: number;
      readonly work: SharedWork;
      /** It helps another thread with its job. */
      readonly isHelper: boolean;
      /** Whether each entry is to be told as it is found. */
      readonly tellsFound: boolean;
      /** Of a tally: this thread's counts, shared so that they are known when it must be terminated. */
      readonly counts?: SharedArrayBuffer | undefined;
    };

/**
 * What a job sees of a segment: the first so many complete blocks and, behind them, the block that was still growing. So
 * every thread of a job sees the same, whatever it has been told since.
 */
export interface SegmentExtent {
  readonly segment: number;
  readonly blockCount: number;
  readonly growing?: Block | undefined;
}

/** Of the state of an entry: what a query asks for, and what the counts leave out. */
export interface KnownState extends Pick<EntryState, 'isPinned' | 'isTicket' | 'isDeleted'> {
  readonly about?: EntryFacts | undefined;
}

export type FromWorker =
  /** It has started and reads what it is told. */
  | { readonly kind: 'ready' }
  /** The job has to read a good deal, so that a second thread is worth its while. */
  | { readonly kind: 'wants-help'; readonly number: number }
  /** A block of a sealed segment cannot be unpacked; it is passed over. */
  | { readonly kind: 'damaged'; readonly path: string; readonly block: Block }
  | { readonly kind: 'found'; readonly number: number; readonly entry: Entry }
  | { readonly kind: 'searched'; readonly number: number; readonly part: SearchPart }
  | { readonly kind: 'tallied'; readonly number: number; readonly partial: boolean }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string };
