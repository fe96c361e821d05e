/**
 * Bundles for Node: the program and its workers, each one file of CommonJS that needs nothing beside it.
 */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { assetsFolder, dist, root, version } from './project.ts';
import { trimBlessed } from './trim-blessed.ts';

const forNode: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'cjs',
  target: 'node26',
  charset: 'utf8',
  legalComments: 'none',
  // In the executable a script is not a file: an import() that esbuild leaves alone would look for one.
  supported: { 'dynamic-import': false },
  banner: { js: 'const __imu=require("node:url").pathToFileURL(__filename).href;' },
  define: { 'import.meta.url': '__imu', LOGD_VERSION: JSON.stringify(version) },
  plugins: [trimBlessed],
  logLevel: 'warning',
};

/** Makes dist/cli.cjs. */
export async function bundleProgram(): Promise<string> {
  const outfile = join(dist, 'cli.cjs');
  await build({ ...forNode, entryPoints: [join(root, 'src/cli/main.ts')], outfile });
  return outfile;
}

/** Every `<name>-worker.ts` below src becomes the asset `worker/<name>-worker.js`. */
export async function bundleWorkers(): Promise<string[]> {
  const sources = globSync('src/**/*-worker.ts', { cwd: root });
  const outfiles = sources.map((source) => join(assetsFolder, 'worker', basename(source).replace(/\.ts$/, '.js')));
  const twice = outfiles.find((outfile, index) => outfiles.indexOf(outfile) !== index);
  if (twice) throw new Error(`two workers are called ${basename(twice, '.js')}: rename one, assets have no folders`);
  await Promise.all(
    sources.map((source, index) =>
      build({ ...forNode, entryPoints: [join(root, source)], outfile: outfiles[index] ?? '' }),
    ),
  );
  return outfiles;
}
