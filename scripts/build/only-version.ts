/**
 * The program reads its version from package.json; the rest of that file stays out of the bundle.
 */
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { root, version } from './project.ts';

export const onlyVersion: Plugin = {
  name: 'only-version',
  setup(build) {
    build.onLoad({ filter: /package\.json$/ }, ({ path }) =>
      path === join(root, 'package.json') ? { contents: JSON.stringify({ version }), loader: 'json' } : undefined,
    );
  },
};
