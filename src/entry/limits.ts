/**
 * Every bound of the program, with what happens beyond it.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A request body, as sent and as unpacked. Beyond: 413, nothing stored. */
export const BODY_BYTES_MAX = 64 * MIB;

/** One line of an NDJSON body, or one message. Beyond: the server cuts the message and marks it. */
export const SERVER_LINE_BYTES_MAX = MIB;

/** One line read by an agent unless --line-limit says otherwise. Beyond: cut and marked. */
export const AGENT_LINE_BYTES_MAX = 64 * KIB;

/** What stands at the end of a message that was cut. */
export const CUT_MARK = '...[cut]';

/** A client id, in UTF-16 units. Beyond: the draft is rejected. */
export const CLIENT_ID_LENGTH_MAX = 256;

/** A source name, in UTF-16 units. Beyond: the draft is rejected. */
export const SOURCE_LENGTH_MAX = 256;

/** Fields of one entry. Beyond: the draft is rejected. */
export const FIELD_COUNT_MAX = 256;

/** A field's name, in UTF-16 units. Beyond: the draft is rejected. */
export const FIELD_NAME_LENGTH_MAX = 256;

/** All fields of one entry, as JSON, in UTF-16 units. Beyond: the draft is rejected. */
export const FIELDS_LENGTH_MAX = 256 * KIB;

/** Depth to which nested objects in `fields` are flattened. Beyond: kept as JSON text. */
export const FIELD_DEPTH_MAX = 16;

/** A note on an entry, in UTF-16 units. Beyond: 400. */
export const NOTE_LENGTH_MAX = 10_000;

/** UTF-16 units of the name under a note or an act. Beyond: 400. */
export const AUTHOR_LENGTH_MAX = 100;

/** What is remembered of what happened to a ticket. Beyond: how it began, and the newest. */
export const TICKET_EVENTS_MAX = 100;

/** Entries in one answer of GET /api/logs. Beyond: 400. */
export const PAGE_ENTRIES_MAX = 1_000;
export const PAGE_ENTRIES_DEFAULT = 100;

/** Entries on either side of an entry shown with its context. Beyond: 400. */
export const CONTEXT_ENTRIES_MAX = 100;

/** Ids in one POST /api/logs/state. Beyond: 400. */
export const STATE_IDS_MAX = 10_000;

/** Clients whose entries are counted by a query. Beyond: those that sent the most, the others are left out. */
export const CLIENTS_COUNTED_MAX = 2_000;

/** Buckets of a histogram. Beyond: 400. */
export const HISTOGRAM_BUCKETS_MAX = 1_000;

/** A query text, in UTF-16 units. Beyond: a syntax error at that position. */
export const QUERY_LENGTH_MAX = 4_096;

/** Parentheses and negations inside one another in a query. Beyond: a syntax error. */
export const QUERY_DEPTH_MAX = 64;

/** Time a search may take. Beyond: it answers what it has, marked partial. */
export const SEARCH_MS_MAX = 10_000;

/** Unsent bytes of one stream viewer. Beyond: it is no longer fed and gets a `gap` when it has drained. */
export const VIEWER_UNSENT_BYTES_MAX = MIB;

/** Streams at once. Beyond: 503 with Retry-After. */
export const VIEWERS_MAX = 5_000;

/** Producers whose last sequence is remembered. Beyond: the one quiet for longest is forgotten. */
export const PRODUCERS_MAX = 100_000;

/** Agents whose last report is remembered. Beyond: the one not heard of for longest is forgotten. */
export const AGENTS_MAX = 10_000;

/** A producer's name in an Idempotency-Key, in characters. Beyond: 400. */
export const PRODUCER_LENGTH_MAX = 200;

/** Rejected lines told one by one in the answer to a batch. Beyond: only counted. */
export const REJECTED_TOLD_MAX = 1_000;

/** Entries of one batch. Beyond: 413, nothing stored. */
export const BATCH_ENTRIES_MAX = 1_000_000;
