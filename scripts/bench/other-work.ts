/**
 * How much of the machine others use while a benchmark runs, out of /proc: Linux alone. Figures of a busy round say little.
 */
import { readFileSync } from 'node:fs';

/** The first eight columns of /proc/stat's first line; guests are counted within the first two (proc(5)). */
const COLUMNS = 8;
const IDLE = 3;
const IO_WAIT = 4;

/**
 * Begins to look. The function it gives tells the part since then, 0 to 1, of all processors; the processes that this one
 * has started must have ended by then, or they count as others.
 */
export function watchOtherWork(): () => number {
  const before = look();
  return () => {
    const now = look();
    const others = now.busy - before.busy - (now.own - before.own);
    return Math.max(0, others / (now.all - before.all));
  };
}

function look(): { readonly all: number; readonly busy: number; readonly own: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const columns = line
    .trim()
    .split(/\s+/)
    .slice(1, COLUMNS + 1)
    .map(Number);
  const all = columns.reduce((sum, ticks) => sum + ticks, 0);
  // The name in parentheses may hold spaces; after it stand user and system time, then those of children that ended.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  return { all, busy: all - (columns[IDLE] ?? 0) - (columns[IO_WAIT] ?? 0), own };
}
