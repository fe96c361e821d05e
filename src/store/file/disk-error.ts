/**
 * Trouble of the disk as the store's own errors: full, or failed.
 */
import { hasCode } from '../../system/files.ts';
import { StoreError } from '../store.ts';

/** @param act what could not be done, as in "cannot store entries" */
export function toStoreError(error: unknown, act: string): StoreError {
  if (error instanceof StoreError) return error;
  if (isDiskFull(error)) {
    return new StoreError(
      'disk-full',
      `${act}: the disk of the data folder is full; make room, it goes on by itself then`,
      {
        cause: error,
      },
    );
  }
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new StoreError('failed', `${act}: the disk of the data folder answers with an error${code}; check the disk`, {
    cause: error,
  });
}

export function isDiskFull(error: unknown): boolean {
  return hasCode(error, 'ENOSPC', 'EDQUOT');
}

/** The operating system's word for an error, for a report. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
