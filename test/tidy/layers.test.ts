/**
 * The order of the folders of src: who may know whom.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaOf, readSourceFiles, type SourceFile } from './source-files.ts';

const RULE = 'a file imports from a lower rank or from its own folder, never sideways';

const RANKS: Readonly<Record<string, number>> = {
  entry: 0,
  system: 0,
  decode: 1,
  hub: 1,
  viewer: 1,
  store: 2,
  api: 2,
  server: 3,
  agent: 3,
  dashboard: 3,
  page: 3,
  cli: 4,
};

/** Folders that run in a browser too. */
const FOR_BROWSERS = ['entry', 'viewer', 'page'];
const KNOWN_TO_PAGE = ['page', 'entry', 'decode', 'viewer', 'api'];

const files = readSourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));

test('layers: every folder of src has a rank', () => {
  const unknown = files.map(({ path }) => path).filter((path) => RANKS[areaOf(path)] === undefined);
  assert.deepEqual(unknown, [], `each folder below src needs a rank in this test: ${Object.keys(RANKS).join(', ')}`);
});

test(`layers: ${RULE}`, () => {
  const broken = everyImport().filter(({ from, to }) => rankOf(to) >= rankOf(from) && areaOf(to) !== areaOf(from));
  assert.deepEqual(shown(broken), [], RULE);
});

test('layers: the pages know entry, decode, viewer and api, and nothing of store or system', () => {
  const broken = everyImport().filter(({ from, to }) => areaOf(from) === 'page' && !KNOWN_TO_PAGE.includes(areaOf(to)));
  assert.deepEqual(shown(broken), [], 'the pages speak to a server over HTTP alone');
});

test('layers: what runs in a browser reaches no module of Node', () => {
  const broken = files
    .filter(({ path }) => FOR_BROWSERS.includes(areaOf(path)))
    .map((file) => wayToNode(file))
    .filter((way) => way !== undefined);
  assert.deepEqual(broken, [], `${FOR_BROWSERS.join(', ')} import no node: module, directly or through others`);
});

test('layers: src knows nothing of scripts and tests', () => {
  const broken = everyImport().filter(({ to }) => /^(scripts|test|bin)\//.test(to));
  assert.deepEqual(shown(broken), [], 'the program stands without its scripts and tests');
});

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Imports within the project. */
function everyImport(): Edge[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target.includes('/') && /\.(ts|tsx)$/.test(target))
      .map(({ target }) => ({ from: path, to: target })),
  );
}

function rankOf(path: string): number {
  return RANKS[areaOf(path)] ?? -1;
}

function shown(edges: readonly Edge[]): string[] {
  return edges.map(({ from, to }) => `${from} imports ${to}`);
}

/** The first chain of imports that ends at a module of Node. */
function wayToNode(start: SourceFile): string | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[start.path]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    const file = byPath.get(way.at(-1) ?? '');
    if (!file || seen.has(file.path)) continue;
    seen.add(file.path);
    for (const { target, isTypeOnly } of file.imports) {
      if (isTypeOnly) continue;
      if (target.startsWith('node:')) return [...way, target].join(' → ');
      ways.push([...way, target]);
    }
  }
  return undefined;
}
