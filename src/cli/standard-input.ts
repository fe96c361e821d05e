/**
 * The standard input of `logd ship`: it stays open while the agent reads its configuration again, so that a pipe loses
 * nothing then.
 */
import type { Readable } from 'node:stream';
import { CommandError } from './exit.ts';

let opened: Readable | undefined;

/** @throws CommandError where the system gives none that can be read */
export function standardInput(): Readable {
  try {
    opened ??= process.stdin;
    return opened;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `cannot read the standard input: ${reason}. Give it by a pipe or a file, such as my-program | logd ship --source stdin`,
    );
  }
}

/** An input that is read no more must not hold up the end. */
export function closeStandardInput(): void {
  opened?.destroy();
}
