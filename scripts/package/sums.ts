/**
 * dist/SHA256SUMS, in the form that `sha256sum --check` reads.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dist } from '../build/project.ts';

/** Gives the path of the list. */
export async function writeSums(files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    lines.push(`${hash.digest('hex')}  ${basename(file)}\n`);
  }
  const path = join(dist, 'SHA256SUMS');
  await writeFile(path, lines.join(''));
  return path;
}
