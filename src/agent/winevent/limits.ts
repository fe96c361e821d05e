/**
 * Every bound of reading event logs, with what happens beyond it.
 */

/** How often a log is looked at. */
export interface EventLogTiming {
  /** While nothing comes. With many logs less often, so that all of them together start a program at most so often. */
  readonly pollMs: number;
  /** After events have come. */
  readonly busyPollMs: number;
  /** Between tries of a log that may not be read or is not there. */
  readonly parkedMs: number;
  /** Between tries while the service is down or the reader fails, doubling. */
  readonly retryFirstMs: number;
  readonly retryMsMax: number;
  /** The reader gives nothing for so long. Beyond: it is killed and run again. */
  readonly silentMsMax: number;
  /** An empty log is held against the count that the service gives so often. */
  readonly emptyCheckMs: number;
}

export const EVENT_LOG_TIMING: EventLogTiming = {
  pollMs: 900,
  busyPollMs: 300,
  parkedMs: 10_000,
  retryFirstMs: 1_000,
  retryMsMax: 30_000,
  silentMsMax: 30_000,
  emptyCheckMs: 60_000,
};

/** The wait after a look is at least so many times what it took, up to `SLOW_POLL_MS_MAX`: the machine has other work. */
export const POLL_SHARE = 4;
export const SLOW_POLL_MS_MAX = 10_000;
/** What each log adds to the wait between looks: ten are looked at every 1.25 s. */
export const POLL_MS_PER_LOG = 125;

/** Events asked for at once: of what is new, and while much waits. Beyond: asked again. */
export const READ_EVENTS_FIRST = 500;
export const READ_EVENTS_BEHIND = 5_000;

/** Read and not handed over yet, in events. Beyond: handed over. */
export const HELD_EVENTS_MAX = 250;

/** What the reader says on its error output, in bytes. Beyond: left out. */
export const STDERR_BYTES_MAX = 4_096;

/** Values of an event that become fields. Beyond: left out, and the field `fieldsLeftOut` says how many. */
export const DATA_FIELDS_MAX = 200;
/** All of them as JSON, in UTF-16 units. Beyond: cut and marked, then left out. */
export const DATA_LENGTH_MAX = 128 * 1024;
/** A name. Beyond: cut. */
export const DATA_NAME_LENGTH_MAX = 200;

/** With `--once`: tries of a log before it is given up. */
export const TRIES_ONCE = 3;
