/**
 * Hints of the system that something in a folder has changed: they only make the follower look sooner. Whatever they miss
 * is found by looking.
 */
import { watch } from 'chokidar';
import { WATCHED_FOLDERS_MAX } from './limits.ts';

export type Hint = 'changed' | 'appeared-or-gone';

/** @returns a function that ends it */
export function watchForHints(
  options: { readonly folders: readonly string[]; readonly concerns: (path: string) => boolean },
  onHint: (hint: Hint, path: string) => void,
): () => Promise<void> {
  const folders = options.folders.slice(0, WATCHED_FOLDERS_MAX);
  const watcher = watch(folders, {
    depth: 0,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: (path, stats) => stats?.isFile() === true && !options.concerns(path),
  });
  watcher.on('all', (event, path) => onHint(event === 'change' ? 'changed' : 'appeared-or-gone', path));
  watcher.on('error', () => {
    // Out of watches, or a file system without them: looking goes on.
  });
  return () => watcher.close();
}
