/**
 * What is compared, each as a process of its own: the built executable in a folder of its own, and Node alone.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Listening, startListening } from './listening.ts';

const EXECUTABLE = fileURLToPath(new URL('../../dist/logd', import.meta.url));
const BARE = fileURLToPath(new URL('bare.ts', import.meta.url));

/** @throws Error when it is not built, or ends before it listens */
export function serve(folder: string, ...options: string[]): Promise<Listening> {
  if (!existsSync(EXECUTABLE)) throw new Error('dist/logd is missing: run "npm run build" first');
  return startListening(EXECUTABLE, ['serve', '--port', '0', '--data', folder, ...options]);
}

/** The yardstick over HTTP, on a free port. */
export function serveBare(): Promise<Listening> {
  return startListening(process.execPath, [BARE]);
}
