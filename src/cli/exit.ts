/**
 * How a command ends: exit codes, and the signals that ask it to stop.
 */
import { constants } from 'node:os';

export const EXIT_OK = 0;
/** Failure at run time. */
export const EXIT_FAILURE = 1;
/** Wrong usage. */
export const EXIT_USAGE = 2;

/** The code a shell gives to a command that a signal ended. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** A failure whose message says all a person needs; shown without a stack. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = EXIT_FAILURE, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** The command is to begin again from its arguments: what it read of a file has changed. */
export class Reload extends Error {}

/** Aborts at the first of these signals, with its name as the reason; a second one ends the process at once. */
export function stopSignal(...signals: NodeJS.Signals[]): AbortSignal {
  const stop = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(signalExitCode(signal));
      stop.abort(signal);
    });
  }
  return stop.signal;
}
