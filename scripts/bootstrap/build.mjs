/**
 * Makes dist/logd what the sources say.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, say } from './project.mjs';

/** What the executable is made from. */
const SOURCES = ['src', 'scripts/build', 'scripts/build.ts', 'package.json', 'package-lock.json'];

export const program = join(root, 'dist', process.platform === 'win32' ? 'logd.exe' : 'logd');

/** Builds when the executable is missing or older than a source. Gives an exit code. */
export async function build() {
  const builtMs = modifiedMs(program);
  if (builtMs > 0 && SOURCES.every((source) => newestMs(join(root, source)) <= builtMs)) return 0;
  say('Building dist/logd …');
  return run('npm', ['run', '--silent', 'build']);
}

/** The latest change in a file or folder; a folder's own time tells of files that went. */
function newestMs(path) {
  const ownMs = modifiedMs(path);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return ownMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), ownMs);
}

/** 0 when there is no such file. */
function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
