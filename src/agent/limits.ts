/**
 * Every bound of the agent, with what happens beyond it.
 */

/** Bytes of an open batch. Beyond: it is closed. */
export const BATCH_BYTES_MAX = 2 * 1024 * 1024;

/** A batch takes at most this part of the spool, so that there is room for some. Beyond: it is closed. */
export const BATCH_PARTS_OF_SPOOL = 4;

/** A chunk takes at most this part of a batch. Beyond: it is handed over. */
export const CHUNK_PARTS_OF_BATCH = 2;

/** Lines of an open batch. Beyond: it is closed. */
export const BATCH_LINES_MAX = 20_000;

/** An open batch that nothing was added to for so long is closed. */
export const BATCH_QUIET_MS = 20;

/** Age of an open batch while the server keeps up. Beyond: it is closed. */
export const BATCH_AGE_MS_MAX = 100;

/** The same while the spool fills: fewer and larger batches. `depth` batches wait in it. */
export const BATCH_AGE_BEHIND: readonly { readonly depth: number; readonly ageMs: number }[] = [
  { depth: 1_000, ageMs: 10_000 },
  { depth: 8, ageMs: 1_000 },
];

/** Closed batches on their way into the spool. Beyond: sources wait. */
export const BATCHES_CLOSED_MAX = 2;

/** Batch bodies kept in memory so that the sender need not read them back, in bytes. Beyond: read from the spool. */
export const BODIES_HELD_BYTES_MAX = 4 * 1024 * 1024;

/** Acknowledged batches that wait for the checkpoint to be removed. Beyond: the checkpoint is written at once. */
export const ACKNOWLEDGED_MAX = 32;

/** Time between checkpoints while there is something to write. */
export const CHECKPOINT_MS = 1_000;

/** Room a file takes on disk is counted in blocks. */
export const DISK_BLOCK_BYTES = 4_096;

/** Headers read at once when the spool is opened. */
export const HEADERS_AT_ONCE = 16;

/** A notice of dropped lines comes at most so often; what is dropped meanwhile is in the next one. */
export const DROPS_TOLD_MS = 10_000;

/** Batches the server refused that are kept. Beyond: the oldest is removed, and said. */
export const REFUSED_KEPT_MAX = 1_000;

/** Refused lines told one by one in a WARNING entry. Beyond: only counted. */
export const REFUSED_LINES_TOLD_MAX = 10;

/** Waits between tries to deliver. */
export const RETRY_FIRST_MS = 250;
export const RETRY_MS_MAX = 30_000;

/** Waits that a server may ask for. Beyond: this long. */
export const RETRY_AFTER_MS_MAX = 3_600_000;

/** Wait after an answer that only a person can change: a wrong token, a server that is no logd. */
export const PERSON_NEEDED_MS = 30_000;

/** The same trouble is told again at most so often. */
export const TOLD_AGAIN_MS = 60_000;

/** The server hears of the agent at least so often. Reports of a quiet agent cost a request each. */
export const REPORT_QUIET_MS = 8_000;
/** The first one, where no batch comes before it. */
export const REPORT_FIRST_MS = 1_000;
/** The next one when the last told of something that waited. */
export const REPORT_BEHIND_MS = 1_000;
/** The next one when the last did not arrive. */
export const REPORT_RETRY_MS = 4_000;

/** How far sources are behind is looked at no more often. */
export const STATUS_MEASURE_MS = 900;

/** A clean stop: how long sources may take to end, and the sender to deliver what waits. Together with GOODBYE_MS_MAX below 5 s. */
export const STOP_SOURCES_MS_MAX = 1_500;
export const STOP_DELIVERY_MS_MAX = 2_000;

/** The report that the agent has ended may take so long. */
export const GOODBYE_MS_MAX = 500;

/** Wait before a source that failed is started again. */
export const SOURCE_RESTART_FIRST_MS = 1_000;
export const SOURCE_RESTART_MS_MAX = 60_000;

/** An entry of several lines that nothing was added to for so long is taken as whole. */
export const JOIN_QUIET_MS = 500;

/** Of an unfinished line or entry of stdin when the configuration is read again. Beyond: it becomes an entry there and then. */
export const UNFINISHED_BYTES_MAX = 1024 * 1024;
