/**
 * Getting hold of a data folder: it is made, locked, or refused with the reason and the way out.
 */
import { type Files, hasCode } from '../../system/files.ts';
import { StoreError } from '../store.ts';
import { describeError, isDiskFull } from './disk-error.ts';
import { acquireLock, type Lock } from './lock.ts';

/** @throws StoreError `locked`, `unusable` */
export async function enterFolder(folder: string, files: Files): Promise<Lock> {
  try {
    await files.makeFolder(folder);
    return await acquireLock(folder);
  } catch (error) {
    throw error instanceof StoreError ? error : unusable(folder, error);
  }
}

/** The operating system's error as a refusal of the folder. */
export function unusable(folder: string, cause: unknown): StoreError {
  const way = 'give another folder with --data';
  const reason = hasCode(cause, 'EEXIST', 'ENOTDIR')
    ? `a file stands in its place; move it away, or ${way}`
    : hasCode(cause, 'EACCES', 'EPERM')
      ? `this user may not write there; change its owner or rights, or ${way}`
      : hasCode(cause, 'EROFS')
        ? `its file system is read-only; ${way}`
        : isDiskFull(cause)
          ? `its disk has no room even for a lock; make room, or ${way}`
          : `${describeError(cause)}; ${way}`;
  return new StoreError('unusable', `cannot use ${folder} as the data folder: ${reason}`, { cause });
}
