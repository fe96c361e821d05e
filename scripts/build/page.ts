/**
 * The pages as assets: a script that loads its page's part, the script of the line that all pages share, a stylesheet for all and one for the clients page, and the
 * files of src/page that are served as they are.
 */
import { globSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { assetsFolder, root } from './project.ts';

/** Each has a part of its own, `src/page/<…>/<page>-page.tsx`. */
const PAGES = ['view', 'tickets', 'clients', 'sign-in'] as const;

const forBrowsers = {
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  splitting: true,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Makes the assets `page/page.js` and the parts it loads, `page/line-<hash>.js`, `page/page.css`, `page/clients.css`, `page/<page>.html` and `page/<file>` of every SVG file
 * of src/page.
 */
export async function bundlePages(): Promise<string[]> {
  const source = join(root, 'src/page');
  const target = join(assetsFolder, 'page');
  await mkdir(target, { recursive: true });
  const line = await bundleLine(source, target);
  const made = await build({
    ...forBrowsers,
    define: { ...forBrowsers.define, LINE_SCRIPT: JSON.stringify(`/assets/${basename(line)}`) },
    // One name for both: page.js and page.css.
    entryPoints: [
      { in: join(source, 'main.tsx'), out: 'page' },
      { in: join(source, 'style.css'), out: 'page' },
      { in: join(source, 'clients/clients.css'), out: 'clients' },
    ],
    outdir: target,
    chunkNames: 'part-[hash]',
    absWorkingDir: root,
  });
  const bundled = Object.keys(made.metafile.outputs).map((name) => join(root, name));
  const pictures = globSync('*.svg', { cwd: source });
  for (const name of pictures) await copyFile(join(source, name), join(target, name));
  const documents = await writeDocuments({
    template: join(source, 'index.html'),
    target,
    outputs: made.metafile.outputs,
  });
  return [line, ...bundled, ...pictures.map((name) => join(target, name)), ...documents];
}

type Outputs = Metafile['outputs'];

/** For each page the same document, but for the scripts it says the page will need: a slow line is not waited for thrice. */
async function writeDocuments({ template, target, outputs }: { template: string; target: string; outputs: Outputs }) {
  await refuseInlineScript(template);
  const text = await readFile(template, 'utf8');
  return Promise.all(
    PAGES.map(async (page) => {
      const path = join(target, `${page}.html`);
      const links = scriptsOf(page, outputs).map((name) => `    <link rel="modulepreload" href="/assets/${name}" />\n`);
      await writeFile(path, text.replace('  </head>', `${links.join('')}  </head>`));
      return path;
    }),
  );
}

/** The parts that a page loads before it shows itself. */
function scriptsOf(page: string, outputs: Outputs): string[] {
  const wanted = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(`/${page}-page.tsx`));
  const main = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith('/main.tsx'));
  if (!wanted || !main) throw new Error(`there is no ${page}-page.tsx that main.tsx loads`);
  const found = new Set<string>();
  const follow = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { kind, path: next } of outputs[path]?.imports ?? []) if (kind === 'import-statement') follow(next);
  };
  follow(wanted[0]);
  follow(main[0]);
  // It stands in the document already.
  found.delete(main[0]);
  return [...found].map((path) => basename(path));
}

/** The shared worker's script: one file, whose name changes with it, so that a page never meets one of another version. */
async function bundleLine(source: string, target: string): Promise<string> {
  const made = await build({
    ...forBrowsers,
    format: 'iife',
    splitting: false,
    entryPoints: [{ in: join(source, 'line/shared.ts'), out: 'line' }],
    entryNames: '[name]-[hash]',
    outdir: target,
    absWorkingDir: root,
  });
  const [name = ''] = Object.keys(made.metafile.outputs);
  return join(root, name);
}

/** The pages' Content-Security-Policy would keep it from running, silently. */
async function refuseInlineScript(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const found = /<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=|\sstyle\s*=|<style/i.exec(text)?.[0];
  if (found) throw new Error(`${path} has "${found.trim()}" in it: scripts and styles go into files of their own`);
}
