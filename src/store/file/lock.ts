/**
 * The lock of a data folder: one server at a time has it.
 */
import { type FolderLock, lockFolder } from '../../system/folder-lock.ts';
import { StoreError } from '../store.ts';
import { LOCK_NAME } from './names.ts';

export type Lock = FolderLock;

/** @throws StoreError `locked`; the operating system's error when the folder cannot be written */
export async function acquireLock(folder: string): Promise<Lock> {
  const locked = await lockFolder(folder, LOCK_NAME);
  if (locked.ok) return locked.lock;
  throw new StoreError('locked', `the data folder ${folder} is in use ${locked.reason}; another folder: --data`);
}
