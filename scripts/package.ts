/**
 * `npm run package`: one executable per platform and their checksums in dist. Tries each of them that this machine can
 * run, in an empty folder and without a PATH, and says which ones it could not.
 */
import { join } from 'node:path';
import { strippedBase } from './build/base.ts';
import { link } from './build/link.ts';
import { buildParts } from './build/parts.ts';
import { dist, version } from './build/project.ts';
import { runScript, step } from './build/step.ts';
import { fetchBase } from './package/fetch-base.ts';
import { writeLicenses } from './package/licenses.ts';
import { writeSums } from './package/sums.ts';
import { type Target, targets } from './package/targets.ts';
import { tryTarget } from './package/try-target.ts';

await runScript('Packaging', async () => {
  process.stdout.write(`logd ${version}, by Node ${process.version}\n`);
  const program = await buildParts();
  // One after another: a link takes 1.1 GB of memory.
  for (const target of targets) await makeTarget(target, program);
  await step('SHA256SUMS', async () => [await writeSums(targets.map(({ output }) => join(dist, output)))]);
  await step('LICENSES.txt', async () => [await writeLicenses()]);
  for (const target of targets) await step(`try ${target.output}`, () => tryTarget(target));
});

async function makeTarget(target: Target, program: string): Promise<void> {
  const output = join(dist, target.output);
  const platform = `${target.os}-${target.cpu}`;
  let base = '';
  await step(`base ${platform}`, async () => {
    base = await strippedBase(await fetchBase(target), platform);
    return [base];
  });
  await step(`dist/${target.output}`, async () => {
    await link({ program, base, output, hasCodeCache: platform === `${process.platform}-${process.arch}` });
    return [output];
  });
}
