/**
 * The file store's own bounds, with what happens beyond them.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Text of one block. Beyond, at the next entry, a new block begins. */
export const BLOCK_BYTES = 512 * KIB;

/**
 * Text of the active segment, unless --segment-size says otherwise: a share of what the sealed ones take on disk, so that
 * what is not packed is a small part of the whole, within bounds. Beyond: it is rotated, and sealed in the background.
 */
export const SEGMENT_SHARE = 1 / 40;
export const SEGMENT_BYTES_LEAST = 8 * MIB;
export const SEGMENT_BYTES_MOST = 128 * MIB;

/** Bounds of --segment-size. Beyond: refused. A larger one could not be read at once when its index must be made again. */
export const SEGMENT_BYTES_MIN = 64 * KIB;
export const SEGMENT_BYTES_MAX = 4096 * MIB;

/** Smallest --retain-size. Below: refused, as it would give up everything at once. */
export const RETAIN_BYTES_MIN = MIB;

/** Part of --retain-size that one segment may take: what retention drops at once. */
export const RETAINED_SEGMENTS_MIN = 8;

/** Age of the active segment's first entry while --retain-days is given. Beyond: it is rotated, so that it can be dropped. */
export const SEGMENT_AGE_MS_MAX = 86_400_000;

/** Between two looks at what retention may drop. */
export const RETENTION_LOOK_MS = 60_000;

/** Text per second that makes a busy time: sealing waits then, so that taking logs in has the processor. */
export const BUSY_BYTES_PER_SECOND = 4 * MIB;

/** Segments that may wait to be sealed in a busy time. Beyond, or with --retain-size: they are sealed all the same. */
export const WAITING_SEGMENTS_MAX = 4;

/** Between two looks whether it is still a busy time. */
export const BUSY_LOOK_MS = 250;

/** After a segment could not be sealed: how long until it is tried again. */
export const SEAL_RETRY_MS = 10_000;

/** Text that one flush takes along. Beyond: the next batches wait for the next flush. */
export const GROUP_BYTES_MAX = 16 * MIB;

/** What the commit journal may grow by. Beyond: it is rewritten as a checkpoint. */
export const COMMITS_GROWTH_MAX = 16 * MIB;

/**
 * Text of one flush that goes into the commit journal too, and is flushed there: a write into room that is there costs half
 * of one that lets app.log grow. Beyond: app.log is flushed, and the text written once.
 */
export const JOURNALED_BYTES_MAX = 32 * KIB;

/** Room made at once in the commit journal: as much as was written to it before, within these bounds. */
export const JOURNAL_ROOM_MIN = 64 * KIB;
export const JOURNAL_ROOM_MAX = MIB;

/** Text covered by no checkpoint. Beyond: a checkpoint, so that a start has no more than this to verify. */
export const UNCOVERED_BYTES_MAX = 256 * MIB;

/** The state journal. Beyond, or beyond the size of the state file where that is larger: it is folded in. */
export const STATE_JOURNAL_BYTES_MAX = MIB;

/** Files of text that a start cut off. Beyond: the oldest is removed. */
export const CUTS_KEPT_MAX = 3;

/** Text read at once where a file is scanned from end to end. */
export const SCAN_BYTES = MIB;

/** Text that one answer of `after` holds. Beyond: the answer is shorter than its limit. */
export const AFTER_BYTES_MAX = 32 * MIB;

/**
 * Between two flushes of app.log, where it is not flushed with the answer: what a power loss can take with `--fsync
 * interval`, and what it leaves to the commit journal with `--fsync group`.
 */
export const FSYNC_INTERVAL_MS = 1_000;

/** What a search worker is given beyond the time limit to end by itself. Beyond: it is terminated. */
export const WORKER_GRACE_MS = 200;

/** Shapes of one segment. Beyond: of the messages of further shapes nothing is known, so their blocks are read. */
export const SHAPES_MAX = 16_384;

/** Text of all shapes of one segment. Beyond: the same. */
export const SHAPES_BYTES_MAX = 2 * MIB;

/** Text of one shape. Beyond: the same. */
export const SHAPE_BYTES_MAX = 4 * KIB;

/** Pairs of span and level that a block's digest counts. Beyond: its spans are longer. */
export const SPAN_COUNTS_MAX = 256;

/** Texts for which a block is searched at once. Beyond: each of its entries is looked at. */
export const FRAGMENTS_MAX = 8;

/** Blocks that a job reads alone. Beyond: a second thread that has nothing to do helps. */
export const HELP_READS_MIN = 3;

/** Priority of a search thread, where a thread can have one, as `nice` counts: so that taking logs in goes first. */
export const SEARCH_NICENESS = 5;

/** The same of the thread that packs and digests: it is never in a hurry. */
export const PACKING_NICENESS = 10;

/** How long the packing thread waits for more before it ends. */
export const PACKING_IDLE_MS = 3_000;

/** Young objects of a thread that searches or packs, in MiB. It makes few; with more room they would only lie about. */
export const THREAD_YOUNG_MIB_MAX = 4;
