/**
 * Files that belong to the program: pages, workers. In the executable they are embedded; beside the bundle they lie in
 * `dist/assets`; from source, workers are started from their TypeScript files and pages from `dist/assets`.
 */
import { readFileSync } from 'node:fs';
import { getRawAsset, isSea } from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The bytes of an asset such as `page/view.html`; undefined when there is none of that name. */
export function readAsset(name: string): Buffer | undefined {
  try {
    return isSea()
      ? Buffer.from(getRawAsset(name))
      : readFileSync(new URL(`../../dist/assets/${name}`, import.meta.url));
  } catch {
    // An unknown name is an answer, not a fault.
    return undefined;
  }
}

/**
 * Starts a worker thread.
 * @param source its TypeScript file; the build embeds it as `worker/<its name without .ts>.js`
 */
export function startWorker(source: URL, options: WorkerOptions = {}): Worker {
  if (!isSea()) return new Worker(source, options);
  const name = source.pathname.replace(/^.*\//, '').replace(/\.ts$/, '');
  const text = readAsset(`worker/${name}.js`);
  if (!text) throw new Error(`BUG: the executable has no worker "${name}"`);
  return new Worker(text.toString(), { ...options, eval: true });
}
