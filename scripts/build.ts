/**
 * `npm run build`: makes dist/logd, the executable of this platform. `--no-link` stops at what it is linked from.
 */
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { strippedBase } from './build/base.ts';
import { link } from './build/link.ts';
import { buildParts } from './build/parts.ts';
import { dist, version } from './build/project.ts';
import { runScript, step } from './build/step.ts';

const output = join(dist, process.platform === 'win32' ? 'logd.exe' : 'logd');

await runScript('The build', async () => {
  process.stdout.write(`logd ${version} for ${process.platform}-${process.arch}, by Node ${process.version}\n`);
  const program = await buildParts();
  if (process.argv.includes('--no-link')) return;
  let base = process.execPath;
  await step('base', async () => {
    base = await strippedBase(process.execPath, `${process.platform}-${process.arch}`);
    return base === process.execPath ? 'not stripped, for want of strip (Debian: binutils): 33 MB more' : [base];
  });
  await step(`dist/${basename(output)}`, async () => {
    await link({ program, base, output, hasCodeCache: true, check: checkStarts });
    return [output];
  });
});

async function checkStarts(path: string): Promise<void> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 60_000 });
  if (!stdout.includes(version)) throw new Error(`the new executable answers --version with "${stdout.trim()}"`);
}
