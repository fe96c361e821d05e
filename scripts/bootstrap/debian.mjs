/**
 * Packages of Debian and what is made from it.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './project.mjs';

/** Whether packages can be installed without asking anybody. */
export function canInstallPackages() {
  return process.getuid?.() === 0 && hasCommand('apt-get');
}

/** Gives an exit code. */
export async function installPackages(names) {
  const updated = await run('apt-get', ['update', '-qq']);
  if (updated !== 0) return updated;
  const args = ['apt-get', 'install', '-y', '-qq', '-o=Dpkg::Use-Pty=0', '--no-install-recommends', ...names];
  return run('env', ['DEBIAN_FRONTEND=noninteractive', 'DEBCONF_NOWARNINGS=yes', ...args]);
}

export function hasCommand(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}
