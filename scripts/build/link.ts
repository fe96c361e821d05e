/**
 * Links program and assets into a Node binary: one executable that needs nothing beside it.
 */
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { assetsFolder, cacheFolder, nodeVersion } from './project.ts';

const run = promisify(execFile);

export interface LinkOptions {
  /** The bundled program, CommonJS. */
  readonly program: string;
  /** The Node binary of the target platform, of the version this script runs on. */
  readonly base: string;
  /** The executable; replaced whole or not at all. */
  readonly output: string;
  /** V8's compiled form of the program is embedded: only where the target is the platform the link runs on. */
  readonly hasCodeCache: boolean;
  /** Looks at the executable before it is put in place; throws when it is no good. */
  readonly check?: ((path: string) => Promise<void>) | undefined;
}

/** Takes 1.1 GB of memory: one at a time. */
export async function link({ program, base, output, hasCodeCache, check }: LinkOptions): Promise<void> {
  if (process.version !== nodeVersion) {
    throw new Error(`the executable is linked by Node ${nodeVersion}, this is ${process.version}: run it by npm run`);
  }
  const fresh = `${output}.${process.pid}.new`;
  const config = join(cacheFolder, `link-${process.pid}.json`);
  await mkdir(dirname(config), { recursive: true });
  const assets = globSync('**/*.*', { cwd: assetsFolder }).map((name) => name.replaceAll('\\', '/'));
  const settings = {
    main: program,
    output: fresh,
    executable: base,
    disableExperimentalSEAWarning: true,
    useCodeCache: hasCodeCache,
    // Bodies of megabytes that come and go make V8 collect often, though its own heap is small. Marking that on other threads
    // costs several times what it saves; with a small space for what is young the cheap collection comes first, and most of
    // them are gone before a whole one is due.
    execArgv: ['--disable-warning=ExperimentalWarning', '--no-concurrent-marking'],
    // A user's NODE_OPTIONS must not change the tool.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map((name) => [name, join(assetsFolder, name)])),
  };
  try {
    await writeFile(config, JSON.stringify(settings));
    await run(process.execPath, ['--build-sea', config], { env: { ...process.env, NODE_OPTIONS: '' } });
    await chmod(fresh, 0o755);
    await check?.(fresh);
    await rename(fresh, output);
  } finally {
    await rm(config, { force: true });
    await rm(fresh, { force: true });
  }
}
