/**
 * `npm test`: installs and builds what is missing, then runs every check and every test. Plain JavaScript for Node 20.
 * With arguments only those test files: npm test -- test/entry/codec.test.ts
 */
import { build } from './bootstrap/build.mjs';
import { install } from './bootstrap/install.mjs';
import { run } from './bootstrap/project.mjs';
import { installTools } from './bootstrap/tools.mjs';

process.exitCode = (await prepare()) || (await test(process.argv.slice(2)));

async function prepare() {
  const code = await install();
  if (code !== 0) return code;
  await installTools();
  return build();
}

function test(files) {
  return files.length > 0 ? run('node', ['--test', ...files]) : run('node', ['scripts/check.mjs']);
}
