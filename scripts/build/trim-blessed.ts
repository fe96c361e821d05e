/**
 * Makes blessed and blessed-contrib fit for a bundle: no requires by computed names, no files beside the program, no
 * libraries behind widgets that the dashboard does not have.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Loaded by widgets that are not used: terminals, maps, markdown, pictures, line charts. */
const LEFT_OUT = [
  'term.js',
  'pty.js',
  'map-canvas',
  'marked',
  'marked-terminal',
  'picture-tuber',
  'memory-streams',
  'lodash',
];

const READS_TERMINFO = /file = path\.normalize\(this\._prefix\(term\)\);\s*data = fs\.readFileSync\(file\);/;
const REQUIRES_BY_NAME =
  /widget\.classes\.forEach\(function\(name\) \{[^}]*require\('\.\/widgets\/' \+ file\);\s*\}\);/;
const CLASS_LIST = /widget\.classes = \[([^\]]*)\];/;

export const trimBlessed: Plugin = {
  name: 'trim-blessed',
  setup(build) {
    const names = LEFT_OUT.map((name) => name.replaceAll('.', '\\.')).join('|');
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, (args) => ({ path: args.path, namespace: 'left-out' }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));

    build.onLoad({ filter: /[\\/]blessed[\\/]lib[\\/]widget\.js$/ }, async (args) => {
      const text = await readFile(args.path, 'utf8');
      const classes = [...(CLASS_LIST.exec(text)?.[1] ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
      const requires = classes.map((name) => {
        const file = name.toLowerCase();
        return `widget.${name} = widget.${file} = require('./widgets/${file}');`;
      });
      return { contents: replaceOnce(text, REQUIRES_BY_NAME, requires.join('\n')) };
    });

    // Whatever the terminal calls itself, it is spoken to as xterm-256color: the parser of 2015 cannot read newer forms.
    build.onLoad({ filter: /[\\/]blessed[\\/]lib[\\/]tput\.js$/ }, async (args) => {
      const text = await readFile(args.path, 'utf8');
      const info = await readFile(join(dirname(args.path), '../usr/xterm-256color'), 'base64');
      const embedded = `file = 'xterm-256color'; data = Buffer.from('${info}', 'base64');`;
      return { contents: replaceOnce(text, READS_TERMINFO, embedded) };
    });
  },
};

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(text))
    throw new Error(`blessed has changed: ${pattern} no longer matches, look at trim-blessed.ts`);
  return text.replace(pattern, () => replacement);
}
