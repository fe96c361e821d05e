/**
 * Makes node_modules what package-lock.json says, and sees that the Node in it runs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareNode } from './node.mjs';
import { root, run, say } from './project.mjs';

/** Runs npm ci when something is missing or of another version. Gives an exit code. */
export async function install() {
  if (!isInstalled()) {
    say('Installing what logd is built with (npm ci) …');
    // No package's script is needed, and one of them would fail for want of a library before that can be said.
    const code = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) {
      process.stderr.write('npm ci failed: look at its lines above. It needs the npm registry.\n');
      return code;
    }
  }
  return prepareNode();
}

/** By content, not by time: git and npm touch both files as they like. */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = present[path];
    // What is optional may be for another platform.
    return found ? found.version === version : optional === true;
  });
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    // Missing or cut short: not installed.
    return undefined;
  }
}
