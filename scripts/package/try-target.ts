/**
 * Starts a packaged executable where this machine can: in an empty folder, since beside a node_modules it might find
 * there what it lacks, and without a PATH, since it must need no Node.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../../src/system/files.ts';
import { dist, version } from '../build/project.ts';
import type { Target } from './targets.ts';

const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu';
const EMULATED_MS_MAX = 120_000;

/** A remark on what was seen. Throws when the executable runs and does not say its version. */
export async function tryTarget({ os, cpu, output }: Target): Promise<string> {
  const path = join(dist, output);
  if (os === process.platform && cpu === process.arch) return sayVersion(path, []);
  if (os === 'linux' && cpu === 'arm64' && process.platform === 'linux') {
    try {
      return `${await sayVersion('/usr/bin/qemu-aarch64-static', ['-L', ARM64_LIBRARIES, path])} (emulated)`;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      return 'not run: no qemu-aarch64-static here (Debian: qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross)';
    }
  }
  if (os === 'darwin')
    return 'not run: this is no Mac. It is unsigned: there, run "codesign --sign - logd-macos-arm64" once';
  return `not run: this is ${process.platform}-${process.arch}`;
}

async function sayVersion(command: string, args: readonly string[]): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'logd-try-'));
  try {
    const options = { cwd, env: {}, timeout: EMULATED_MS_MAX };
    const { stdout, stderr } = await promisify(execFile)(command, [...args, '--version'], options);
    if (!stdout.includes(version)) throw new Error(`it answers --version with "${stdout.trim()}"`);
    if (stderr !== '') throw new Error(`it starts with a complaint on stderr: ${stderr.trim()}`);
    return `runs: ${stdout.trim()}`;
  } finally {
    await rm(cwd, { recursive: true });
  }
}
