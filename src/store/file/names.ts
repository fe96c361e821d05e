/**
 * Every name in a data folder.
 */

/** The active segment: the newest entries, as text. */
export const LOG_NAME = 'app.log';

/** A segment that takes no more entries and is still to be sealed: its text as it was. */
export function rotatedName(segmentId: string): string {
  return `app-${segmentId}.log`;
}

/** A sealed segment: its text in zstd frames, one per block, so that `zstdcat` gives it back. */
export function sealedName(segmentId: string): string {
  return `${rotatedName(segmentId)}.zst`;
}

/** Beside a rotated segment what INDEX_NAME is beside the active one; beside a sealed one all that is known of it. */
export function segmentIndexName(segmentId: string): string {
  return `app-${segmentId}.index`;
}

/** Something being written, put in place by a rename. What is left of it after a crash is nobody's. */
export const UNFINISHED_SUFFIX = '.new';

export type SegmentFile =
  | { readonly kind: 'rotated' | 'sealed' | 'index'; readonly segmentId: string }
  | { readonly kind: 'unfinished' };

/** Undefined: not a file of a segment. */
export function segmentFileOf(name: string): SegmentFile | undefined {
  const [, segmentId, ending, unfinished] = SEGMENT_FILE.exec(name) ?? [];
  if (segmentId === undefined) return undefined;
  if (unfinished !== undefined) return { kind: 'unfinished' };
  return { kind: ending === '.log' ? 'rotated' : ending === '.index' ? 'index' : 'sealed', segmentId };
}

const SEGMENT_FILE = /^app-([0-9a-f-]{36})(\.log|\.log\.zst|\.index)(\.new)?$/;

/** What a start cut off the active segment, for a person to look at; the time of receipt of its first entry follows. */
export const CUT_PREFIX = 'app.log.cut-';
/** What makes batches whole and repeats harmless: which bytes of the active segment are batches of whom. */
export const COMMITS_NAME = 'commits.journal';
/** Of the active segment, by block: where, when, how many. Rebuilt when it is missing. */
export const INDEX_NAME = 'app.index';
/** What people did with entries, as of the last fold. */
export const STATE_NAME = 'log_state.json';
/** What they did since. */
export const STATE_JOURNAL_NAME = 'log_state.journal';
/** Where a state file that cannot be read as a whole is put, for a person to look at. */
export const STATE_DAMAGED_NAME = 'log_state.json.damaged';
/** Which process has the folder. */
export const LOCK_NAME = 'lock';
