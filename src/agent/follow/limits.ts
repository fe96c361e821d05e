/**
 * Every bound of following files, with what happens beyond it.
 */

/** Bytes read of one file before the others get a turn. */
export const BLOCK_BYTES = 128 * 1024;

/** First bytes of a file by which it is known again. A shorter file is known by what it has. */
export const HEAD_BYTES_MAX = 1_024;

/** Bytes before the place of reading that must still be there: else the file was written anew. */
export const TAIL_BYTES_MAX = 64;

/** Time between looks at a file that had nothing new; a hint of the system comes sooner. */
export const POLL_MS = 250;

/** Time between looks for files that appear, move or go. */
export const SCAN_MS = 1_000;

/** A file that was moved or removed is read on until it has been quiet for so long; only then its successor is opened. */
export const ROTATION_GRACE_MS = 5_000;

/** A file that was moved is looked at for so long after its last line, for writers that never open the new one. */
export const LINGER_MS = 300_000;

/** Time between tries to open a file that could not be opened. */
export const REOPEN_MS = 5_000;

/** Folders watched for hints. Beyond: found by looking alone. */
export const WATCHED_FOLDERS_MAX = 100;
