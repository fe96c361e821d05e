/**
 * The files of src as the tidy tests see them: text, text without comments, imports.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the root of the project: `src/store/store.ts`. */
  readonly path: string;
  readonly text: string;
  /** Without comments and without what strings say; lines stay where they are. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path from the root of the project, or a package's name. */
  readonly target: string;
  /** Erased before it runs. */
  readonly isTypeOnly: boolean;
}

/** Every TypeScript file of src. */
export function readSourceFiles(): SourceFile[] {
  return globSync('src/**/*.{ts,tsx}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.d.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, code: codeOf(text), imports: importsOf(path, text) };
    });
}

/** The folder below src that a file belongs to: `store` of `src/store/file/index.ts`. */
export function areaOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'|new URL\(\s*'([^']+\.ts)'/gm;

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, plain, dynamic, worker]) => {
    const target = plain ?? dynamic ?? worker ?? '';
    return { target: target.startsWith('.') ? join(dirname(path), target) : target, isTypeOnly: type !== undefined };
  });
}

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

function codeOf(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (found) => found.replace(/[^\n]/g, ' '));
}
