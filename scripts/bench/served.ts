/**
 * What is compared, each as a process of its own: the built executable in a folder of its own, and Node alone.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Listening, startListening } from './listening.ts';

const EXECUTABLE = fileURLToPath(new URL('../../dist/logd', import.meta.url));
const BARE = fileURLToPath(new URL('bare.ts', import.meta.url));

/** @throws Error when it is not built, or ends before it listens */
export function serve(folder: string, ...options: string[]): Promise<Listening> {
  return startListening(installed(), ['serve', '--port', '0', '--data', folder, ...options]);
}

let copy: string | undefined;

/**
 * A copy of it, as a user has one: of a file that has just been written by the linker, the system keeps larger pieces in
 * memory, which count as the process's own.
 */
export function installed(): string {
  if (copy !== undefined) return copy;
  if (!existsSync(EXECUTABLE)) throw new Error('dist/logd is missing: run "npm run build" first');
  const folder = mkdtempSync(join(tmpdir(), 'logd-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  copy = join(folder, 'logd');
  copyFileSync(EXECUTABLE, copy);
  return copy;
}

/** The yardstick over HTTP, on a free port. */
export function serveBare(): Promise<Listening> {
  return startListening(process.execPath, [BARE]);
}
