/**
 * Whether anybody reads a pipe still. A writer that has nothing to write is not told when its reader leaves (`| head`), and
 * Node cannot poll a file descriptor; on Linux the processes that have the pipe open can be seen.
 */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';

/** Only the reader's own end can be read. */
const READABLE = 0o400;

/** @returns what tells that a reader was there and has left: true from then on. Never true where it cannot be known. */
export function watchPipeReader(fd: number): () => boolean {
  const pipe = process.platform === 'linux' ? linkOf(`/proc/self/fd/${fd}`) : undefined;
  if (!pipe?.startsWith('pipe:')) return () => false;
  // Now, before anything is printed: a quick reader has left by the first look.
  let reader = findReader(pipe);
  return () => {
    if (reader !== undefined && linkOf(reader) === pipe) return false;
    const hadReader = reader !== undefined;
    // Of several readers one may have left, or given the pipe to another.
    reader = findReader(pipe);
    return hadReader && reader === undefined;
  };
}

/** The path of a file descriptor that reads the pipe; undefined: none, or only of processes that are not ours to see. */
function findReader(pipe: string): string | undefined {
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${fd}`;
      if (linkOf(path) === pipe && isReadable(path)) return path;
    }
  }
  return undefined;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // It is closed, or another user's.
    return undefined;
  }
}

function isReadable(path: string): boolean {
  return ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & READABLE) !== 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process has ended, or is another user's.
    return [];
  }
}
