/**
 * What every executable is linked from, whatever its platform: the bundled program and the folder of its assets.
 */
import { globSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram, bundleWorkers } from './bundle.ts';
import { bundlePages } from './page.ts';
import { assetsFolder } from './project.ts';
import { step } from './step.ts';

/** Gives the path of the program. */
export async function buildParts(): Promise<string> {
  const assets: string[] = [];
  let program = '';
  await step('program', async () => {
    program = await bundleProgram();
    return [program];
  });
  await mkdir(assetsFolder, { recursive: true });
  for (const [name, bundle] of Object.entries({ workers: bundleWorkers, pages: bundlePages })) {
    await step(name, async () => {
      const made = await bundle();
      assets.push(...made);
      return made;
    });
  }
  await removeOthers(assets);
  return program;
}

/** What an earlier build left would be embedded too. */
async function removeOthers(assets: readonly string[]): Promise<void> {
  for (const name of globSync('**/*.*', { cwd: assetsFolder })) {
    const path = join(assetsFolder, name);
    if (!assets.includes(path)) await rm(path);
  }
}
