/**
 * dist/logd stands alone: no Node, no files beside it, nothing out of the environment.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { emptyFolder, runToEnd, serve } from '../support/executable.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

test('executable: says its version in an empty folder, without a PATH', async (t) => {
  const ended = await runToEnd(['--version'], { cwd: await emptyFolder(t) });
  assert.deepEqual(ended, { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('executable: NODE_OPTIONS of the user do not change it', async (t) => {
  const env = { NODE_OPTIONS: '--require /nowhere.cjs --inspect' };
  const ended = await runToEnd(['--version'], { cwd: await emptyFolder(t), env });
  assert.deepEqual(ended, { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('executable: an option of Node is no option of logd', async (t) => {
  const ended = await runToEnd(['--eval', 'console.log(1)'], { cwd: await emptyFolder(t) });
  assert.equal(ended.code, 2);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /--eval/);
});

test('executable: serves its pages and all they load out of itself', async (t) => {
  await using server = await serve([], { cwd: await emptyFolder(t) });
  const page = await fetch(`${server.url}/view`);
  assert.equal(page.status, 200);
  const html = await page.text();
  const loaded = [...html.matchAll(/\s(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
  assert.deepEqual(
    ['.css', '.js', '.svg'].filter((ending) => !loaded.some((path) => path.endsWith(ending))),
    [],
    html,
  );
  for (const path of loaded) {
    const answer = await fetch(server.url + path);
    assert.equal(answer.status, 200, path);
    assert.notEqual((await answer.arrayBuffer()).byteLength, 0, path);
  }
});
