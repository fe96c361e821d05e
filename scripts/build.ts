/**
 * `npm run build`: makes dist/logd, the executable of this platform. `--no-link` stops at what it is linked from.
 */
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { strippedBase } from './build/base.ts';
import { bundleProgram, bundleWorkers } from './build/bundle.ts';
import { link } from './build/link.ts';
import { bundlePages } from './build/page.ts';
import { assetsFolder, dist, version } from './build/project.ts';
import { runScript, step } from './build/step.ts';

const output = join(dist, process.platform === 'win32' ? 'logd.exe' : 'logd');
const program = join(dist, 'cli.cjs');

await runScript('The build', async () => {
  process.stdout.write(`logd ${version} for ${process.platform}-${process.arch} on Node ${process.version}\n`);
  await mkdir(dist, { recursive: true });
  const made: string[] = [];
  const makeAssets = (make: () => Promise<string[]>) => async () => {
    const files = await make();
    made.push(...files);
    return files;
  };
  await step('program', async () => [await bundleProgram()]);
  await step('workers', makeAssets(bundleWorkers));
  await step('pages', makeAssets(bundlePages));
  await removeOtherAssets(made);
  if (process.argv.includes('--no-link')) return;
  let base = process.execPath;
  await step('base without symbols', async () => {
    base = await strippedBase(process.execPath, `${process.platform}-${process.arch}`);
    return base === process.execPath ? 'no strip here (Debian: binutils): the executable is 33 MB larger' : [base];
  });
  await step(output.slice(dist.length - 'dist'.length), async () => {
    await link({ program, base, output, hasCodeCache: true, check: checkStarts });
    return [output];
  });
});

/** What an earlier build left would be embedded too. */
async function removeOtherAssets(made: readonly string[]): Promise<void> {
  for (const name of globSync('**/*.*', { cwd: assetsFolder })) {
    const path = join(assetsFolder, name);
    if (!made.includes(path)) await rm(path);
  }
}

async function checkStarts(path: string): Promise<void> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 60_000 });
  if (!stdout.includes(version))
    throw new Error(`the new executable says "${stdout.trim()}" to --version, not ${version}`);
}
