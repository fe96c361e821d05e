/**
 * What a page and the hub of its browser say to each other.
 */
import type { StateEvent } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import type { Connection } from '../../viewer/connection.ts';

export type ToHub =
  /** @param query undefined: states only. @param position the last id that was seen; undefined: from now on */
  | { readonly kind: 'join'; readonly query: string | undefined; readonly position: string | undefined }
  | { readonly kind: 'leave' }
  /** The page is alive. */
  | { readonly kind: 'here' }
  /** The network is back. */
  | { readonly kind: 'online' };

export type FromHub =
  /** @param entries as JSON when all of them are meant; in the order of the line */
  | { readonly kind: 'entries'; readonly entries: string | readonly EntryJson[]; readonly id: string }
  | { readonly kind: 'state'; readonly state: StateEvent }
  /** Entries the line was too slow for, after the last ones it brought. */
  | { readonly kind: 'gap'; readonly missed: number }
  /** Whatever is stored after this id comes over the line. */
  | { readonly kind: 'position'; readonly id: string }
  | { readonly kind: 'connection'; readonly connection: Connection }
  /** It was away for long and is about to open again: what was missed may be more than one wants to see. */
  | { readonly kind: 'long-away' }
  | { readonly kind: 'signed-out' };
