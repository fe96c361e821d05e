/**
 * The Node binary that an executable is linked into, without the symbols that only a debugger of Node needs.
 * They go before the link: strip would cut off what the link adds.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, nodeVersion } from './project.ts';

const run = promisify(execFile);

/** A strip that knows the target, the first one found is used. Other platforms than Linux are not stripped. */
const STRIPS: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': [process.arch === 'x64' ? 'strip' : 'x86_64-linux-gnu-strip', 'llvm-strip'],
  'linux-arm64': [process.arch === 'arm64' ? 'strip' : 'aarch64-linux-gnu-strip', 'llvm-strip'],
};

/** A stripped copy of the binary, or the binary itself where there is no strip for it. */
export async function strippedBase(binary: string, target: string): Promise<string> {
  const stripped = join(cacheFolder, 'bases', `${nodeVersion}-${target}-stripped`);
  if (existsSync(stripped)) return stripped;
  await mkdir(dirname(stripped), { recursive: true });
  for (const strip of STRIPS[target] ?? []) {
    const fresh = `${stripped}.${process.pid}.new`;
    try {
      await run(strip, ['-o', fresh, binary]);
    } catch {
      // Not installed, or it does not know the target: the next one may, and without any the executable is only larger.
      continue;
    }
    await rename(fresh, stripped);
    return stripped;
  }
  return binary;
}
