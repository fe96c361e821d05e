/**
 * The version of logd: the build puts it in; from source it is read from package.json.
 */
import { readFileSync } from 'node:fs';

declare const LOGD_VERSION: string | undefined;

export const version: string = typeof LOGD_VERSION === 'string' ? LOGD_VERSION : versionOfSource();

function versionOfSource(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('BUG: package.json has no version');
}
