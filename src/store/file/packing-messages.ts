/** What the store and its packing thread say to each other: one request at a time, each answered once. */
import type { Block } from './block-index.ts';
import type { Digested, DigestRequest, IndexRequest } from './packing.ts';
import type { SegmentPlace } from './segment-text.ts';

export type ToPackingWorker =
  | { readonly kind: 'digest'; readonly place: SegmentPlace; readonly request: DigestRequest }
  | { readonly kind: 'pack'; readonly place: SegmentPlace; readonly block: Pick<Block, 'offset' | 'length'> }
  | { readonly kind: 'index'; readonly place: SegmentPlace; readonly request: IndexRequest };

export type FromPackingWorker =
  | { readonly kind: 'digested'; readonly digested: Digested }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string };
