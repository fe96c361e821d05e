/**
 * Fetches the Node binary of a platform from the npm registry, checked against the hashes of scripts/targets.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, nodeVersion, root } from '../build/project.ts';
import type { Target } from './targets.ts';

/** Gives the path of the binary; fetches it only once. */
export async function fetchBase({ os, cpu, binary }: Target): Promise<string> {
  const bases = join(cacheFolder, 'bases');
  const kept = join(bases, `${nodeVersion}-${os}-${cpu}`);
  if (existsSync(kept)) return kept;
  const folder = join(cacheFolder, 'targets');
  await mkdir(folder, { recursive: true });
  await mkdir(bases, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    await copyFile(join(root, 'scripts/targets', name), join(folder, name));
  }
  // One platform at a time: the packages share the name of their command.
  const args = ['ci', `--os=${os}`, `--cpu=${cpu}`, '--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', args, { cwd: folder, shell: process.platform === 'win32' });
  await rename(join(folder, 'node_modules', binary), kept);
  await rm(folder, { recursive: true });
  return kept;
}
