/**
 * What the store and its search workers say to each other. Messages arrive in order, so a job sees all that was told
 * before it.
 */
import type { Entry, EntryState } from '../../entry/entry.ts';
import type { Block } from './block-index.ts';
import type { Found, SearchJob, TallyJob } from './search.ts';
import type { SealedPaths } from './searched-segment.ts';
import type { EntryFacts } from './state-record.ts';

export type ToWorker =
  /** The segments there are, by the numbers under which they were told, oldest first. Others may be forgotten. */
  | { readonly kind: 'segments'; readonly segments: readonly number[] }
  | ({ readonly kind: 'sealed'; readonly segment: number } & SealedPaths)
  /** What is new of a segment: from that block on these take the place of what was told before. */
  | {
      readonly kind: 'blocks';
      readonly segment: number;
      readonly folder: string;
      /** The whole text, when it is in no file. */
      readonly text?: Uint8Array | undefined;
      readonly from: number;
      readonly blocks: readonly Block[];
      /** Clients that get the next numbers. */
      readonly newClients: readonly string[];
    }
  | { readonly kind: 'states'; readonly states: readonly (readonly [string, KnownState | undefined])[] }
  | {
      readonly kind: 'run';
      readonly number: number;
      readonly job: SearchJob | TallyJob;
      readonly timeLimitMs: number;
      /** Whether each entry is to be told as it is found. */
      readonly tellsFound: boolean;
      /** Of a tally: the counts, shared so that they are known when the worker must be terminated. */
      readonly counts?: SharedArrayBuffer | undefined;
    };

/** Of the state of an entry: what a query asks for, and what the counts leave out. */
export interface KnownState extends Pick<EntryState, 'isPinned' | 'isTicket' | 'isDeleted'> {
  readonly about?: EntryFacts | undefined;
}

export type FromWorker =
  /** It has started and reads what it is told. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'found'; readonly number: number; readonly entry: Entry }
  | { readonly kind: 'searched'; readonly number: number; readonly found: Found }
  | { readonly kind: 'tallied'; readonly number: number; readonly partial: boolean }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string };
