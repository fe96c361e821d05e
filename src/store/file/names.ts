/**
 * Every name in a data folder.
 */

/** The active segment: the newest entries, as text. */
export const LOG_NAME = 'app.log';
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
