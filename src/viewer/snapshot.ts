/**
 * What a viewer tells of itself apart from its rows.
 */
import type { LevelCounts } from '../entry/level.ts';
import type { Connection } from './connection.ts';

/** Everything but the rows, as it is now. */
export interface ViewerSnapshot {
  readonly version: number;
  /** Rows that pass the filter, gaps among them. */
  readonly shownCount: number;
  /** Shown entries by level. */
  readonly counts: Readonly<LevelCounts>;
  readonly isFollowing: boolean;
  /** Entries that pass the filter and wait since the pause. */
  readonly unseen: number;
  /** Those of them that are ERROR or CRITICAL. */
  readonly unseenErrors: number;
  /** -1 while nothing is shown. */
  readonly selectedIndex: number;
  readonly selectedKey: string | undefined;
  readonly connection: Connection;
  /** The last thing that went wrong, one line for a person; undefined after dismissError. */
  readonly lastError: string | undefined;
  /** Steps that undo can take back. */
  readonly undoCount: number;
  /** How many shown rows have left at the head since the beginning, less those that came there: keeps a scroll still. */
  readonly headShift: number;
}

/** How a search in the list ended: `wrapped` went round at its end. */
export type Found = 'found' | 'wrapped' | 'none';
