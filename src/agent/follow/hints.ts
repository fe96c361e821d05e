/**
 * Hints of the system that something in a folder has changed: they only make the follower look sooner. Whatever they miss
 * is found by looking.
 *
 * Only the folders are watched and only their raw events are used: watching each file would cost a handle and a look at
 * the file for every change, and the handles of files that come and go quickly are not all given back.
 */
import { join } from 'node:path';
import { watch } from 'chokidar';
import type { Clock } from '../../system/clock.ts';
import { WATCHED_FOLDERS_MAX } from './limits.ts';

export type Hint = 'changed' | 'appeared-or-gone';

/** How long to wait at the end for a watcher that is still being set up: one that is closed then keeps its handle. */
const SETUP_MS_MAX = 500;

/** @returns a function that ends it */
export function watchForHints(
  folders: readonly string[],
  clock: Clock,
  onHint: (hint: Hint, path: string) => void,
): () => Promise<void> {
  const watcher = watch(folders.slice(0, WATCHED_FOLDERS_MAX), {
    depth: 0,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: (_, stats) => stats?.isDirectory() === false,
  });
  watcher.on('raw', (event, name, details: unknown) => {
    const folder = watchedPath(details);
    if (folder !== undefined) onHint(event === 'change' ? 'changed' : 'appeared-or-gone', join(folder, name ?? ''));
  });
  watcher.on('error', () => {
    // Out of watches, or a file system without them: looking goes on.
  });
  const isSetUp = new Promise<void>((resolve) => watcher.on('ready', resolve));
  return async () => {
    const tooLate = new AbortController();
    await Promise.race([isSetUp, clock.sleep(SETUP_MS_MAX, tooLate.signal)]);
    tooLate.abort();
    await watcher.close();
  };
}

function watchedPath(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined;
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined;
}
